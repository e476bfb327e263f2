"""A date is moved, a switch is turned: proposed by one admin, in force once a second one has approved it.

Every act is one transaction under the lock of its period, so of two approvers at once one finds it done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.kit.change_request import Decision
from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import commands, queries
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import ChangeKind
from services.planning.change_requests.model import Attribution, ChangeRequest
from services.planning.period import store
from services.planning.period.model import (
    ParameterDeclarations,
    Period,
    PeriodSetup,
    Revision,
    values_to_json,
)
from services.planning.period.queries import load_declarations
from services.planning.period.revision import (
    ID,
    SUBJECT,
    Asked,
    Proposal,
    apply_change,
    check_effective_from,
    find_outdated_values,
    find_undeclared_values,
    find_values_at,
    parse_values,
    validate_values,
)
from services.planning.versions.store import WorkflowCache

KIND = "period_revision"


@dataclass(frozen=True, slots=True)
class RevisionDraft:
    """What an admin asks for: values by name, from an instant on (None: as soon as approved), and why."""

    period: str
    values: tuple[Asked, ...]
    effective_from: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The proposal as it stands, and its period. `replayed`: it stood so already, nothing was done."""

    proposal: Proposal
    setup: PeriodSetup
    replayed: bool = field(default=False, kw_only=True)


def revision_kind(workflows: WorkflowCache) -> ChangeKind:
    """Return how changes of a period's values are checked and executed."""

    async def find_staleness(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        proposal = Proposal.of(request)
        return await _find_staleness(
            proposal,
            await _load_period(proposal.period, workflows, ID, connection),
            workflows,
            now,
            connection,
        )

    async def validate(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        proposal = Proposal.of(request)
        used = await _load_period(proposal.period, workflows, ID, connection)
        declared = await load_declarations(used, proposal.values, workflows, now, connection)
        problems = validate_values(used.period, declared, proposal.values, proposal.effective_at(now))
        return [replace(problem, path=ID) for problem in problems]

    async def execute(
        request: ChangeRequest, approver: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        proposal = Proposal.of(request)
        used = await _load_period(proposal.period, workflows, ID, connection)
        revisions = _build_revisions(used.period, proposal, approver, proposal.effective_at(now))
        await store.insert_revisions(proposal.period, revisions, connection)
        return {"revisions": [revision.number for revision in revisions]}

    return ChangeKind(KIND, 1, validate, find_staleness, execute)


async def is_stale(
    proposal: Proposal, used: PeriodSetup, workflows: WorkflowCache, now: datetime, connection: Connection
) -> bool:
    """Tell whether something has changed since a change was proposed, so that nobody can approve it any more."""
    return bool(await _find_staleness(proposal, used, workflows, now, connection))


async def _find_staleness(
    proposal: Proposal, used: PeriodSetup, workflows: WorkflowCache, now: datetime, connection: Connection
) -> list[Problem]:
    declared = await load_declarations(used, proposal.values, workflows, now, connection)
    stands = find_values_at(declared.all, used.period, proposal.effective_at(now))
    return [*find_undeclared_values(proposal, declared)] or [
        *find_outdated_values(proposal, declared.all, stands)
    ]


async def propose(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, draft: RevisionDraft
) -> CommandResult:
    """Keep a proposal for somebody else to approve; RequestRefused with everything that is wrong with it."""

    async def work(connection: Connection) -> CommandResult:
        await change_requests_store.lock_subject(f"{SUBJECT}{draft.period}", connection)
        used = await _load_period(draft.period, workflows, ("period",), connection)
        now = clock.now()
        declared = await load_declarations(used, dict(draft.values), workflows, now, connection)
        before, after = _build_change(used.period, declared, now, draft)
        request, replayed = await commands.propose(
            revision_kind(workflows),
            f"{SUBJECT}{draft.period}",
            before,
            after,
            Attribution(by, draft.reason, now),
            connection,
        )
        return CommandResult(Proposal.of(request), used, replayed=replayed)

    return await run_in_transaction(work)


def _build_change(
    period: Period, declared: ParameterDeclarations, now: datetime, draft: RevisionDraft
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what stands and what is to come, as JSON. Raises RequestRefused with everything that is wrong."""
    problems = [*check_effective_from(draft.effective_from, now), *find_reason_problems(draft.reason)]
    # An instant that is refused is not compared with others, which may fail.
    effective_from = (
        None if problems or draft.effective_from is None else draft.effective_from.astimezone(UTC)
    )
    effective = effective_from or now
    values, value_problems = parse_values(period, declared, draft.values, effective)
    if problems := [*problems, *(value_problems or validate_values(period, declared, values, effective))]:
        raise RequestRefused(problems)
    current = find_values_at(declared.all, period, effective)
    before = {name: value for name in values if (value := current.get(name)) is not None}
    after = {
        "values": values_to_json(values),
        "effective_from": effective_from.isoformat() if effective_from else None,
    }
    return values_to_json(before), after


async def decide(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, decision: Decision, id: int, reason: str
) -> CommandResult:
    """Approve, reject or withdraw a proposal. Approved, it is in force from the wanted instant on, never before now.

    Refused for a decision that takes a second person, for what ended otherwise, and where what the proposal showed no
    longer holds.
    """
    kind = revision_kind(workflows)

    async def work(connection: Connection) -> CommandResult:
        request = await commands.load_locked(id, {KIND: kind}, ID, connection)
        attribution = Attribution(by, reason, clock.now(), ID)
        request, replayed = await commands.decide(request, kind, decision, attribution, connection)
        used = await _load_period(request.subject.removeprefix(SUBJECT), workflows, ID, connection)
        return CommandResult(Proposal.of(request), used, replayed=replayed)

    return await run_in_transaction(work)


def _build_revisions(
    period: Period, proposal: Proposal, approver: AdminActor, effective: datetime
) -> list[Revision]:
    """What an approval adds: a revision, and one more for each that is planned for later and would undo it."""
    request = proposal.request
    return [
        Revision(number, values, request.proposal.actor.account, approver.account, request.reason, instant)
        for number, (instant, values) in enumerate(
            apply_change(period, proposal.values, effective), len(period.revisions) + 1
        )
    ]


async def _load_period(
    code: str, workflows: WorkflowCache, path: tuple[str, ...], connection: Connection
) -> PeriodSetup:
    used = await store.load_period(code, workflows, connection)
    if used is None:
        raise RequestRefused(Problem("period.unknown", {"code": code}, path))
    return used


async def list_proposals(
    code: str, first: int, before: int | None, connection: Connection
) -> tuple[list[Proposal], bool]:
    """List a page of a period's proposals, newest first, and whether more follow. One statement."""
    before = change_requests_store.NEWEST if before is None else before
    found, more = await queries.list_change_requests([KIND], f"{SUBJECT}{code}", before, first, connection)
    return [Proposal.of(request) for request in found], more
