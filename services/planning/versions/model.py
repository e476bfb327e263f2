"""Versions of a workflow: drafted, approved by a second admin, published, retired.

What anybody did is an act, and acts are only ever added; where a version stands follows from them. One version of a
name is the published one, by which new plans live; a plan keeps the version it started with, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.kit.problems import Problem
from services.planning.callers.model import By, Kind
from workflows.model.definition import Definition
from workflows.model.findings import Finding


class Status(StrEnum):
    """Where a version stands; the act of the same name leads there."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a version. `number` counts the acts of the name; `parent` is what a draft was made from."""

    name: str
    number: int
    sha256: str
    act: Status
    by: By
    reason: str
    at: datetime
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class DefinitionProblem(Problem):
    """A finding in a definition; with the definition, where it could be read, its witness can be told."""

    finding: Finding = field(kw_only=True)
    definition: Definition | None = field(kw_only=True, repr=False)


def published_of(acts: Sequence[Act]) -> str | None:
    """The version that new plans live by, of the acts of one name in their order."""
    return next((act.sha256 for act in reversed(acts) if act.act is Status.PUBLISHED), None)


def status_of(acts: Sequence[Act], sha256: str) -> Status | None:
    """Where a version stands, of the acts of its name; None where nobody did anything with it.

    A version that was published and replaced is an approved one again: publishing it takes the change back.
    """
    own = [act.act for act in acts if act.sha256 == sha256]
    if not own or own[-1] is not Status.PUBLISHED:
        return own[-1] if own else None
    return Status.PUBLISHED if published_of(acts) == sha256 else Status.APPROVED


def to_come(acts: Sequence[Act]) -> list[str]:
    """The versions of a name that may yet be published: drafts and approved ones, last acted on first."""
    newest_first = dict.fromkeys(act.sha256 for act in reversed(acts))
    return [one for one in newest_first if status_of(acts, one) in {Status.DRAFTED, Status.APPROVED}]


def drafted_by(acts: Sequence[Act], sha256: str) -> By | None:
    """The author: who drafted it last, else who first did anything with it."""
    own = [act for act in acts if act.sha256 == sha256]
    drafts = [act.by for act in own if act.act is Status.DRAFTED]
    return drafts[-1] if drafts else own[0].by if own else None


def shipped_act(acts: Sequence[Act], sha256: str) -> Status | None:
    """What a release does with the definition it brings: publish it, unless a person has published one; then draft it.

    Nothing where it did so before: of two releases running side by side neither takes back what the other did.
    """
    own = [act.act for act in acts if act.sha256 == sha256]
    if any(act.act is Status.PUBLISHED and act.by.kind is not Kind.RELEASE for act in acts):
        return None if own else Status.DRAFTED
    return None if {Status.PUBLISHED, Status.RETIRED}.intersection(own) else Status.PUBLISHED


def refusals(acts: Sequence[Act], sha256: str, wanted: Status, by: By) -> Iterator[Problem]:
    """Why this may not be done with a version now, or nothing."""
    status, author = status_of(acts, sha256), drafted_by(acts, sha256)
    if status is None:
        yield Problem("workflow.unknown", {}, ("input", "sha256"))
    elif (code := _NOT_FROM.get((wanted, status))) is not None:
        yield Problem(code, {}, ("input", "sha256"))
    elif wanted is Status.APPROVED and author is not None and by.is_same_person(author):
        yield Problem("workflow.approver_is_author")


_NOT_FROM = {
    (Status.APPROVED, Status.APPROVED): "workflow.approved_already",
    (Status.APPROVED, Status.PUBLISHED): "workflow.published_already",
    (Status.APPROVED, Status.RETIRED): "workflow.retired",
    (Status.PUBLISHED, Status.DRAFTED): "workflow.not_approved",
    (Status.PUBLISHED, Status.PUBLISHED): "workflow.published_already",
    (Status.PUBLISHED, Status.RETIRED): "workflow.retired",
    (Status.RETIRED, Status.PUBLISHED): "workflow.in_use",
    (Status.RETIRED, Status.RETIRED): "workflow.retired_already",
}
