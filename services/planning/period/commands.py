"""A date is moved, a switch is turned: proposed by one admin, in force once a second one has approved it.

Every act is one transaction under the lock of its period, so of two approvers at once one finds it done.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from services.kit.clock import Clock
from services.kit.database import in_unit_of_work
from services.kit.paging import check_size
from services.kit.problems import Problem, Refused
from services.planning.callers.commands import reason_faults
from services.planning.callers.model import By
from services.planning.period import store as periods
from services.planning.period import store as stored
from services.planning.period.model import Declared, Period, Revision
from services.planning.period.queries import declared_for
from services.planning.period.revision import (
    ID,
    Asked,
    Ended,
    Ending,
    Proposal,
    becomes,
    moment,
    outdated,
    refusals,
    standing,
    together,
    typed,
    undeclared,
)
from services.planning.period.store import PeriodInUse
from services.planning.reconcile.store import Waits
from services.planning.versions.store import Workflows


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


async def propose(clock: Clock, workflows: Workflows, by: By, wish: Wish) -> Done:
    """Keep a proposal for somebody else to approve; Refused with everything that is wrong with it."""

    async def work(connection: BaseDBAsyncClient) -> Done:
        used = await _locked(wish.period, workflows, connection)
        declared = await declared_for(used, dict(wish.asked), workflows)
        proposal = _proposal(used.period, declared, clock.now(), by, wish)
        for one in await stored.select_open_proposals(wish.period):
            if one.says_the_same(proposal):
                return Done(one, used, replayed=True)
        proposal = replace(proposal, number=await stored.count_proposals(wish.period) + 1)
        await stored.insert_proposal(proposal, connection)
        return Done(proposal, used)

    return await in_unit_of_work(work)


def _proposal(period: Period, declared: Declared, now: datetime, by: By, wish: Wish) -> Proposal:
    problems = [*moment(wish.wanted, now), *reason_faults(wish.reason)]
    # An instant that is refused is not compared with others, which may fail.
    wanted = None if problems or wish.wanted is None else wish.wanted.astimezone(UTC)
    effective = wanted or now
    values, wrong = typed(period, declared, wish.asked, effective)
    if problems := [*problems, *(wrong or together(period, declared, values, effective))]:
        raise Refused(problems)
    stands = standing(declared.all, period, effective)
    before = {name: stands.get(name) for name in values}
    return Proposal(wish.period, 0, before, values, wanted, by, wish.reason, now)


async def approve(clock: Clock, workflows: Workflows, by: By, period: str, number: int, reason: str) -> Done:
    """The second person's yes: the change is in force from the wanted instant on, and never before now.

    Refused for the author, for what ended otherwise, and where what the proposal showed no longer holds.
    """
    return await _end(clock, workflows, by, (period, number), Ending.APPROVED, reason)


async def withdraw(clock: Clock, workflows: Workflows, by: By, period: str, number: int, reason: str) -> Done:
    """The proposal is off, by its author or another admin; Refused where it has ended already."""
    return await _end(clock, workflows, by, (period, number), Ending.WITHDRAWN, reason)


async def _end(
    clock: Clock, workflows: Workflows, by: By, key: tuple[str, int], how: Ending, reason: str
) -> Done:
    faults = list(reason_faults(reason))

    async def work(connection: BaseDBAsyncClient) -> Done:
        used = await _locked(key[0], workflows, connection, ID)
        proposal = await stored.find_proposal(*key)
        if proposal is None:
            raise Refused([Problem("period.proposal_unknown", {}, ID), *faults])
        if proposal.ended and proposal.ended.how is how and proposal.ended.by.is_same_person(by):
            return Done(proposal, used, replayed=True)
        if problems := [*refusals(proposal, how, by), *faults]:
            raise Refused(problems)
        now = clock.now()
        declared = await declared_for(used, proposal.values, workflows)
        revisions = _revisions(used.period, declared, proposal, by, now) if how is Ending.APPROVED else []
        await periods.insert_revisions(key[0], revisions, connection)
        ended = Ended(how, by, reason, now, tuple(revision.number for revision in revisions))
        await stored.end_proposal(proposal, ended, connection)
        after = replace(used.period, revisions=(*used.period.revisions, *revisions))
        return Done(replace(proposal, ended=ended), replace(used, period=after))

    return await in_unit_of_work(work)


def _revisions(
    period: Period, declared: Declared, proposal: Proposal, by: By, now: datetime
) -> list[Revision]:
    """What an approval adds: a revision, and one more for each that is planned for later and would undo it."""
    effective = max(now, proposal.wanted or now)  # in the past it would change decisions already taken
    problems = [*undeclared(proposal, declared)]
    problems = problems or [*outdated(proposal, declared.all, standing(declared.all, period, effective))]
    if problems := problems or together(period, declared, proposal.values, effective):
        raise Refused(replace(problem, path=ID) for problem in problems)
    return [
        Revision(number, values, proposal.by.account, by.account, proposal.reason, instant)
        for number, (instant, values) in enumerate(
            becomes(period, proposal.values, effective), len(period.revisions) + 1
        )
    ]


async def _locked(
    code: str,
    workflows: Workflows,
    connection: BaseDBAsyncClient,
    path: tuple[str, ...] = ("input", "period"),
) -> PeriodInUse:
    """The period, which nobody else changes until the transaction ends."""
    await periods.lock_period(code, connection)
    used = await periods.load_period(code, workflows, connection)
    if used is None:
        problem = (
            Problem("period.proposal_unknown") if path == ID else Problem("period.unknown", {"code": code})
        )
        raise Refused(replace(problem, path=path))
    return used


async def proposals_of(code: str, first: int, before: int | None) -> tuple[list[Proposal], bool]:
    """A page of a period's proposals, newest first, and whether more follow. One statement."""
    check_size(first)
    found = await stored.select_proposals(code, stored.NEWEST if before is None else before, first + 1)
    return found[:first], len(found) > first


async def waiting_plans(code: str, workflows: Workflows) -> int:
    """How many plans of a period stand where the workflow may move them by itself, and are decided again."""
    return await stored.count_waiting_plans(code, Waits.of(await workflows.readable()))


async def read_period(code: str, workflows: Workflows) -> tuple[PeriodInUse, list[Proposal]]:
    """A period and the proposals that wait in it; Refused where there is none."""
    used = await periods.load_period(code, workflows, get_connection("default"))
    if used is None:
        raise Refused(Problem("period.unknown", {"code": code}))
    return used, await stored.select_open_proposals(code)
