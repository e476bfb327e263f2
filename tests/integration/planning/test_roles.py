"""One person in several roles: teacher here and Plt there, or head of two schools; each cleanly apart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.kit.database import Database
from tests.integration.planning.composing import NOTE, SUB_INDIKATOR, decided, submitted
from tests.integration.planning.house import House, codes, house_at
from tests.integration.planning.test_reopen import reopen
from tests.integration.planning.test_review_queue import queue
from tests.small_registry import (
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    SMP,
    TK,
    appoint_plt,
)

FEBRUARY = datetime(2024, 2, 1, 3, tzinfo=UTC)
VIEWER = (
    "{ viewer { roles { role npsn } banners { code role npsn } deviceAdvice(device: PHONE) { role npsn } } }"
)


async def viewer(house: House, who: int) -> dict[str, Any]:
    answer = (await (await house.person(who)).ask(VIEWER))["viewer"]
    assert answer.pop("deviceAdvice") == {"role": None, "npsn": None}
    return {name: [tuple(row.values()) for row in rows] for name, rows in answer.items()}


async def test_a_teacher_who_is_plt_elsewhere_is_told_in_each_role(
    registry: Database, planning: Database
) -> None:
    async with house_at(registry, planning, FEBRUARY) as house:
        own = await submitted(house, PLT_OF_TK)
        await decided(house, HEAD_OF_SMP, own, "returnPlan", note=NOTE)
        await reopen(house, await submitted(house, OF_TK, indikator=SUB_INDIKATOR))
        assert await viewer(house, PLT_OF_TK) == {
            "roles": [("TEACHER", SMP), ("PLT", TK)],
            "banners": [
                ("banner.returned", "TEACHER", SMP),
                ("banner.confirm_as_plt", "PLT", TK),
                ("banner.reopened_here", "PLT", TK),
            ],
        }
        # As a teacher of the SMP they decide nothing there, and their own plan is not in their queue.
        colleague = await submitted(house, OF_SMP)
        both = await house.person(PLT_OF_TK)
        given = {"planId": colleague.plan_id, "expectedVersion": 7}
        assert codes(await both.do("approvePlan", given)) == ["plan.unknown"]
        assert [edge["node"]["npsn"] for edge in (await queue(both))["edges"]] == [TK]


async def test_the_head_of_two_schools_is_told_of_each(changing: Database, planning: Database) -> None:
    async with house_at(changing, planning, FEBRUARY) as house:
        with changing.active():
            await appoint_plt(PLT_OF_TK, TK, at=house.now, until="2024-01-31")
            await appoint_plt(HEAD_OF_SD, TK, at=house.now)
        at_the_sd = await submitted(house, PNS)
        await decided(house, HEAD_OF_SD, at_the_sd, "approvePlan")
        await reopen(house, at_the_sd)
        await reopen(house, await submitted(house, OF_TK, indikator=SUB_INDIKATOR))
        assert await viewer(house, HEAD_OF_SD) == {
            "roles": [("KEPALA_SEKOLAH", SD), ("PLT", TK)],
            "banners": [
                ("banner.confirm_as_plt", "PLT", TK),
                ("banner.reopened_here", "KEPALA_SEKOLAH", SD),
                ("banner.reopened_here", "PLT", TK),
            ],
        }
        head = await house.person(HEAD_OF_SD)
        assert (await queue(head))["counts"] == [{"phase": "DRAFT", "plans": 2}]
        assert (await queue(head, npsn=TK))["counts"] == [{"phase": "DRAFT", "plans": 1}]
        assert await viewer(house, PLT_OF_TK) == {"roles": [("TEACHER", SMP)], "banners": []}
