"""The change of a period's values: an admin proposes a revision, and its approval stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kit.clock import Clock
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor, find_reason_problems
from services.planning.change_requests import commands
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
    SUBJECT,
    NamedValue,
    Proposal,
    apply_change,
    check_effective_from,
    find_values_at,
    parse_values,
    validate_values,
)
from services.planning.period.staleness import REVISION, staleness_finder
from services.planning.versions.store import WorkflowCache


@dataclass(frozen=True, slots=True)
class RevisionDraft:
    """The values that an admin proposes. Without `effective_from` they are effective as soon as they are approved."""

    period: str
    values: tuple[NamedValue, ...]
    effective_from: datetime | None
    reason: str


def revision_kind(workflows: WorkflowCache) -> ChangeKind:
    """Return the kind of change request that revises the values of a period."""

    async def validate(request: ChangeRequest, now: datetime, connection: Connection) -> None:
        proposal = Proposal.read(request)
        setup = await _load_period(proposal.period, workflows, connection)
        declarations = await load_declarations(setup, proposal.values, workflows, now, connection)
        problems = validate_values(setup.period, declarations, proposal.values, proposal.effective_at(now))
        if problems:
            raise RequestRefused(problems)

    async def execute(
        request: ChangeRequest, approver: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        proposal = Proposal.read(request)
        setup = await _load_period(proposal.period, workflows, connection)
        author, first_number = request.proposal.actor, len(setup.period.revisions) + 1
        changes = apply_change(setup.period, proposal.values, proposal.effective_at(now))
        revisions = [
            Revision(number, values, author, approver, request.reason, instant)
            for number, (instant, values) in enumerate(changes, first_number)
        ]
        await store.insert_revisions(proposal.period, revisions, connection)
        return {"revisions": [revision.number for revision in revisions]}

    return ChangeKind(REVISION, 1, execute, validate, staleness_finder(workflows))


async def propose(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, draft: RevisionDraft
) -> tuple[ChangeRequest, bool]:
    """Store a revision for a second admin to approve. Returns the request, and whether it was proposed before.

    Raises RequestRefused with everything that is wrong with it.
    """

    async def work(connection: Connection) -> tuple[ChangeRequest, bool]:
        subject = f"{SUBJECT}{draft.period}"
        await change_requests_store.lock_subject(subject, connection)
        setup = await _load_period(draft.period, workflows, connection)
        now = clock.now()
        declarations = await load_declarations(setup, dict(draft.values), workflows, now, connection)
        before, after = _build_change(setup.period, declarations, now, draft)
        attribution = Attribution(by, draft.reason, now)
        return await commands.propose(
            revision_kind(workflows), subject, before, after, attribution, connection
        )

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


async def _load_period(code: str, workflows: WorkflowCache, connection: Connection) -> PeriodSetup:
    setup = await store.load_period(code, workflows, connection)
    if setup is None:
        raise RequestRefused(Problem("period.unknown", {"code": code}, ("period",)))
    return setup
