"""Timers are stored with the state of a plan, in the same statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.integration.planning.environment import Environment
from tests.integration.planning.plans import NOTE, complete_plan, decide_as_head, submit_plan
from tests.small_registry import HEAD_OF_SD, OF_SMA, PNS

DRAFT = [("remind_draft_owner", datetime(2024, 1, 28, 1, tzinfo=UTC))]
SUBMITTED = [
    ("escalate", datetime(2024, 1, 22, 1, tzinfo=UTC)),
    ("remind_superior", datetime(2024, 1, 18, 1, tzinfo=UTC)),
]


async def load_timers(environment: Environment, ptk_id: str | None) -> list[tuple[Any, ...]]:
    rows = await environment.sql("SELECT * FROM plan_timer WHERE ptk_id = $1 ORDER BY timer", ptk_id)
    assert all((row["count"], row["tries"], row["incident"]) == (0, 0, None) for row in rows)
    assert all(row["first_due"] == row["due"] for row in rows)
    return [(row["timer"], row["due"]) for row in rows]


async def test_each_state_has_its_own_timers(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    assert await load_timers(environment, teacher.ptk_id) == DRAFT
    await submit_plan(environment, PNS)
    assert await load_timers(environment, teacher.ptk_id) == SUBMITTED
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert await load_timers(environment, teacher.ptk_id) == DRAFT
    await teacher.mutate_plan("submitPlan")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert await load_timers(environment, teacher.ptk_id) == []


async def test_timer_is_due_at_the_hour_of_the_school(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_SMA)  # in Papua, two hours earlier
    due = dict(await load_timers(environment, teacher.ptk_id))
    assert due["remind_superior"] == datetime(2024, 1, 17, 23, tzinfo=UTC)


async def test_saving_a_tab_keeps_the_timers(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    await environment.sql("UPDATE plan_timer SET due = NULL, count = 1")
    await complete_plan(teacher)
    (row,) = await environment.sql("SELECT timer, due, count FROM plan_timer")
    assert tuple(row.values()) == ("remind_draft_owner", None, 1)


async def test_change_with_a_version_conflict_stores_no_timers(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await complete_plan(teacher)
    before = await environment.dump_tables()
    assert await teacher.expect_refusal("submitPlan", 5) == ["version.conflict"]
    assert await environment.dump_tables() == before


async def test_timer_starts_again_when_the_state_is_entered_again(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await environment.sql("UPDATE plan_timer SET due = NULL, count = 2, tries = 3, incident = '[]'")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await teacher.mutate_plan("submitPlan")
    assert await load_timers(environment, teacher.ptk_id) == SUBMITTED
