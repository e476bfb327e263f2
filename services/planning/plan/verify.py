"""Are the histories whole? Every plan is held against its events, and these against their hashes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.problems import Problem
from services.planning.plan import store as verify
from services.planning.plan.chain import differences, findings


@dataclass(frozen=True, slots=True)
class Verdict:
    """A plan that was checked: how many events it has, and all that is wrong with it."""

    ptk_id: str
    period: str
    events: int
    findings: tuple[Problem, ...]


async def verdicts(
    period: str | None, ptk_id: str | None, connection: BaseDBAsyncClient
) -> AsyncIterator[Verdict]:
    """The verdict on every plan of a period, of a person, or at all."""
    async for plan in verify.plans(period, ptk_id, connection):
        found = (*findings(plan), *differences(plan))
        yield Verdict(plan.ptk_id, plan.period, len(plan.events), found)
