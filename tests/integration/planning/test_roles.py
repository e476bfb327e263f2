"""Banners of a person with several roles: teacher and Plt, or head of two schools."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.kit.database import Database
from tests.integration.planning.environment import Environment, environment_at, problem_codes
from tests.integration.planning.plans import NOTE, SUB_INDIKATOR, decide_as_head, submit_plan
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
    "{ viewer { roles { role satuanPendidikan { npsn } } banners { code role satuanPendidikan { npsn } } "
    "deviceAdvice(device: PHONE) { role satuanPendidikan { npsn } } } }"
)


async def viewer(environment: Environment, user: int) -> dict[str, Any]:
    answer = (await (await environment.sign_in(user)).execute(VIEWER))["viewer"]
    assert answer.pop("deviceAdvice") == {"role": None, "satuanPendidikan": None}
    return {
        name: [(*row.values(), school["npsn"]) for row in rows if (school := row.pop("satuanPendidikan"))]
        for name, rows in answer.items()
    }


async def test_teacher_who_is_plt_elsewhere_gets_the_banners_of_each_role(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database, FEBRUARY) as environment:
        own = await submit_plan(environment, PLT_OF_TK)
        await decide_as_head(environment, HEAD_OF_SMP, own, "returnPlan", note=NOTE)
        await reopen(environment, await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR))
        assert await viewer(environment, PLT_OF_TK) == {
            "roles": [("TEACHER", SMP), ("PLT", TK)],
            "banners": [
                ("banner.returned", "TEACHER", SMP),
                ("banner.confirm_as_plt", "PLT", TK),
                ("banner.reopened_here", "PLT", TK),
            ],
        }
        # A teacher of the SMP decides nothing there, and their own plan is not in their queue.
        colleague = await submit_plan(environment, OF_SMP)
        both = await environment.sign_in(PLT_OF_TK)
        arguments = {"planId": colleague.plan_id, "expectedVersion": 7}
        assert problem_codes(await both.mutate("approvePlan", arguments)) == ["plan.unknown"]
        assert [edge["node"]["satuanPendidikan"]["npsn"] for edge in (await queue(both))["edges"]] == [TK]


async def test_head_of_two_schools_gets_the_banners_of_both(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, FEBRUARY) as environment:
        with own_registry.active():
            await appoint_plt(PLT_OF_TK, TK, at=environment.now, until="2024-01-31")
            await appoint_plt(HEAD_OF_SD, TK, at=environment.now)
        at_the_sd = await submit_plan(environment, PNS)
        await decide_as_head(environment, HEAD_OF_SD, at_the_sd, "approvePlan")
        await reopen(environment, at_the_sd)
        await reopen(environment, await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR))
        assert await viewer(environment, HEAD_OF_SD) == {
            "roles": [("KEPALA_SEKOLAH", SD), ("PLT", TK)],
            "banners": [
                ("banner.confirm_as_plt", "PLT", TK),
                ("banner.reopened_here", "KEPALA_SEKOLAH", SD),
                ("banner.reopened_here", "PLT", TK),
            ],
        }
        head = await environment.sign_in(HEAD_OF_SD)
        assert (await queue(head))["counts"] == [{"phase": "DRAFT", "planCount": 2}]
        assert (await queue(head, npsn=TK))["counts"] == [{"phase": "DRAFT", "planCount": 1}]
        assert await viewer(environment, PLT_OF_TK) == {"roles": [("TEACHER", SMP)], "banners": []}
