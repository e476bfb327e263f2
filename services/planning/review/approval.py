"""*Setujui* for many plans at once: each is decided by itself, by the rules of `approvePlan`; one commit stores them.

What they share is read once, whatever their number. Plans that another command was faster with are left out of the
commit. A repeat with the same key finds what was stored, and does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.kit.concurrency import map_concurrently
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.services import Services
from services.planning.plan.commands import build_key
from services.planning.plan.decision import PeriodContext, build_decision_context, load_period_context
from services.planning.plan.events import sha256
from services.planning.plan.model import Change, CommandKey, Plan, StoredKey, version_conflict
from services.planning.plan.queries import PlanView, load_plan_view, load_visible_plans
from services.planning.plan.store import Commit, CommitOutcome, PlanKey, commit_changes, find_keys
from services.planning.plan.transitions import decide_transition
from workflows.model.facts import CommandInput

MAX_PLANS = 100
REUSED = Problem("key.reused", {}, ("idempotency_key",))


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """A plan of the list by its place there, and the version that it was read at."""

    index: int
    plan: PlanKey
    expected_version: int


@dataclass(frozen=True, slots=True)
class ApprovalBatch:
    """What is to be approved, the warnings accepted for all of it, and the whole input (for the key)."""

    items: tuple[ApprovalItem, ...]
    acknowledge: frozenset[str]
    input: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """A plan as it stands, if the caller may see it, and every reason why it was not approved; none: it is."""

    plan: Plan | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False
    view: PlanView | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    """The plans that the caller sees, and the keys of this request that are kept."""

    plans: Mapping[PlanKey, Plan]
    kept: Mapping[str, StoredKey]


async def approve_plans(
    services: Services, caller: Caller, batch: ApprovalBatch
) -> dict[int, ApprovalResult]:
    """What became of each plan, by its place. Refused (nothing was done) where the key came with another list."""
    keys = _keys(services, caller, batch)
    seen = await load_visible_plans(services, caller, [asked.plan for asked in batch.items])
    standing = _Standing(seen, await _kept(services, keys))
    at_place = {asked.index: asked for asked in batch.items}
    for place, key in enumerate(keys):
        asked_here = at_place.get(place)
        plan_key, version = (asked_here.plan, asked_here.expected_version) if asked_here else (None, None)
        if (kept := standing.kept.get(key.key)) and not kept.matches(key, plan_key, version):
            raise RequestRefused(REUSED)
    seasons = await _seasons(services, seen.values())

    async def decide(asked: ApprovalItem) -> ApprovalResult | Change:
        if settled := _settled(asked, standing, keys[asked.index] if keys else None):
            return settled
        plan = seen[asked.plan]
        try:
            teacher = await services.identity.teacher(plan.ptk_id)
            case = await build_decision_context(services, plan, caller, seasons[plan.period], teacher)
            return await decide_transition(
                services, case, caller, "approve", CommandInput(acknowledged_codes=batch.acknowledge)
            )
        except RequestRefused as refused:
            return ApprovalResult(plan, refused.problems)

    decisions = dict(zip(batch.items, await map_concurrently(decide, batch.items), strict=True))
    changes = {asked: change for asked, change in decisions.items() if isinstance(change, Change)}
    results = await _commit(services, changes, keys)
    results |= {asked: result for asked, result in decisions.items() if isinstance(result, ApprovalResult)}
    late = [asked for asked, result in results.items() if result is None]
    if keys and (refused := [asked for asked, result in results.items() if result and result.problems]):
        # The same request, sent twice at once, may have done them before their facts became unavailable.
        stored_keys = await _kept(services, keys)
        late += [
            asked for asked in refused if keys[asked.index].key in stored_keys.keys() - standing.kept.keys()
        ]
    if late:
        # Somebody was faster, perhaps this very request sent twice at once: the answer shows what stands now.
        # A plan that an admin moved away meanwhile is no longer theirs to see.
        now = _Standing(
            await load_visible_plans(services, caller, [asked.plan for asked in late]),
            await _kept(services, keys),
        )
        for asked in late:
            results[asked] = _settled(asked, now, keys[asked.index] if keys else None)
    return {asked.index: await _told(services, asked, result, seasons) for asked, result in results.items()}


async def _commit(
    services: Services, changes: Mapping[ApprovalItem, Change], keys: list[CommandKey]
) -> dict[ApprovalItem, ApprovalResult | None]:
    """Store the changes, with one statement for each period; None for a plan that another command changed first."""
    commits = {
        asked: Commit(change, asked.expected_version, keys[asked.index] if keys else None)
        for asked, change in changes.items()
    }
    outcomes: dict[PlanKey, CommitOutcome] = {}
    for period in sorted({asked.plan[1] for asked in commits}):
        of_period = [commit for asked, commit in commits.items() if asked.plan[1] == period]
        stored = await commit_changes(period, of_period, services.connection)
        outcomes |= {(ptk_id, period): outcome for ptk_id, outcome in stored.items()}
    return {
        asked: ApprovalResult(change.plan) if outcomes[asked.plan] is CommitOutcome.STORED else None
        for asked, change in changes.items()
    }


def _keys(services: Services, caller: Caller, batch: ApprovalBatch) -> list[CommandKey]:
    """A key for each place that a list can have: with a shorter list too the same key is known again."""
    key = build_key(services, caller, "approvePlans", batch.key, batch.input)
    return [replace(key, key=f"{sha256(key.key)}#{place}") for place in range(MAX_PLANS)] if key else []


async def _kept(services: Services, keys: list[CommandKey]) -> dict[str, StoredKey]:
    return await find_keys(keys, services.connection) if keys else {}


async def _seasons(services: Services, found: Iterable[Plan]) -> dict[str, PeriodContext]:
    schools: dict[str, set[str]] = {}
    for plan in found:
        schools.setdefault(plan.period, set()).add(plan.school.npsn)
    return {period: await load_period_context(services, period, npsns) for period, npsns in schools.items()}


def _settled(asked: ApprovalItem, standing: _Standing, key: CommandKey | None) -> ApprovalResult | None:
    """The answer where there is nothing to decide: not seen, done before, or no longer as it was read."""
    plan = standing.plans.get(asked.plan)
    if plan is None:
        return ApprovalResult(None, (Problem("plan.unknown"),))
    kept = standing.kept.get(key.key) if key else None
    if key and kept and not kept.matches(key, asked.plan, asked.expected_version):
        return ApprovalResult(plan, (REUSED,))
    if plan.version == asked.expected_version:
        return None  # or it was done only since it was read: then nothing is committed, and it is read again
    return (
        ApprovalResult(plan, replayed=True)
        if kept
        else ApprovalResult(plan, version_conflict(asked.expected_version, plan).problems)
    )


async def _told(
    services: Services,
    asked: ApprovalItem,
    result: ApprovalResult | None,
    seasons: Mapping[str, PeriodContext],
) -> ApprovalResult:
    assert result is not None, "whoever was late finds another version, or the key"
    plan = result.plan
    view = await load_plan_view(services, plan, seasons[plan.period].setup) if plan else None
    problems = tuple(_in_list(problem, asked.index) for problem in result.problems)
    return replace(result, problems=problems, view=view)


def _in_list(problem: Problem, place: int) -> Problem:
    """A problem of the whole plan is told at its place in the list."""
    field = "expected_version" if problem.code == "version.conflict" else "plan_id"
    return problem if problem.path else replace(problem, path=("plans", str(place), field), in_plan=False)
