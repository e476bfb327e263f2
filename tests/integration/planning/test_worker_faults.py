"""What goes wrong around the worker: plans, identity, itself. Nothing is forgotten, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.reconcile import retry
from services.planning.reconcile.decisions import MAX_CONCURRENT_DECISIONS, WorkerStopped
from services.planning.worker import TaskLoop
from tests.identity_samples import ptk
from tests.integration.planning.composing import submitted
from tests.integration.planning.following import (
    crowd_waits,
    each_decided_once,
    feed,
    follow,
    follower_of,
    led_by_plt,
    plan_held,
    positions,
    somebody_waits,
    states,
)
from tests.integration.planning.front import OPEN, SHUT, door_before
from tests.integration.planning.house import House, house_at
from tests.small_registry import COLLEAGUE, OF_SMA, OF_SMP, PNS, PPPK, SMA, appoint_plt
from tests.until import until

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
async def house(changing: Database, own: Database) -> AsyncIterator[House]:
    """Both services on 15 January 2024."""
    async with house_at(changing, own) as house:
        yield house


async def test_a_plan_that_cannot_be_decided_stops_no_other_and_is_tried_until_it_can(
    house: House, changing: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retry, "RETRY_INTERVAL_SECONDS", 0)
    for who in (PNS, PPPK, COLLEAGUE):
        await submitted(house, who)
    await follow(house)
    before = await positions(house)
    workflow = (await house.sql("SELECT workflow FROM plan LIMIT 1"))[0]["workflow"]
    broken = str(ptk(PPPK))
    # As of a newer release: this one cannot read it.
    await house.sql("UPDATE plan SET workflow = repeat('f', 64) WHERE ptk_id = $1", broken)
    await led_by_plt(changing, OF_SMP, at=house.now)
    async with follower_of(house) as follower:
        await follower.run_round()
        others = {str(ptk(PNS)): "auto_approved", str(ptk(COLLEAGUE)): "auto_approved"}
        assert await states(house) == {broken: "submitted", **others}
        assert any(broken in record.getMessage() for record in caplog.records)
        assert (len(follower.retry_queue), await positions(house)) == (1, before)
        await submitted(house, OF_SMA)
        with changing.active():
            await appoint_plt(OF_SMP, SMA, at=house.now)
        await follower.run_round()
        assert (await states(house))[str(ptk(OF_SMA))] == "auto_approved", "others go on"
        await house.sql("UPDATE plan SET workflow = $1 WHERE ptk_id = $2", workflow, broken)
        await follower.run_round()
        assert not follower.retry_queue
    assert set((await states(house)).values()) == {"auto_approved"}
    assert (await positions(house))["school_changes"] == (await feed(house))[-1]["seq"]


async def test_a_worker_that_was_away_for_days_looks_at_an_hour_at_a_time(
    house: House, changing: Database
) -> None:
    await follow(house)
    for who in (PNS, OF_SMA):
        await submitted(house, who)
    await house.sql("UPDATE plan_event SET at = at + interval '1 day' WHERE ptk_id = $1", ptk(OF_SMA))
    async with follower_of(house, now=house.now + timedelta(days=2)) as follower:
        seen = []
        while await follower.run_round():
            seen.append({ptk_id for ptk_id, _ in follower._decided_versions})
        assert [one for one in seen if len(one) > 1] == []
        assert set().union(*seen) == {str(ptk(PNS)), str(ptk(OF_SMA))}
        assert (await positions(house))["new_plans"] == (house.now + timedelta(days=2)).timestamp()


async def test_what_is_owed_for_long_makes_no_round_longer(house: House) -> None:
    """Only the plans that came to wait in the last minutes are looked at, not all since the broken one did."""
    async with follower_of(house) as follower:
        while await follower.run_round():
            pass
        for who in (PNS, PPPK):
            await submitted(house, who)
        await house.sql("UPDATE plan SET workflow = repeat('f', 64) WHERE ptk_id = $1", ptk(PPPK))
        before = await positions(house)
        await follower.run_round()
        assert (len(follower.retry_queue), len(follower._decided_versions)) == (1, 2)
        follower._services = replace(follower._services, clock=Clock(house.now + timedelta(minutes=3)))
        await follower.run_round()
        await follower.run_round()
        assert (len(follower.retry_queue), len(follower._decided_versions)) == (1, 0)
        assert await positions(house) == before


async def test_identity_goes_away_in_the_middle_and_nothing_is_lost(
    house: House, changing: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "RETRY_INTERVAL_SECONDS", 0)
    owners = await crowd_waits(house, changing)
    await follow(house)
    before = await positions(house)
    await led_by_plt(changing, OF_SMP, at=house.now)
    place = house.identity._base_url
    assert place is not None
    assert place.host is not None
    assert place.port is not None
    async with (
        door_before(place.host, place.port) as door,
        follower_of(house, identity_url=door.url) as follower,
    ):
        async with plan_held(house, owners[0]):
            first = asyncio.create_task(follower.run_round())
            await somebody_waits(house)
            door.set(SHUT)
        with pytest.raises(IdentityUnavailable):
            await first
        decided = list((await states(house)).values()).count("auto_approved")
        assert 0 < decided < len(owners)
        assert await positions(house) == before
        with pytest.raises(IdentityUnavailable):
            await follower.run_round()
        door.set(OPEN)
        running = asyncio.create_task(TaskLoop(follower, 0.05, "reconcile").run())

        async def all_done() -> bool:
            return set((await states(house)).values()) == {"auto_approved"}

        await until(all_done)
        follower.stopping.set()
        await running
    await each_decided_once(house, [*owners, str(ptk(PNS))])


async def test_two_workers_at_once_decide_each_plan_once(house: House, changing: Database) -> None:
    owners = await crowd_waits(house, changing)
    await led_by_plt(changing, OF_SMP, at=house.now)
    async with follower_of(house) as one, follower_of(house) as other:
        async with plan_held(house, owners[0]):
            rounds = [asyncio.create_task(follower.run_round()) for follower in (one, other)]
            await somebody_waits(house, 2)
        await asyncio.gather(*rounds)
    await each_decided_once(house, [*owners, str(ptk(PNS))])


async def test_told_to_stop_it_finishes_the_plans_at_hand_and_no_position_moves(
    house: House, changing: Database
) -> None:
    owners = await crowd_waits(house, changing)
    await led_by_plt(changing, OF_SMP, at=house.now)
    async with follower_of(house) as follower:
        async with plan_held(house, owners[0]):
            round_ = asyncio.create_task(follower.run_round())
            await somebody_waits(house)
            follower.stopping.set()
        with pytest.raises(WorkerStopped):
            await round_
    assert list((await states(house)).values()).count("auto_approved") == MAX_CONCURRENT_DECISIONS
    assert await positions(house) == {}
    await follow(house)
    await each_decided_once(house, [*owners, str(ptk(PNS))])


async def test_a_position_never_goes_back(house: House, changing: Database) -> None:
    async with follower_of(house) as slow:
        await slow.run_round()
        with changing.active():
            await appoint_plt(OF_SMP, SMA, at=house.now)
        await follow(house)
        far = (await positions(house))["school_changes"]
        async with follower_of(house) as broken:
            await house.sql("UPDATE feed_position SET position = position + 5 WHERE name = 'school_changes'")
            await broken.run_round()
        await slow.run_round()
    assert (await positions(house))["school_changes"] == far + 5
