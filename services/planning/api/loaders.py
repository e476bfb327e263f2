"""Loaders of one request: each object is loaded once, and the objects of a list together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from strawberry.dataloader import DataLoader

from services.planning.callers.model import Caller, Partner
from services.planning.change_requests.model import AdminAct, ChangeRequest
from services.planning.people.model import SchoolFacts
from services.planning.people.services import Services
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period, load_declarations, load_periods
from services.planning.period.staleness import find_staleness
from services.planning.plan.decision import DecisionContext, load_decision_contexts
from services.planning.plan.model import Plan
from services.planning.plan.queries import count_waiting_plans, find_present_schools, load_visible_plans
from services.planning.timers.model import TimerKey
from services.planning.timers.queries import list_acts
from services.planning.versions.model import PlanCount
from services.planning.versions.queries import Version, count_plans_by_version, load_versions
from workflows.model.definition import Param

ContextRequest = tuple[Plan, Caller | None]
PlanKey = tuple[str, str]
ParameterKey = tuple[str, str]
PlanVersionKey = tuple[str, str, int]

CURRENT_PERIOD = ""  # the key of the current period in `periods`


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of a request.

    decision_contexts: the facts of a plan for a caller; a failure affects only the fields that use this plan
    plans: plans by ptk_id and period, None if the caller cannot see one
    periods: periods by code, or CURRENT_PERIOD
    present_schools: the sekolah induk of a plan's teacher, None if the plan is there
    schools: facts about schools by NPSN, None for an unknown one
    workflow_versions: versions by SHA-256, None for an unknown one
    version_plan_counts: the number of plans of a version, by its SHA-256
    timer_acts: what admins did with timers, by key
    parameters: declarations of parameters by period and name, None if no version declares one
    staleness: whether an open change request is stale
    waiting_plan_counts: the number of plans that the worker decides again, by period
    """

    decision_contexts: DataLoader[ContextRequest, DecisionContext]
    plans: DataLoader[PlanKey, Plan | None]
    periods: DataLoader[str, PeriodSetup]
    present_schools: DataLoader[Plan, str | None]
    schools: DataLoader[str, SchoolFacts | None]
    workflow_versions: DataLoader[str, Version | None]
    version_plan_counts: DataLoader[str, list[PlanCount]]
    timer_acts: DataLoader[TimerKey, Sequence[AdminAct]]
    parameters: DataLoader[ParameterKey, Param | None]
    staleness: DataLoader[ChangeRequest, bool]
    waiting_plan_counts: DataLoader[str, int]


def create_loaders(services: Services, caller: Caller | Partner | None) -> Loaders:
    """Create the loaders of one request."""

    async def load_contexts(requests: list[ContextRequest]) -> Sequence[DecisionContext | BaseException]:
        requests_by_plan: dict[PlanVersionKey, list[ContextRequest]] = {}
        for request in requests:
            requests_by_plan.setdefault(_plan_key(request[0]), []).append(request)
        results = await asyncio.gather(
            *(_load_contexts(services, plan_requests) for plan_requests in requests_by_plan.values())
        )
        context_by_request = {id(request): context for pairs in results for request, context in pairs}
        return [context_by_request[id(request)] for request in requests]

    async def load_plans(keys: list[PlanKey]) -> list[Plan | None]:
        plans = await load_visible_plans(services, caller, keys) if isinstance(caller, Caller) else {}
        return [plans.get(key) for key in keys]

    async def load_periods_by_code(codes: list[str]) -> list[PeriodSetup | BaseException]:
        results: dict[str, PeriodSetup | BaseException] = {}
        if CURRENT_PERIOD in codes:
            results[CURRENT_PERIOD] = (
                await asyncio.gather(get_period(services, None), return_exceptions=True)
            )[0]
        if named := [code for code in codes if code != CURRENT_PERIOD]:
            results |= zip(named, await load_periods(services, named), strict=True)
        return [results[code] for code in codes]

    async def load_schools(npsns: list[str]) -> list[SchoolFacts | BaseException | None]:
        answers = await asyncio.gather(*map(services.identity.school, npsns), return_exceptions=True)
        return [
            answer if answer is None or isinstance(answer, BaseException) else answer.facts
            for answer in answers
        ]

    async def load_workflow_versions(sha256s: list[str]) -> list[Version | None]:
        versions = await load_versions(sha256s, services.clock.now(), services.connection)
        return [versions.get(sha256) for sha256 in sha256s]

    async def count_plans(sha256s: list[str]) -> list[list[PlanCount]]:
        return await count_plans_by_version(sha256s, services.connection)

    async def load_timer_acts(keys: list[TimerKey]) -> list[Sequence[AdminAct]]:
        acts = await list_acts(keys, services.connection)
        return [acts.get(key, ()) for key in keys]

    async def load_parameters(keys: list[ParameterKey]) -> list[Param | None]:
        codes = sorted({code for code, _ in keys})
        setups = await periods.load_many(codes)
        params: dict[ParameterKey, Param] = {}
        for code, setup in zip(codes, setups, strict=True):
            names = {name for other_code, name in keys if other_code == code}
            declarations = await load_declarations(
                setup, names, services.workflows, services.clock.now(), services.connection
            )
            params |= {(code, param.name): param for param in declarations.all}
        return [params.get(key) for key in keys]

    async def load_staleness(requests: list[ChangeRequest]) -> list[bool]:
        now = services.clock.now()
        problems = await find_staleness(requests, services.workflows, now, services.connection)
        return [bool(problems[request.id]) for request in requests]

    async def load_waiting_plan_counts(codes: list[str]) -> list[int]:
        return [await count_waiting_plans(code, services.workflows, services.connection) for code in codes]

    periods = DataLoader(load_periods_by_code)
    return Loaders(
        DataLoader(load_contexts, cache_key_fn=lambda request: (_plan_key(request[0]), request[1])),
        DataLoader(load_plans),
        periods,
        DataLoader(partial(find_present_schools, services), cache_key_fn=_plan_key),
        DataLoader(load_schools),
        DataLoader(load_workflow_versions),
        DataLoader(count_plans),
        DataLoader(load_timer_acts),
        DataLoader(load_parameters),
        DataLoader(load_staleness, cache_key_fn=lambda request: request.id),
        DataLoader(load_waiting_plan_counts),
    )


async def _load_contexts(
    services: Services, requests: Sequence[ContextRequest]
) -> list[tuple[ContextRequest, DecisionContext | BaseException]]:
    """Load the contexts of one plan for several callers. A failure is the result of each request."""
    plan = requests[0][0]
    try:
        contexts: Sequence[DecisionContext | BaseException] = await load_decision_contexts(
            services, plan, [caller for _, caller in requests]
        )
    except Exception as error:  # noqa: BLE001 - the loader raises it in each field that awaits it
        contexts = [error] * len(requests)
    return list(zip(requests, contexts, strict=True))


def _plan_key(plan: Plan) -> PlanVersionKey:
    return plan.ptk_id, plan.period, plan.version
