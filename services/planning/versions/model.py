"""Versions of a workflow: drafted, approved by a second admin, published, retired.

A draft is a change request. The status of a version follows from its acts, which are only ever added. One version of a
name is the published one, by which new plans live; a plan keeps the version it started with, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.kit.change_request import EXPIRES_AFTER
from services.kit.problems import Problem
from services.planning.callers.model import ActorKind, AdminActor
from workflows.model.definition import Definition
from workflows.model.findings import Finding

PATH = ("sha256",)


class VersionStatus(StrEnum):
    """Where a version stands; the act of the same name leads there. `expired` is computed, no act says so."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RETIRED = "retired"


INACTIVE = frozenset(
    {VersionStatus.REJECTED, VersionStatus.EXPIRED, VersionStatus.RETIRED}
)  # the same content can be drafted again
# How the record of admin acts names what leads to a status.
STATUS_BY_ACT = {
    "proposed": VersionStatus.DRAFTED,
    "approved": VersionStatus.APPROVED,
    "executed": VersionStatus.PUBLISHED,
    "published": VersionStatus.PUBLISHED,
    "rejected": VersionStatus.REJECTED,
    "withdrawn": VersionStatus.RETIRED,
    "retired": VersionStatus.RETIRED,
}


@dataclass(frozen=True, slots=True)
class VersionAct:
    """One act on a version. `number` counts the acts of the name; `parent` is what a draft was made from.

    `request` is the change request that the act belongs to; None for what needs no second person.
    """

    name: str
    number: int
    sha256: str
    act: VersionStatus
    actor: AdminActor
    reason: str
    at: datetime
    parent: str | None = None
    request: int | None = None


@dataclass(frozen=True, slots=True)
class DefinitionProblem(Problem):
    """A finding in a definition; with the definition, where it could be read, its witness can be told."""

    finding: Finding = field(kw_only=True)
    definition: Definition | None = field(kw_only=True, repr=False)


def find_published(acts: Sequence[VersionAct]) -> str | None:
    """The version that new plans live by, of the acts of one name in their order."""
    return next((act.sha256 for act in reversed(acts) if act.act is VersionStatus.PUBLISHED), None)


def find_status(acts: Sequence[VersionAct], sha256: str, now: datetime) -> VersionStatus | None:
    """Where a version stands, of the acts of its name; None where nobody did anything with it.

    A version that was published and replaced is an approved one again: publishing it takes the change back.
    """
    own = [act for act in acts if act.sha256 == sha256]
    if not own:
        return None
    last = own[-1].act
    if last is VersionStatus.DRAFTED and now >= own[-1].at + EXPIRES_AFTER:
        return VersionStatus.EXPIRED
    if last is VersionStatus.PUBLISHED and find_published(acts) != sha256:
        return VersionStatus.APPROVED
    return last


def list_unpublished(acts: Sequence[VersionAct], now: datetime) -> list[str]:
    """The versions of a name that may yet be published: drafts and approved ones, last acted on first."""
    newest_first = dict.fromkeys(act.sha256 for act in reversed(acts))
    return [
        one
        for one in newest_first
        if find_status(acts, one, now) in {VersionStatus.DRAFTED, VersionStatus.APPROVED}
    ]


def find_change_request(acts: Sequence[VersionAct], sha256: str) -> int | None:
    """The change request that a version was last drafted with; None where a release published it."""
    own = (act for act in reversed(acts) if act.sha256 == sha256)
    return next((act.request for act in own if act.request is not None), None)


def choose_shipped_status(
    acts: Sequence[VersionAct], sha256: str, *, has_plans: bool
) -> VersionStatus | None:
    """What a release does with the definition it brings: publish it before there are plans, draft it afterwards.

    It is a draft too once a person has published a version. Nothing where it did so before: of two releases running
    side by side neither takes back what the other did.
    """
    own = [act.act for act in acts if act.sha256 == sha256]
    by_person = any(
        act.act is VersionStatus.PUBLISHED and act.actor.kind is not ActorKind.RELEASE for act in acts
    )
    if by_person or (has_plans and acts):
        return None if own else VersionStatus.DRAFTED
    return (
        None
        if {VersionStatus.PUBLISHED, VersionStatus.RETIRED}.intersection(own)
        else VersionStatus.PUBLISHED
    )


def find_problems(
    acts: Sequence[VersionAct], sha256: str, target: VersionStatus, now: datetime
) -> Iterator[Problem]:
    """Why this may not be done with a version now, whoever asks, or nothing."""
    status = find_status(acts, sha256, now)
    if status is None:
        yield Problem("workflow.unknown", {}, PATH)
    elif (code := _REFUSAL_CODES.get((target, status))) is not None:
        yield Problem(code, {}, PATH)


_DECISIONS = (VersionStatus.APPROVED, VersionStatus.REJECTED)
_REFUSAL_CODES = {
    **{(wanted, VersionStatus.APPROVED): "workflow.approved_already" for wanted in _DECISIONS},
    **{
        (wanted, VersionStatus.PUBLISHED): "workflow.published_already"
        for wanted in (*_DECISIONS, VersionStatus.PUBLISHED)
    },
    **{
        (wanted, VersionStatus.RETIRED): "workflow.retired"
        for wanted in (*_DECISIONS, VersionStatus.PUBLISHED)
    },
    **{
        (wanted, over): f"change_request.{over}"
        for wanted in (*_DECISIONS, VersionStatus.PUBLISHED)
        for over in (VersionStatus.REJECTED, VersionStatus.EXPIRED)
    },
    **{(VersionStatus.RETIRED, over): "workflow.retired_already" for over in INACTIVE},
    (VersionStatus.PUBLISHED, VersionStatus.DRAFTED): "workflow.not_approved",
    (VersionStatus.RETIRED, VersionStatus.PUBLISHED): "workflow.in_use",
}


@dataclass(frozen=True, slots=True)
class PlanCount:
    """How many plans of a period live in a state of a version."""

    workflow: str
    period: str
    state: str
    plans: int
