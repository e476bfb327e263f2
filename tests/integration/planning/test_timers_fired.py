"""The worker fires each due timer once and never early, with several workers and clocks that jump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.kit.database import Database
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.timers import store as timers_store
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment, environment_at, sql
from tests.integration.planning.plans import NOTE, decide_as_head, submit_plan
from tests.integration.planning.reconciliation import (
    fire_timers,
    insert_revision,
    load_last_event,
    open_timers,
    replace_head_by_plt,
)
from tests.integration.planning.timers import (
    CLOSING_REMINDER,
    ESCALATION,
    EXPIRY,
    FIRST_REMINDER,
    MINUTE,
    SECOND_REMINDER,
    definition_with_expiry,
    load_notifications,
    load_timer,
)
from tests.integration.planning.workflow_versions import publish_text
from tests.queries import counting_queries
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, HEAD_OF_SMP, OF_SMA, OF_SMP, PNS, PPPK, SD

NOBODY = "http://127.0.0.1:9"
LAST_MINUTE = datetime(2024, 1, 31, 16, 59, tzinfo=UTC)  # of planning in WIB, without the extension
HEAD, OWNER = f"ptk:{ptk(HEAD_OF_SD)}", f"ptk:{ptk(PNS)}"


@pytest.fixture
async def environment(own_registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024."""
    async with environment_at(own_registry, own_planning_database) as environment:
        yield environment


# ── reminders ──


