"""When the head changes, or a value of the period: waiting plans are decided again, each once, none forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.identity.registry.commands import import_duties
from services.kit.database import Database
from services.planning.reconcile import decisions, rounds
from services.planning.reconcile import store as reconcile_store
from services.planning.worker import TaskLoop
from tests.identity_samples import ptk
from tests.integration.planning.composing import SUB_INDIKATOR, complete, submitted
from tests.integration.planning.following import (
    TEACHES,
    crowd_waits,
    feed,
    follow,
    follower_of,
    last_event,
    led_by_definitif,
    led_by_plt,
    plan_held,
    positions,
    revise,
    somebody_waits,
    states,
)
from tests.integration.planning.house import JANUARY, House, house_at
from tests.queries import counting_queries
from tests.small_registry import (
    COLLEAGUE,
    HEAD_OF_SMP,
    OF_SMA,
    OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    SMA,
    SMP,
    TK,
    appoint_plt,
    import_one_school,
)
from tests.until import until

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
async def house(changing: Database, own: Database) -> AsyncIterator[House]:
    """Both services on 15 January 2024."""
    async with house_at(changing, own) as house:
        yield house


# ── heads ──


async def test_plans_that_wait_for_a_definitif_head_are_approved_when_a_plt_comes(
    house: House, changing: Database
) -> None:
    for who in (PNS, COLLEAGUE):
        await submitted(house, who)
    await follow(house)
    assert set((await states(house)).values()) == {"submitted"}
    await led_by_plt(changing, OF_SMP, at=house.now)
    await follow(house)
    assert set((await states(house)).values()) == {"auto_approved"}
    event = await last_event(house, str(ptk(PNS)))
    assert (event["trigger"], event["transition"]) == ("@entered(submitted)", "approve_automatically")
    assert event["actor"] == {"kind": "system", "ptk_id": None, "account": None}
    assert event["because"]["head"] == {"kind": "plt", "ptk_id": str(ptk(OF_SMP))}
    last = max(change["seq"] for change in await feed(house) if change["key"] == SD)
    assert event["detail"] == {"cause": {"registry": last}}


async def test_plans_of_a_vacant_school_are_approved_when_a_plt_comes(
    house: House, changing: Database
) -> None:
    await submitted(house, OF_SMA)
    await follow(house)
    assert await states(house) == {str(ptk(OF_SMA)): "submitted"}
    with changing.active():
        await appoint_plt(OF_SMP, SMA, at=house.now)
    await follow(house)
    assert await states(house) == {str(ptk(OF_SMA)): "auto_approved"}


async def test_what_was_approved_stays_so_when_a_definitif_head_comes(
    house: House, changing: Database
) -> None:
    await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
    await submitted(house, PNS)
    await led_by_plt(changing, OF_SMP, at=house.now)
    await follow(house)
    before = await house.everything()
    await led_by_definitif(changing, at=house.now)
    with changing.active():
        await appoint_plt(PLT_OF_TK, TK, at=house.now, until="2024-01-10")
    await follow(house)
    assert await house.everything() == before


async def test_the_plt_of_the_own_school_does_not_open_the_own_plan(house: House, changing: Database) -> None:
    for who in (OF_SMP, PLT_OF_TK):
        await submitted(house, who)
    with changing.active():
        await import_one_school(SMP, house.now, **{f"p{HEAD_OF_SMP}": TEACHES})
        await appoint_plt(OF_SMP, SMP, at=house.now)
    await follow(house)
    assert await states(house) == {str(ptk(OF_SMP)): "submitted", str(ptk(PLT_OF_TK)): "auto_approved"}


async def test_a_plt_who_begins_with_the_date_is_noticed_on_that_day(
    changing: Database, own: Database
) -> None:
    with changing.active():
        await import_one_school(SMA, JANUARY)
        line = f"{ptk(OF_SMP)},33,{SMA},SK/CONTOH/2,2024-01-16,"
        await import_duties(
            f"ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst\n{line}\n".encode(), "duties", JANUARY
        )
    async with house_at(changing, own) as house:
        await submitted(house, OF_SMA)
        await follow(house)
        assert await states(house) == {str(ptk(OF_SMA)): "submitted"}
    # 16 January begins at the SMA, in Papua, at 15.00 UTC.
    async with house_at(changing, own, JANUARY.replace(hour=15)) as house:
        await follow(house)
        assert await states(house) == {str(ptk(OF_SMA)): "auto_approved"}


async def test_a_plan_handed_in_by_the_head_of_before_is_decided_by_the_one_of_now(
    house: House, changing: Database
) -> None:
    """The head changes, and is followed, between the facts and the commit of a submission."""
    teacher = await house.person(PNS)
    await complete(teacher)
    await follow(house)
    async with follower_of(house) as follower:
        async with plan_held(house, str(ptk(PNS))):
            submitting = asyncio.create_task(teacher.done("submitPlan", 6))
            await somebody_waits(house)
            await led_by_plt(changing, OF_SMP, at=house.now)
            await follower.run_round()
        assert (await submitting)["state"]["phase"] == "SUBMITTED"
        handled = (await positions(house))["school_changes"]
        assert handled == (await feed(house))[-1]["seq"], "the change is done with, as far as it goes"
        await follower.run_round()
    assert await states(house) == {str(ptk(PNS)): "auto_approved"}
    assert (await last_event(house, str(ptk(PNS))))["detail"] == {"cause": {"waits_since": 7}}


async def test_a_teacher_who_moved_is_noticed(house: House, changing: Database) -> None:
    await submitted(house, PNS)
    with changing.active():
        row = {"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
        await import_one_school(SMP, house.now, p1=row)
    await follow(house)
    assert [row["npsn"] for row in await house.sql("SELECT npsn FROM moved_teacher")] == [SMP]


async def test_a_head_waits_for_no_import_of_teachers(
    house: House, changing: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "FEED_PAGE_SIZE", 1)
    for who in (PNS, OF_SMA):
        await submitted(house, who)
    async with follower_of(house) as follower:
        while await follower.run_round():
            pass
        with changing.active():
            row = {"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
            await import_one_school(SMP, house.now, p1=row)
            await appoint_plt(OF_SMP, SMA, at=house.now)
        while (await states(house))[str(ptk(OF_SMA))] == "submitted":
            assert await follower.run_round()
        assert await house.sql("SELECT FROM moved_teacher") == [], "they come later"
        while await follower.run_round():
            pass
    assert [row["npsn"] for row in await house.sql("SELECT npsn FROM moved_teacher")] == [SMP]
    assert set((await positions(house)).items()) >= {
        (name, (await feed(house))[-1]["seq"]) for name in ("school_changes", "teacher_changes")
    }


# ── values ──


async def test_a_switch_of_the_period_is_followed_on_and_off_by_a_worker_that_runs(house: House) -> None:
    await submitted(house, PNS)
    async with follower_of(house) as follower:
        await follower.run_round()
        running = asyncio.create_task(TaskLoop(follower, 0.02, "reconcile").run())
        await revise(house, 3, house.now - timedelta(days=1), approve_automatically=True)

        async def approved() -> bool:
            return set((await states(house)).values()) == {"auto_approved"}

        async def followed() -> bool:
            return (await positions(house)).get("period 2024-1") == 4

        await until(approved)
        await revise(house, 4, house.now - timedelta(hours=1), approve_automatically=False)
        await until(followed)
        await submitted(house, COLLEAGUE)
        follower.stopping.set()
        await running
    await follow(house)
    assert await states(house) == {str(ptk(PNS)): "auto_approved", str(ptk(COLLEAGUE)): "submitted"}
    event = await last_event(house, str(ptk(PNS)))
    assert event["detail"] == {"cause": {"parameters": 3}}
    assert (event["parameters"], event["because"]["params.approve_automatically"]) == (3, True)


async def test_a_revision_is_followed_when_it_becomes_effective(
    changing: Database, own: Database, house: House
) -> None:
    await submitted(house, PNS)
    await revise(house, 3, house.now + timedelta(hours=1), approve_automatically=True)
    await follow(house)
    assert await states(house) == {str(ptk(PNS)): "submitted"}
    async with house_at(changing, own, house.now + timedelta(hours=1)) as later:
        await follow(later)
    assert await states(house) == {str(ptk(PNS)): "auto_approved"}


async def test_many_plans_are_decided_some_at_a_time_while_heads_are_followed_between(
    house: House, changing: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd_waits(house, changing)
    await follow(house)
    monkeypatch.setattr(decisions, "PLAN_PAGE_SIZE", 5)
    monkeypatch.setattr(rounds, "MAX_NEW_PLANS", 5)
    await revise(house, 3, house.now, approve_automatically=True)
    async with follower_of(house, now=house.now + timedelta(hours=1)) as follower:
        assert await follower.run_round()
        assert 0 < list((await states(house)).values()).count("auto_approved") < 21
        assert (await positions(house))["period 2024-1"] == 1, "it is not done with"
        while await follower.run_round():
            pass
    assert set((await states(house)).values()) == {"auto_approved"}
    assert (await positions(house))["period 2024-1"] == 3


# ── cost ──


async def test_a_round_sends_as_many_statements_as_this_whatever_changed(
    house: House, changing: Database
) -> None:
    async with follower_of(house) as follower:
        while await follower.run_round():
            pass
        with counting_queries() as idle:
            await follower.run_round()
        for npsn in (SMA, TK, SMP):
            with changing.active():
                await import_one_school(npsn, house.now, school={"nama": "NAMA BARU"})
        with counting_queries() as busy:
            await follower.run_round()
    ours = [query for query in idle if "plan" in query or "period" in query or "feed_position" in query]
    assert len(ours) == 5, ours
    assert busy.count(reconcile_store._SQL["select_waiting_at_schools"].text) == 1
