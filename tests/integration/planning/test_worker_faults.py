"""Failures around the worker: plans that cannot be decided, outages of identity, two workers, a stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from prometheus_client import REGISTRY

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.reconcile import retry
from services.planning.reconcile.decisions import MAX_CONCURRENT_DECISIONS
from services.planning.reconcile.retry import WorkerStopped
from services.planning.reconcile.rounds import FeedRewritten
from services.planning.worker import TaskLoop
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment, environment_at
from tests.integration.planning.faulty_proxy import FORWARD, HANG_UP, open_proxy
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.reconciliation import (
    assert_each_approved_once,
    load_changes,
    load_feed_positions,
    load_states,
    lock_plan,
    open_reconciler,
    reconcile,
    replace_head_by_plt,
    submit_many_plans,
    wait_for_blocked_statements,
)
from tests.integration.planning.test_worker_process import start_worker
from tests.small_registry import COLLEAGUE, OF_SMA, OF_SMP, PNS, PPPK, SMA, appoint_plt
from tests.until import until


@pytest.fixture
async def environment(own_registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024."""
    async with environment_at(own_registry, own_planning_database) as environment:
        yield environment


async def test_failed_decision_is_retried_and_does_not_block_other_plans(
    environment: Environment,
    own_registry: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(retry, "RETRY_INTERVAL_SECONDS", 0)
    for teacher in (PNS, PPPK, COLLEAGUE):
        await submit_plan(environment, teacher)
    await reconcile(environment)
    before = await load_feed_positions(environment)
    workflow = (await environment.sql("SELECT workflow FROM plan LIMIT 1"))[0]["workflow"]
    unreadable_plan = str(ptk(PPPK))
    # As of a newer release: this one cannot read it.
    await environment.sql("UPDATE plan SET workflow = repeat('f', 64) WHERE ptk_id = $1", unreadable_plan)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    async with open_reconciler(environment) as follower:
        await follower.run_round()
        other_states = {str(ptk(PNS)): "auto_approved", str(ptk(COLLEAGUE)): "auto_approved"}
        assert await load_states(environment) == {unreadable_plan: "submitted", **other_states}
        assert any(unreadable_plan in record.getMessage() for record in caplog.records)
        assert (len(follower.retry_queue), await load_feed_positions(environment)) == (1, before)
        await submit_plan(environment, OF_SMA)
        with own_registry.active():
            await appoint_plt(OF_SMP, SMA, at=environment.now)
        await follower.run_round()
        assert (await load_states(environment))[str(ptk(OF_SMA))] == "auto_approved", "others go on"
        await environment.sql("UPDATE plan SET workflow = $1 WHERE ptk_id = $2", workflow, unreadable_plan)
        await follower.run_round()
        assert not follower.retry_queue
    assert set((await load_states(environment)).values()) == {"auto_approved"}
    assert (await load_feed_positions(environment))["school_changes"] == (await load_changes(environment))[
        -1
    ]["seq"]


async def test_worker_that_was_down_for_days_reads_one_hour_of_events_at_a_time(
    environment: Environment, own_registry: Database
) -> None:
    await reconcile(environment)
    for teacher in (PNS, OF_SMA):
        await submit_plan(environment, teacher)
    await environment.sql("UPDATE plan_event SET at = at + interval '1 day' WHERE ptk_id = $1", ptk(OF_SMA))
    async with open_reconciler(environment, now=environment.now + timedelta(days=2)) as follower:
        owners_by_round = []
        while await follower.run_round():
            owners_by_round.append({ptk_id for ptk_id, _ in follower._decided_versions})
        assert [one for one in owners_by_round if len(one) > 1] == []
        assert set().union(*owners_by_round) == {str(ptk(PNS)), str(ptk(OF_SMA))}
        assert (await load_feed_positions(environment))["new_plans"] == (
            environment.now + timedelta(days=2)
        ).timestamp()


async def test_queued_jobs_do_not_delay_a_round(environment: Environment) -> None:
    """Only the plans that came to wait in the last minutes are looked at, not all since the broken one did."""
    async with open_reconciler(environment) as follower:
        while await follower.run_round():
            pass
        for who in (PNS, PPPK):
            await submit_plan(environment, who)
        await environment.sql("UPDATE plan SET workflow = repeat('f', 64) WHERE ptk_id = $1", ptk(PPPK))
        before = await load_feed_positions(environment)
        await follower.run_round()
        assert (len(follower.retry_queue), len(follower._decided_versions)) == (1, 2)
        follower._services = replace(follower._services, clock=Clock(environment.now + timedelta(minutes=3)))
        await follower.run_round()
        await follower.run_round()
        assert (len(follower.retry_queue), len(follower._decided_versions)) == (1, 0)
        assert await load_feed_positions(environment) == before


async def test_round_interrupted_by_an_outage_of_identity_loses_nothing(
    environment: Environment, own_registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "RETRY_INTERVAL_SECONDS", 0)
    owners = await submit_many_plans(environment, own_registry)
    await reconcile(environment)
    before = await load_feed_positions(environment)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    place = environment.identity._base_url
    assert place is not None
    assert place.host is not None
    assert place.port is not None
    async with (
        open_proxy(place.host, place.port) as proxy,
        open_reconciler(environment, identity_url=proxy.url) as follower,
    ):
        async with lock_plan(environment, owners[0]):
            first = asyncio.create_task(follower.run_round())
            await wait_for_blocked_statements(environment)
            proxy.set_mode(HANG_UP)
        with pytest.raises(IdentityUnavailable):
            await first
        approved_count = list((await load_states(environment)).values()).count("auto_approved")
        assert 0 < approved_count < len(owners)
        assert await load_feed_positions(environment) == before
        with pytest.raises(IdentityUnavailable):
            await follower.run_round()
        proxy.set_mode(FORWARD)
        loop = asyncio.create_task(TaskLoop(follower, 0.05, "reconcile").run())

        async def all_done() -> bool:
            return set((await load_states(environment)).values()) == {"auto_approved"}

        await until(all_done)
        follower.stopping.set()
        await loop
    await assert_each_approved_once(environment, [*owners, str(ptk(PNS))])


async def test_two_workers_decide_each_plan_once(environment: Environment, own_registry: Database) -> None:
    owners = await submit_many_plans(environment, own_registry)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    async with open_reconciler(environment) as one, open_reconciler(environment) as other:
        async with lock_plan(environment, owners[0]):
            rounds = [asyncio.create_task(follower.run_round()) for follower in (one, other)]
            await wait_for_blocked_statements(environment, 2)
        await asyncio.gather(*rounds)
    await assert_each_approved_once(environment, [*owners, str(ptk(PNS))])


async def test_stopping_worker_finishes_plans_in_progress_and_stores_no_position(
    environment: Environment, own_registry: Database
) -> None:
    owners = await submit_many_plans(environment, own_registry)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    async with open_reconciler(environment) as follower:
        async with lock_plan(environment, owners[0]):
            round_ = asyncio.create_task(follower.run_round())
            await wait_for_blocked_statements(environment)
            follower.stopping.set()
        with pytest.raises(WorkerStopped):
            await round_
    assert list((await load_states(environment)).values()).count("auto_approved") == MAX_CONCURRENT_DECISIONS
    assert await load_feed_positions(environment) == {}
    await reconcile(environment)
    await assert_each_approved_once(environment, [*owners, str(ptk(PNS))])


async def test_feed_position_never_decreases(environment: Environment, own_registry: Database) -> None:
    async with open_reconciler(environment) as slow:
        await slow.run_round()
        with own_registry.active():
            await appoint_plt(OF_SMP, SMA, at=environment.now)
        await reconcile(environment)
        far = (await load_feed_positions(environment))["school_changes"]
        await environment.sql(
            "UPDATE worker_position SET position = position + 5 WHERE name = 'school_changes'"
        )
        await slow.run_round()
    assert (await load_feed_positions(environment))["school_changes"] == far + 5


@pytest.mark.parametrize("is_written_again", [False, True], ids=["shorter", "with other changes"])
async def test_feed_of_a_restored_identity_is_not_followed_before_somebody_says_so(
    environment: Environment, own_registry: Database, is_written_again: bool, tmp_path: Path
) -> None:
    with own_registry.active():
        await appoint_plt(OF_SMP, SMA, at=environment.now)
    await reconcile(environment)
    positions = await load_feed_positions(environment)
    last = positions["school_changes"]
    identity = await asyncpg.connect(own_registry.dsn)
    await identity.execute("DELETE FROM registry_change WHERE seq = $1", last)
    if is_written_again:
        await identity.execute(
            "INSERT INTO registry_change "
            "SELECT seq, 'school', '99999999', now() FROM generate_series($1::bigint, $2) AS seq",
            last, last + 10,
        )  # fmt: skip
    await submit_plan(environment, OF_SMA)

    async with open_reconciler(environment) as worker:
        for _ in range(2):
            with pytest.raises(FeedRewritten, match="--follow-from-start"):
                await worker.run_round()
        assert REGISTRY.get_sample_value("rencana_worker_feed_refused") == 1
        assert (await load_feed_positions(environment)).items() >= positions.items()
        assert set((await load_states(environment)).values()) == {"auto_approved"}, "other work goes on"

        command = await start_worker(environment, tmp_path / "worker.log", "--follow-from-start")
        assert await command.wait() == 0
        while await worker.run_round():
            pass
        assert REGISTRY.get_sample_value("rencana_worker_feed_refused") == 0
    newest = await identity.fetchval("SELECT max(seq) FROM registry_change")
    assert (await load_feed_positions(environment))["school_changes"] == newest
    await identity.close()