async def test_head_is_reminded_twice_and_then_the_dinas(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    before = await teacher.load_plan()
    await fire_timers(environment, FIRST_REMINDER - MINUTE)
    assert await load_notifications(environment) == []
    for now in (
        FIRST_REMINDER,
        FIRST_REMINDER + MINUTE,
        SECOND_REMINDER,
        ESCALATION,
        ESCALATION + timedelta(days=30),
    ):
        await fire_timers(environment, now)
    assert await load_notifications(environment, "recipient", "timer", "count", "created_at") == [
        (HEAD, "remind_superior", 0, FIRST_REMINDER),
        (HEAD, "remind_superior", 1, SECOND_REMINDER),
        ("dinas", "escalate", 0, ESCALATION),
    ]
    assert await teacher.load_plan() == before, "a reminder changes no plan"


async def test_reminder_does_not_change_the_version_of_the_plan(
    environment: Environment,
) -> None:
    teacher = await environment.sign_in(PNS)
    version = (await teacher.start_plan())["version"]
    await fire_timers(environment, CLOSING_REMINDER)
    assert await load_notifications(environment) == [(OWNER, "remind_draft_owner", 0)]
    await teacher.mutate_plan("confirmProfile", version)


async def test_plan_that_left_the_state_sends_no_reminder(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    await fire_timers(environment, ESCALATION)
    assert await load_notifications(environment) == []


async def test_timers_start_again_after_a_return(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await fire_timers(environment, FIRST_REMINDER)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await teacher.mutate_plan("submitPlan")
    await fire_timers(environment, FIRST_REMINDER + MINUTE)
    assert [count for *_, count in await load_notifications(environment)] == [0, 0]


async def test_dinas_is_reminded_if_the_school_has_no_head(environment: Environment) -> None:
    await submit_plan(environment, OF_SMA)
    await fire_timers(environment, FIRST_REMINDER)
    assert await load_notifications(environment, "recipient", "role", "timer") == [
        ("dinas", "dinas", "remind_superior")
    ]


async def test_reminder_goes_to_the_head_at_the_due_date(
    environment: Environment, own_registry: Database
) -> None:
    await submit_plan(environment, PNS)
    await submit_plan(environment, OF_SMP)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    await fire_timers(environment, FIRST_REMINDER)
    assert (f"ptk:{ptk(OF_SMP)}", "remind_superior", 0) in await load_notifications(environment)


# ── clocks, workers, kills ──


async def test_late_worker_fires_each_timer_once(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await fire_timers(environment, SECOND_REMINDER + timedelta(days=60))
    assert [name for _, name, _ in await load_notifications(environment)] == ["escalate", "remind_superior"]
    assert (await load_timer(environment, "remind_superior"))["due"] is None


async def test_clock_that_is_set_back_fires_nothing_twice(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    for now in (FIRST_REMINDER, FIRST_REMINDER - timedelta(days=2), FIRST_REMINDER, FIRST_REMINDER + MINUTE):
        await fire_timers(environment, now)
    assert await load_notifications(environment) == [(HEAD, "remind_superior", 0)]


async def test_worker_that_paused_after_reading_fires_nothing_twice(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit_plan(environment, PNS)
    has_read, awake, find = asyncio.Event(), asyncio.Event(), timers_store.select_due

    async def asleep(*arguments: Any) -> Any:
        timers_found = await find(*arguments)
        has_read.set()
        await awake.wait()
        return timers_found

    async with open_timers(environment, FIRST_REMINDER) as slow:
        monkeypatch.setattr(timers_store, "select_due", asleep)
        sleeping = asyncio.create_task(slow.run_round())
        await has_read.wait()
        monkeypatch.setattr(timers_store, "select_due", find)
        await fire_timers(environment, FIRST_REMINDER)
        awake.set()
        await sleeping
    assert await load_notifications(environment) == [(HEAD, "remind_superior", 0)]


async def test_locked_timer_does_not_block_other_workers(environment: Environment) -> None:
    """A locked timer is fired later, and the others at once."""
    for user in (PNS, PPPK, COLLEAGUE):
        await submit_plan(environment, user)
    holder = await asyncpg.connect(environment.database.dsn)
    async with holder.transaction():
        await holder.execute("SELECT FROM plan_timer WHERE ptk_id = $1 FOR UPDATE", ptk(PPPK))
        await fire_timers(environment, FIRST_REMINDER)
        assert len(await load_notifications(environment)) == 2
    await holder.close()
    await fire_timers(environment, FIRST_REMINDER)
    assert len(await load_notifications(environment)) == 3


# ── dates that move ──


async def test_extended_window_moves_the_reminder(
    environment: Environment,
) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await insert_revision(environment, 3, environment.now, planning_closes="2024-03-31")
    # Nobody has planned it anew yet: it is not fired early all the same.
    async with open_timers(environment, environment.now) as timers:
        await timers.run_round()
    assert (await load_timer(environment, "remind_draft_owner"))["due"] == CLOSING_REMINDER
    await environment.sql("UPDATE plan_timer SET due = $1, first_due = $1", environment.now)
    await fire_timers(environment, CLOSING_REMINDER)
    assert await load_notifications(environment) == []
    assert (await load_timer(environment, "remind_draft_owner"))["due"] == CLOSING_REMINDER + timedelta(
        days=60
    )


async def test_late_worker_sends_no_reminder_of_a_closing_that_has_passed(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    await environment.sql("DELETE FROM period_revision WHERE number > 1")
    await fire_timers(environment, LAST_MINUTE + MINUTE)
    assert await load_notifications(environment) == []
    assert (await load_timer(environment, "remind_draft_owner"))["due"] is None


async def test_reminder_of_the_last_minute_names_its_period(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    await environment.sql("DELETE FROM period_revision WHERE number > 1")
    await fire_timers(environment, LAST_MINUTE)
    assert await load_notifications(environment) == [(OWNER, "remind_draft_owner", 0)]
    query = "{ viewer { notifications { nodes { sentence } } } }"
    (notification,) = (await teacher.execute(query))["viewer"]["notifications"]["nodes"]
    assert "Semester 1 Tahun 2024" in notification["sentence"]


async def test_extension_after_a_reminder_sends_another_one(environment: Environment) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await fire_timers(environment, CLOSING_REMINDER)
    await insert_revision(environment, 3, CLOSING_REMINDER, planning_closes="2024-03-31")
    await fire_timers(environment, CLOSING_REMINDER + timedelta(minutes=1))
    assert (await load_timer(environment, "remind_draft_owner"))["due"] is None, (
        "commands may be on their way"
    )
    await fire_timers(environment, CLOSING_REMINDER + timedelta(minutes=2))
    assert (await load_timer(environment, "remind_draft_owner"))["due"] == CLOSING_REMINDER + timedelta(
        days=60
    )
    (new_due,) = await environment.sql("SELECT position FROM worker_position WHERE name = 'timers 2024-1'")
    assert new_due["position"] == 3
    await fire_timers(environment, CLOSING_REMINDER + timedelta(days=60))
    assert [(name, count) for _, name, count in await load_notifications(environment)] == [
        ("remind_draft_owner", 0)
    ] * 2


async def test_earlier_closing_moves_the_reminder(environment: Environment) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await insert_revision(environment, 3, environment.now, planning_closes="2024-01-20")
    await fire_timers(environment, datetime(2024, 1, 17, 1, tzinfo=environment.now.tzinfo))
    assert await load_notifications(environment) == [(OWNER, "remind_draft_owner", 0)]


# ── transitions ──


async def test_a_timer_fires_a_transition_as_the_system_with_its_cause(environment: Environment) -> None:
    await publish_text(environment.database, definition_with_expiry())
    teacher = await submit_plan(environment, PNS)
    await fire_timers(environment, EXPIRY - MINUTE)
    assert (await teacher.load_plan())["state"]["name"] == "submitted"
    await fire_timers(environment, EXPIRY)
    plan = await teacher.load_plan()
    assert (plan["state"]["name"], plan["version"], plan["revisionDueOn"]) == ("draft", 8, "2024-02-03")
    event = await load_last_event(environment, str(teacher.ptk_id))
    assert (event["trigger"], event["transition"], event["actor"]["kind"]) == ("expire", "expire", "system")
    assert event["detail"] == {"cause": {"timer": "expire", "count": 1}}
    await fire_timers(environment, EXPIRY)
    assert (await teacher.load_plan())["version"] == 8
    assert [row["timer"] for row in await environment.sql("SELECT timer FROM plan_timer")] == [
        "remind_draft_owner"
    ]


async def test_one_of_two_workers_fires_a_transition(environment: Environment) -> None:
    await publish_text(environment.database, definition_with_expiry())
    for user in (PNS, PPPK, COLLEAGUE):
        await submit_plan(environment, user)
    await asyncio.gather(fire_timers(environment, EXPIRY), fire_timers(environment, EXPIRY))
    rows = await environment.sql("SELECT version, state FROM plan")
    assert [tuple(row.values()) for row in rows] == [(8, "draft")] * 3


async def test_refused_transition_is_an_incident(environment: Environment) -> None:
    await publish_text(environment.database, definition_with_expiry("{head_is: {kind: kosong}}"))
    teacher = await submit_plan(environment, PNS)
    nobodys = await submit_plan(environment, OF_SMA)
    await fire_timers(environment, EXPIRY)
    assert (await nobodys.load_plan())["state"]["name"] == "draft"
    (row,) = await environment.sql("SELECT * FROM plan_timer WHERE timer = 'expire'")
    assert (row["tries"], row["tried_at"], row["due"]) == (1, EXPIRY, EXPIRY)
    assert "head.is_other" in row["incident"]
    assert (await teacher.load_plan())["version"] == 7
    await fire_timers(environment, EXPIRY + MINUTE)
    assert (await load_timer(environment, "expire"))["tries"] == 1, "it waits for an admin"


# ── facts of identity ──


async def test_unknown_school_is_an_incident(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await submit_plan(environment, OF_SMA)
    await environment.sql("UPDATE plan SET npsn = '99999999' WHERE ptk_id = $1", ptk(PNS))
    await fire_timers(environment, FIRST_REMINDER)
    assert await load_notifications(environment, "recipient", "timer") == [("dinas", "remind_superior")]
    (row,) = await environment.sql("SELECT * FROM plan_timer WHERE incident IS NOT NULL")
    assert (row["timer"], row["tries"]) == ("remind_superior", 1)
    assert "timer.school_unknown" in row["incident"]


async def test_timers_that_need_identity_wait_while_it_is_away(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await (await environment.sign_in(PPPK)).start_plan()
    async with open_timers(environment, CLOSING_REMINDER, identity_url=NOBODY) as timers:
        with pytest.raises(IdentityUnavailable):  # noqa: PT012 - in the round in which nothing else is to be done
            while await timers.run_round():
                pass
    assert sorted(name for _, name, _ in await load_notifications(environment)) == [
        "escalate",
        "remind_draft_owner",
    ]
    assert await environment.sql("SELECT FROM plan_timer WHERE incident IS NOT NULL") == []
    await fire_timers(environment, CLOSING_REMINDER)
    assert len(await load_notifications(environment)) == 3


async def test_an_unreadable_answer_about_one_school_delays_only_its_reminders(
    environment: Environment, own_registry: Database
) -> None:
    await submit_plan(environment, PNS)
    await submit_plan(environment, OF_SMP)
    (school,) = await sql(own_registry, "SELECT provenance FROM school WHERE npsn = $1", SD)
    await sql(own_registry, """UPDATE school SET provenance = '{"nama": {}}' WHERE npsn = $1""", SD)
    await environment.sql("DELETE FROM identity_answer")
    async with open_timers(environment, FIRST_REMINDER) as timers:
        with pytest.raises(IdentityUnavailable):  # noqa: PT012 - in the round in which nothing else is to be done
            while await timers.run_round():
                pass
        assert await load_notifications(environment, "recipient") == [(f"ptk:{ptk(HEAD_OF_SMP)}",)]
        assert await environment.sql("SELECT FROM plan_timer WHERE incident IS NOT NULL") == []
        await sql(own_registry, "UPDATE school SET provenance = $1 WHERE npsn = $2", school["provenance"], SD)
        assert not await timers.run_round()
    assert {recipient for (recipient,) in await load_notifications(environment, "recipient")} == {
        HEAD,
        f"ptk:{ptk(HEAD_OF_SMP)}",
    }


# ── number of statements ──


async def test_number_of_statements_of_a_round_does_not_depend_on_the_plans(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await fire_timers(environment, environment.now)
    statements = []
    for others, now in (((), FIRST_REMINDER), ((PPPK, COLLEAGUE), FIRST_REMINDER + MINUTE)):
        for user in others:
            await submit_plan(environment, user)
        async with open_timers(environment, now) as timers:
            with counting_queries() as queries:
                await timers.run_round()
        statements.append(queries)
    assert len(await load_notifications(environment)) == 3
    assert len(statements[0]) == len(statements[1])
    assert sum("INSERT INTO notification" in query for query in statements[1]) == 1
