"""Commands on the values of a period: propose a revision, and decide on it as a second admin.

Each command is one transaction under the lock of the period, so that of two concurrent decisions the second sees the
first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
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
    NamedValue,
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
    """The values that an admin proposes. Without `effective_from` they are effective as soon as they are approved."""

    period: str
    values: tuple[NamedValue, ...]
    effective_from: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class RevisionResult:
    """The proposal of a command, and its period. `replayed` means that nothing was done, because it was done before."""

    proposal: Proposal
    setup: PeriodSetup
    replayed: bool


def revision_kind(workflows: WorkflowCache) -> ChangeKind:
    """Return the kind of change request that revises the values of a period."""

    async def _find_staleness(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        proposal = Proposal.read(request)
        setup = await _load_period(proposal.period, workflows, ID, connection)
        return await find_staleness(proposal, setup, workflows, now, connection)

    async def validate(request: ChangeRequest, now: datetime, connection: Connection) -> None:
        proposal = Proposal.read(request)
        setup = await _load_period(proposal.period, workflows, ID, connection)
        declarations = await load_declarations(setup, proposal.values, workflows, now, connection)
        problems = validate_values(setup.period, declarations, proposal.values, proposal.effective_at(now))
        if problems:
            raise RequestRefused(replace(problem, path=ID) for problem in problems)

    async def execute(
        request: ChangeRequest, approver: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        proposal = Proposal.read(request)
        setup = await _load_period(proposal.period, workflows, ID, connection)
        author, first_number = request.proposal.actor.account, len(setup.period.revisions) + 1
        changes = apply_change(setup.period, proposal.values, proposal.effective_at(now))
        revisions = [
            Revision(number, values, author, approver.account, request.reason, instant)
            for number, (instant, values) in enumerate(changes, first_number)
        ]
        await store.insert_revisions(proposal.period, revisions, connection)
        return {"revisions": [revision.number for revision in revisions]}

    return ChangeKind(KIND, 1, execute, validate, _find_staleness)


async def find_staleness(
    proposal: Proposal, setup: PeriodSetup, workflows: WorkflowCache, now: datetime, connection: Connection
) -> list[Problem]:
    """Find what has changed since a revision was proposed, so that nobody can approve it any more."""
    declarations = await load_declarations(setup, proposal.values, workflows, now, connection)
    if problems := [*find_undeclared_values(proposal, declarations)]:
        return problems
    values = find_values_at(declarations.all, setup.period, proposal.effective_at(now))
    return [*find_outdated_values(proposal, declarations.all, values)]


async def propose(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, draft: RevisionDraft
) -> RevisionResult:
    """Store a revision for a second admin to approve. Raises RequestRefused with everything that is wrong with it."""

    async def work(connection: Connection) -> RevisionResult:
        subject = f"{SUBJECT}{draft.period}"
        await change_requests_store.lock_subject(subject, connection)
        setup = await _load_period(draft.period, workflows, ("period",), connection)
        now = clock.now()
        declarations = await load_declarations(setup, dict(draft.values), workflows, now, connection)
        before, after = _build_change(setup.period, declarations, now, draft)
        attribution = Attribution(by, draft.reason, now)
        request, replayed = await commands.propose(
            revision_kind(workflows), subject, before, after, attribution, connection
        )
        return RevisionResult(Proposal.read(request), setup, replayed)

    return await run_in_transaction(work)


def _build_change(
    period: Period, declarations: ParameterDeclarations, now: datetime, draft: RevisionDraft
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the present and the proposed values as JSON. Raises RequestRefused with everything that is wrong."""
    problems = [*check_effective_from(draft.effective_from, now), *find_reason_problems(draft.reason)]
    effective = max(now, draft.effective_from or now)
    values, value_problems = parse_values(period, declarations, draft.values, effective)
    problems += value_problems or validate_values(period, declarations, values, effective)
    if problems:
        raise RequestRefused(problems)
    current = find_values_at(declarations.all, period, effective)
    before = {name: current[name] for name in values if name in current}
    after = {
        "values": values_to_json(values),
        "effective_from": draft.effective_from.isoformat() if draft.effective_from else None,
    }
    return values_to_json(before), after


async def decide(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, decision: Decision, id: int, reason: str
) -> RevisionResult:
    """Approve, reject or withdraw a proposal. An approved one is effective from its instant on, and never before now.

    Raises RequestRefused if the person may not decide so, if the proposal is closed, or if it is stale.
    """
    kind = revision_kind(workflows)

    async def work(connection: Connection) -> RevisionResult:
        request = await commands.load_locked(id, {KIND: kind}, ID, connection)
        attribution = Attribution(by, reason, clock.now(), ID)
        request, replayed = await commands.decide(request, kind, decision, attribution, connection)
        setup = await _load_period(request.subject.removeprefix(SUBJECT), workflows, ID, connection)
        return RevisionResult(Proposal.read(request), setup, replayed)

    return await run_in_transaction(work)


async def _load_period(
    code: str, workflows: WorkflowCache, path: tuple[str, ...], connection: Connection
) -> PeriodSetup:
    setup = await store.load_period(code, workflows, connection)
    if setup is None:
        raise RequestRefused(Problem("period.unknown", {"code": code}, path))
    return setup


async def list_proposals(
    code: str, first: int, before: int | None, connection: Connection
) -> tuple[list[Proposal], bool]:
    """List a page of a period's proposals, newest first, and whether more follow. Takes one statement."""
    requests, has_more = await queries.list_change_requests(
        [KIND], f"{SUBJECT}{code}", before, first, connection
    )
    return [Proposal.read(request) for request in requests], has_more
