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
from services.planning.callers.commands import find_reason_problems
from services.planning.callers.model import AdminActor
from services.planning.change_requests import commands, queries
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import Attribution, ChangeKind, Path
from services.planning.change_requests.model import ChangeRequest, is_repeat
from services.planning.period import store
from services.planning.period.model import Declared, Period, PeriodInUse, Revision, as_given
from services.planning.period.queries import declared_for
from services.planning.period.revision import (
    ID,
    SUBJECT,
    Asked,
    Proposal,
    becomes,
    moment,
    outdated,
    standing,
    together,
    typed,
    undeclared,
)
from services.planning.versions.store import WorkflowCache

KIND = "period_revision"


@dataclass(frozen=True, slots=True)
class Wish:
    """What an admin asks for: values by name, from an instant on (None: as soon as approved), and why."""

    period: str
    asked: tuple[Asked, ...]
    wanted: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """The proposal as it stands, and its period. `replayed`: it stood so already, nothing was done."""

    proposal: Proposal
    used: PeriodInUse
    replayed: bool = field(default=False, kw_only=True)


def revision_kind(workflows: WorkflowCache) -> ChangeKind:
    """Return how changes of a period's values are checked and executed."""

    async def find_staleness(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        proposal = Proposal.of(request)
        return await _staleness(
            proposal, await _load(proposal.period, workflows, ID, connection), workflows, now, connection
        )

    async def validate(request: ChangeRequest, now: datetime, connection: Connection) -> list[Problem]:
        proposal = Proposal.of(request)
        used = await _load(proposal.period, workflows, ID, connection)
        declared = await declared_for(used, proposal.values, workflows, now, connection)
        problems = together(used.period, declared, proposal.values, proposal.effective_at(now))
        return [replace(problem, path=ID) for problem in problems]

    async def execute(
        request: ChangeRequest, approver: AdminActor, now: datetime, connection: Connection
    ) -> Mapping[str, Any]:
        proposal = Proposal.of(request)
        used = await _load(proposal.period, workflows, ID, connection)
        revisions = _revisions(used.period, proposal, approver, proposal.effective_at(now))
        await store.insert_revisions(proposal.period, revisions, connection)
        return {"revisions": [revision.number for revision in revisions]}

    return ChangeKind(KIND, 1, validate, find_staleness, execute)


async def is_stale(
    proposal: Proposal, used: PeriodInUse, workflows: WorkflowCache, now: datetime, connection: Connection
) -> bool:
    """Tell whether something has changed since a change was proposed, so that nobody can approve it any more."""
    return bool(await _staleness(proposal, used, workflows, now, connection))


async def _staleness(
    proposal: Proposal, used: PeriodInUse, workflows: WorkflowCache, now: datetime, connection: Connection
) -> list[Problem]:
    declared = await declared_for(used, proposal.values, workflows, now, connection)
    stands = standing(declared.all, used.period, proposal.effective_at(now))
    return [*undeclared(proposal, declared)] or [*outdated(proposal, declared.all, stands)]


async def propose(clock: Clock, workflows: WorkflowCache, by: AdminActor, wish: Wish) -> Done:
    """Keep a proposal for somebody else to approve; RequestRefused with everything that is wrong with it."""

    async def work(connection: Connection) -> Done:
        await change_requests_store.lock_subject(f"{SUBJECT}{wish.period}", connection)
        used = await _load(wish.period, workflows, ("period",), connection)
        now = clock.now()
        declared = await declared_for(used, dict(wish.asked), workflows, now, connection)
        before, after = _change(used.period, declared, now, wish)
        request, replayed = await commands.propose(
            revision_kind(workflows),
            f"{SUBJECT}{wish.period}",
            before,
            after,
            (by, wish.reason, now),
            connection,
        )
        return Done(Proposal.of(request), used, replayed=replayed)

    return await run_in_transaction(work)


def _change(
    period: Period, declared: Declared, now: datetime, wish: Wish
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what stands and what is to come, as JSON. Raises RequestRefused with everything that is wrong."""
    problems = [*moment(wish.wanted, now), *find_reason_problems(wish.reason)]
    # An instant that is refused is not compared with others, which may fail.
    wanted = None if problems or wish.wanted is None else wish.wanted.astimezone(UTC)
    effective = wanted or now
    values, wrong = typed(period, declared, wish.asked, effective)
    if problems := [*problems, *(wrong or together(period, declared, values, effective))]:
        raise RequestRefused(problems)
    stands = standing(declared.all, period, effective)
    before = {name: value for name in values if (value := stands.get(name)) is not None}
    after = {"values": as_given(values), "effective_from": wanted.isoformat() if wanted else None}
    return as_given(before), after


async def decide(
    clock: Clock, workflows: WorkflowCache, by: AdminActor, decision: Decision, id: int, reason: str
) -> Done:
    """Approve, reject or withdraw a proposal. Approved, it is in force from the wanted instant on, never before now.

    Refused for a decision that takes a second person, for what ended otherwise, and where what the proposal showed no
    longer holds.
    """
    kind = revision_kind(workflows)

    async def work(connection: Connection) -> Done:
        request = await commands.load_locked(id, {KIND: kind}, ID, connection)
        replayed = is_repeat(request, decision, by)
        if not replayed:
            verdict = Attribution(by, reason, clock.now(), ID)
            request = await commands.decide(request, kind, decision, verdict, connection)
        used = await _load(request.subject.removeprefix(SUBJECT), workflows, ID, connection)
        return Done(Proposal.of(request), used, replayed=replayed)

    return await run_in_transaction(work)


def _revisions(
    period: Period, proposal: Proposal, approver: AdminActor, effective: datetime
) -> list[Revision]:
    """What an approval adds: a revision, and one more for each that is planned for later and would undo it."""
    request = proposal.request
    return [
        Revision(number, values, request.proposal.actor.account, approver.account, request.reason, instant)
        for number, (instant, values) in enumerate(
            becomes(period, proposal.values, effective), len(period.revisions) + 1
        )
    ]


async def _load(code: str, workflows: WorkflowCache, path: Path, connection: Connection) -> PeriodInUse:
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
