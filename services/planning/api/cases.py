"""The case of a plan, loaded once in a request: whose turn it is and which buttons there are rest on the same facts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from services.planning.callers.model import Caller
from services.planning.people.services import Planning
from services.planning.plan.decision import Case, cases_of
from services.planning.plan.model import Plan

Asked = tuple[Plan, Caller | None]
Key = tuple[str, str, int]
Cases = DataLoader[Asked, Case]


def case_loader(planning: Planning) -> Cases:
    """For one request. A plan is another one after each of its events; IdentityAway fails only whom it concerns."""

    async def load(asked: list[Asked]) -> Sequence[Case | BaseException]:
        together: dict[Key, list[Asked]] = {}
        for one in asked:
            together.setdefault(_key(one[0]), []).append(one)
        loaded = await asyncio.gather(*(_cases(planning, some) for some in together.values()))
        found = {id(one): case for cases in loaded for one, case in cases}
        return [found[id(one)] for one in asked]

    return DataLoader(load_fn=load, cache_key_fn=lambda one: (_key(one[0]), one[1]))


async def _cases(planning: Planning, asked: Sequence[Asked]) -> list[tuple[Asked, Case | BaseException]]:
    """The cases of one plan, for all who asked."""
    plan = asked[0][0]
    try:
        cases: Sequence[Case | BaseException] = await cases_of(planning, plan, [who for _, who in asked])
    except Exception as error:  # noqa: BLE001 - it is raised where the case is awaited
        cases = [error] * len(asked)
    return list(zip(asked, cases, strict=True))


def _key(plan: Plan) -> Key:
    return plan.ptk_id, plan.period, plan.version
