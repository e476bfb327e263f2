"""Versions of a workflow: proposed, approved by a second admin, published, retired.

A proposal is a change request. The status of a version follows from its acts, which are only ever added. New plans use
the published version of a workflow. A plan keeps the version it started with.
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

PATH = ("workflow_version_id",)


class VersionStatus(StrEnum):
    """The status of a version, and the act that leads to it. `expired` is computed and has no act."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RETIRED = "retired"


# The same content can be proposed again.
INACTIVE = frozenset({VersionStatus.REJECTED, VersionStatus.EXPIRED, VersionStatus.RETIRED})
STATUS_BY_ACT = {
    "proposed": VersionStatus.PROPOSED,
    "approved": VersionStatus.APPROVED,
    "executed": VersionStatus.PUBLISHED,
    "published": VersionStatus.PUBLISHED,
    "rejected": VersionStatus.REJECTED,
    "withdrawn": VersionStatus.RETIRED,
    "retired": VersionStatus.RETIRED,
}


@dataclass(frozen=True, slots=True)
class VersionAct:
    """An act on a version.

    `number` counts the acts on all versions of the workflow. `based_on` is the version that a proposal was made from.
    `request` is the change request of the act, or None for an act that takes one person.
    """

    name: str
    number: int
    sha256: str
    act: VersionStatus
    actor: AdminActor
    reason: str
    at: datetime
    based_on: str | None = None
    request: int | None = None


@dataclass(frozen=True, slots=True)
class DefinitionProblem(Problem):
    """A finding in a definition.

    `definition` is needed to print the witness; None if it cannot be parsed.
    """

    finding: Finding = field(kw_only=True)
    definition: Definition | None = field(kw_only=True, repr=False)


def find_published(acts: Sequence[VersionAct]) -> str | None:
    """Find the published version in the acts on a workflow, which are in their order."""
    return next((act.sha256 for act in reversed(acts) if act.act is VersionStatus.PUBLISHED), None)


def find_status(acts: Sequence[VersionAct], sha256: str, now: datetime) -> VersionStatus | None:
    """Find the status of a version in the acts on its workflow. Returns None if the version has no act.

    A published version that was replaced is approved again, so that it can be published again.
    """
    last = next((act for act in reversed(acts) if act.sha256 == sha256), None)
    if last is None:
        return None
    if last.act is VersionStatus.PROPOSED and now >= last.at + EXPIRES_AFTER:
        return VersionStatus.EXPIRED
    if last.act is VersionStatus.PUBLISHED and find_published(acts) != sha256:
        return VersionStatus.APPROVED
    return last.act


def list_unpublished(acts: Sequence[VersionAct], now: datetime) -> list[str]:
    """List the proposed and approved versions of a workflow. The version with the latest act comes first."""
    newest_first = dict.fromkeys(act.sha256 for act in reversed(acts))
    statuses = {VersionStatus.PROPOSED, VersionStatus.APPROVED}
    return [sha256 for sha256 in newest_first if find_status(acts, sha256, now) in statuses]


def find_change_request(acts: Sequence[VersionAct], sha256: str) -> int | None:
    """Find the change request of the last proposal of a version. Returns None if a release published the version."""
    requests = (act.request for act in reversed(acts) if act.sha256 == sha256)
    return next((request for request in requests if request is not None), None)


def choose_shipped_status(
    acts: Sequence[VersionAct], sha256: str, *, has_plans: bool
) -> VersionStatus | None:
    """Choose what a release does with its own definition: publish it, propose it, or None for nothing.

    It publishes the definition before there are plans, and proposes it once there are plans or a person has published a
    version. It does neither twice, so that of two releases that run side by side none undoes the act of the other.
    """
    own = [act.act for act in acts if act.sha256 == sha256]
    by_person = any(
        act.act is VersionStatus.PUBLISHED and act.actor.kind is not ActorKind.RELEASE for act in acts
    )
    if by_person or (has_plans and acts):
        return None if own else VersionStatus.PROPOSED
    return (
        None
        if {VersionStatus.PUBLISHED, VersionStatus.RETIRED}.intersection(own)
        else VersionStatus.PUBLISHED
    )


def find_problems(
    acts: Sequence[VersionAct], sha256: str, target: VersionStatus, now: datetime
) -> Iterator[Problem]:
    """Find why a version may not get the target status now."""
    status = find_status(acts, sha256, now)
    code = "workflow.unknown" if status is None else _REFUSAL_CODES.get((target, status))
    if code is not None:
        yield Problem(code, {}, PATH)


_DECISIONS = (VersionStatus.APPROVED, VersionStatus.REJECTED)
# By target status and present status.
_REFUSAL_CODES = {
    **{(target, VersionStatus.APPROVED): "workflow.approved_already" for target in _DECISIONS},
    **{
        (target, VersionStatus.PUBLISHED): "workflow.published_already"
        for target in (*_DECISIONS, VersionStatus.PUBLISHED)
    },
    **{
        (target, VersionStatus.RETIRED): "workflow.retired"
        for target in (*_DECISIONS, VersionStatus.PUBLISHED)
    },
    **{
        (target, status): f"change_request.{status}"
        for target in (*_DECISIONS, VersionStatus.PUBLISHED)
        for status in (VersionStatus.REJECTED, VersionStatus.EXPIRED)
    },
    **{(VersionStatus.RETIRED, status): "workflow.retired_already" for status in INACTIVE},
    (VersionStatus.PUBLISHED, VersionStatus.PROPOSED): "workflow.not_approved",
    (VersionStatus.RETIRED, VersionStatus.PUBLISHED): "workflow.in_use",
}


@dataclass(frozen=True, slots=True)
class PlanCount:
    """The number of plans of a period that use a version and are in a state."""

    workflow: str
    period: str
    state: str
    plans: int
