"""What the worker does when timers fall due: each once, never early, whatever clocks and other workers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.kit.database import Database
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.timers import store as timers_store
from tests.identity_samples import ptk
from tests.integration.planning.composing import NOTE, decided, submitted
from tests.integration.planning.following import fire, last_event, led_by_plt, revise, timers_of
from tests.integration.planning.house import House, house_at, sql
from tests.integration.planning.publishing import publish_text
from tests.integration.planning.ticking import (
    AGAIN,
    CLOSING,
    DUE,
    ESCALATED,
    EXPIRY,
    MINUTE,
    expiring,
    timer,
    told,
)
from tests.queries import counting_queries
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, HEAD_OF_SMP, OF_SMA, OF_SMP, PNS, PPPK, SD

pytestmark = pytest.mark.usefixtures("patient")
NOBODY = "http://127.0.0.1:9"
HEAD, OWNER = f"ptk:{ptk(HEAD_OF_SD)}", f"ptk:{ptk(PNS)}"


@pytest.fixture
async def house(changing: Database, own: Database) -> AsyncIterator[House]:
    """Both services on 15 January 2024."""
    async with house_at(changing, own) as house:
        yield house


# ── reminders ──


async def test_the_superior_is_reminded_after_three_days_and_again_then_the_dinas_is_told(
    house: House,
) -> None:
    teacher = await submitted(house, PNS)
    before = await teacher.plan()
    await fire(house, DUE - MINUTE)
    assert await told(house) == []
    for now in (DUE, DUE + MINUTE, AGAIN, ESCALATED, ESCALATED + timedelta(days=30)):
        await fire(house, now)
    assert await told(house, "recipient", "timer", "count", "created_at") == [
        (HEAD, "remind_superior", 0, DUE),
        (HEAD, "remind_superior", 1, AGAIN),
        ("dinas", "escalate", 0, ESCALATED),
    ]
    assert await teacher.plan() == before, "a reminder changes no plan"


async def test_a_teacher_who_writes_at_the_deadline_meets_no_conflict_from_a_reminder(house: House) -> None:
    teacher = await house.person(PNS)
    version = (await teacher.start())["version"]
    await fire(house, CLOSING)
    assert await told(house) == [(OWNER, "remind_draft_owner", 0)]
    await teacher.done("confirmProfile", version)


async def test_a_plan_that_left_the_state_reminds_nobody(house: House) -> None:
    teacher = await submitted(house, PNS)
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    await fire(house, ESCALATED)
    assert await told(house) == []


async def test_a_returned_plan_counts_anew(house: House) -> None:
    teacher = await submitted(house, PNS)
    await fire(house, DUE)
    await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await teacher.done("submitPlan")
    await fire(house, DUE + MINUTE)
    assert [count for *_, count in await told(house)] == [0, 0]


async def test_where_nobody_heads_the_school_the_dinas_is_told(house: House) -> None:
    await submitted(house, OF_SMA)
    await fire(house, DUE)
    assert await told(house, "recipient", "role", "timer") == [("dinas", "dinas", "remind_superior")]


async def test_it_is_for_who_heads_the_school_when_it_is_due(house: House, changing: Database) -> None:
    await submitted(house, PNS)
    await submitted(house, OF_SMP)
    await led_by_plt(changing, OF_SMP, at=house.now)
    await fire(house, DUE)
    assert (f"ptk:{ptk(OF_SMP)}", "remind_superior", 0) in await told(house)


# ── clocks, workers, kills ──


async def test_a_clock_that_jumps_forward_fires_each_once_and_makes_up_for_nothing(house: House) -> None:
    await submitted(house, PNS)
    await fire(house, AGAIN + timedelta(days=60))
    assert [name for _, name, _ in await told(house)] == ["escalate", "remind_superior"]
    assert (await timer(house, "remind_superior"))["due"] is None


async def test_a_clock_that_jumps_back_fires_nothing_twice(house: House) -> None:
    await submitted(house, PNS)
    for now in (DUE, DUE - timedelta(days=2), DUE, DUE + MINUTE):
        await fire(house, now)
    assert await told(house) == [(HEAD, "remind_superior", 0)]


async def test_a_worker_that_slept_between_looking_and_firing_does_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submitted(house, PNS)
    looked, awake, find = asyncio.Event(), asyncio.Event(), timers_store.select_due

    async def asleep(*given: Any) -> Any:
        found = await find(*given)
        looked.set()
        await awake.wait()
        return found

    async with timers_of(house, DUE) as slow:
        monkeypatch.setattr(timers_store, "select_due", asleep)
        sleeping = asyncio.create_task(slow.run_round())
        await looked.wait()
        monkeypatch.setattr(timers_store, "select_due", find)
        await fire(house, DUE)
        awake.set()
        await sleeping
    assert await told(house) == [(HEAD, "remind_superior", 0)]


async def test_who_is_at_work_on_a_timer_keeps_nobody_waiting(house: House) -> None:
    """Somebody holds one row; the others are fired, and the one later."""
    for who in (PNS, PPPK, COLLEAGUE):
        await submitted(house, who)
    holder = await asyncpg.connect(house.database.dsn)
    async with holder.transaction():
        await holder.execute("SELECT FROM plan_timer WHERE ptk_id = $1 FOR UPDATE", ptk(PPPK))
        await fire(house, DUE)
        assert len(await told(house)) == 2
    await holder.close()
    await fire(house, DUE)
    assert len(await told(house)) == 3


# ── dates that move ──


async def test_an_extended_window_reminds_of_the_new_day_and_not_of_the_old_one(house: House) -> None:
    await (await house.person(PNS)).start()
    await revise(house, 3, house.now, planning_closes="2024-03-31")
    # Nobody has planned it anew yet: it is not fired early all the same.
    async with timers_of(house, house.now) as timers:
        await timers.run_round()
    assert (await timer(house, "remind_draft_owner"))["due"] == CLOSING
    await house.sql("UPDATE plan_timer SET due = $1, first_due = $1", house.now)
    await fire(house, CLOSING)
    assert await told(house) == []
    assert (await timer(house, "remind_draft_owner"))["due"] == CLOSING + timedelta(days=60)


async def test_after_a_reminder_an_extension_is_another_deadline(house: House) -> None:
    await (await house.person(PNS)).start()
    await fire(house, CLOSING)
    await revise(house, 3, CLOSING, planning_closes="2024-03-31")
    await fire(house, CLOSING + timedelta(minutes=1))
    assert (await timer(house, "remind_draft_owner"))["due"] is None, "commands may be on their way"
    await fire(house, CLOSING + timedelta(minutes=2))
    assert (await timer(house, "remind_draft_owner"))["due"] == CLOSING + timedelta(days=60)
    (planned,) = await house.sql("SELECT position FROM feed_position WHERE name = 'timers 2024-1'")
    assert planned["position"] == 3
    await fire(house, CLOSING + timedelta(days=60))
    assert [(name, count) for _, name, count in await told(house)] == [("remind_draft_owner", 0)] * 2


async def test_a_window_that_closes_sooner_reminds_sooner(house: House) -> None:
    await (await house.person(PNS)).start()
    await revise(house, 3, house.now, planning_closes="2024-01-20")
    await fire(house, datetime(2024, 1, 17, 1, tzinfo=house.now.tzinfo))
    assert await told(house) == [(OWNER, "remind_draft_owner", 0)]


# ── transitions ──


async def test_a_timer_fires_a_transition_as_the_system_with_its_cause(house: House) -> None:
    await publish_text(house.database, expiring())
    teacher = await submitted(house, PNS)
    await fire(house, EXPIRY - MINUTE)
    assert (await teacher.plan())["state"]["name"] == "submitted"
    await fire(house, EXPIRY)
    plan = await teacher.plan()
    assert (plan["state"]["name"], plan["version"], plan["revisionDue"]) == ("draft", 8, "2024-02-03")
    event = await last_event(house, str(teacher.ptk_id))
    assert (event["trigger"], event["transition"], event["actor"]["kind"]) == ("expire", "expire", "system")
    assert event["detail"] == {"cause": {"timer": "expire", "count": 1}}
    await fire(house, EXPIRY)
    assert (await teacher.plan())["version"] == 8
    assert [row["timer"] for row in await house.sql("SELECT timer FROM plan_timer")] == ["remind_draft_owner"]


async def test_of_two_workers_one_fires_it(house: House) -> None:
    await publish_text(house.database, expiring())
    for who in (PNS, PPPK, COLLEAGUE):
        await submitted(house, who)
    await asyncio.gather(fire(house, EXPIRY), fire(house, EXPIRY))
    rows = await house.sql("SELECT version, state FROM plan")
    assert [tuple(row.values()) for row in rows] == [(8, "draft")] * 3


async def test_a_guard_that_refuses_is_an_incident_and_stops_no_other(house: House) -> None:
    await publish_text(house.database, expiring("{head_is: {kind: kosong}}"))
    teacher = await submitted(house, PNS)
    nobodys = await submitted(house, OF_SMA)
    await fire(house, EXPIRY)
    assert (await nobodys.plan())["state"]["name"] == "draft"
    (row,) = await house.sql("SELECT * FROM plan_timer WHERE timer = 'expire'")
    assert (row["tries"], row["tried_at"], row["due"]) == (1, EXPIRY, EXPIRY)
    assert "head.is_other" in row["incident"]
    assert (await teacher.plan())["version"] == 7
    await fire(house, EXPIRY + MINUTE)
    assert (await timer(house, "expire"))["tries"] == 1, "it waits for an admin"


# ── what it needs to know ──


async def test_a_school_that_identity_does_not_know_is_an_incident(house: House) -> None:
    await submitted(house, PNS)
    await submitted(house, OF_SMA)
    await house.sql("UPDATE plan SET npsn = '99999999' WHERE ptk_id = $1", ptk(PNS))
    await fire(house, DUE)
    assert await told(house, "recipient", "timer") == [("dinas", "remind_superior")]
    (row,) = await house.sql("SELECT * FROM plan_timer WHERE incident IS NOT NULL")
    assert (row["timer"], row["tries"]) == ("remind_superior", 1)
    assert "timer.school_unknown" in row["incident"]


async def test_while_identity_is_away_what_needs_it_waits_and_the_rest_goes_on(house: House) -> None:
    await submitted(house, PNS)
    await (await house.person(PPPK)).start()
    async with timers_of(house, CLOSING, identity_url=NOBODY) as timers:
        with pytest.raises(IdentityUnavailable):  # noqa: PT012 - in the round in which nothing else is to be done
            while await timers.run_round():
                pass
    assert sorted(name for _, name, _ in await told(house)) == ["escalate", "remind_draft_owner"]
    assert await house.sql("SELECT FROM plan_timer WHERE incident IS NOT NULL") == []
    await fire(house, CLOSING)
    assert len(await told(house)) == 3


async def test_an_unreadable_answer_about_one_school_delays_only_its_reminders(
    house: House, changing: Database
) -> None:
    await submitted(house, PNS)
    await submitted(house, OF_SMP)
    (school,) = await sql(changing, "SELECT provenance FROM schools WHERE npsn = $1", SD)
    await sql(changing, """UPDATE schools SET provenance = '{"nama": {}}' WHERE npsn = $1""", SD)
    await house.sql("DELETE FROM registry_answer")
    async with timers_of(house, DUE) as timers:
        with pytest.raises(IdentityUnavailable):  # noqa: PT012 - in the round in which nothing else is to be done
            while await timers.run_round():
                pass
        assert await told(house, "recipient") == [(f"ptk:{ptk(HEAD_OF_SMP)}",)]
        assert await house.sql("SELECT FROM plan_timer WHERE incident IS NOT NULL") == []
        await sql(changing, "UPDATE schools SET provenance = $1 WHERE npsn = $2", school["provenance"], SD)
        assert not await timers.run_round()
    assert {recipient for (recipient,) in await told(house, "recipient")} == {HEAD, f"ptk:{ptk(HEAD_OF_SMP)}"}


# ── what it costs ──


async def test_a_page_costs_the_same_however_many_plans_are_due(house: House) -> None:
    await submitted(house, PNS)
    await fire(house, house.now)
    sent = []
    for others, now in (((), DUE), ((PPPK, COLLEAGUE), DUE + MINUTE)):
        for who in others:
            await submitted(house, who)
        async with timers_of(house, now) as timers:
            with counting_queries() as queries:
                await timers.run_round()
        sent.append(queries)
    assert len(await told(house)) == 3
    assert len(sent[0]) == len(sent[1])
    assert sum("INSERT INTO notification" in query for query in sent[1]) == 1
