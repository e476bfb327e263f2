"""Reconciliation of waiting plans after changes of heads and of values of the period."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.kit.database import Database
from services.planning.reconcile import decisions, rounds
from services.planning.reconcile import store as reconcile_store
from services.planning.worker import TaskLoop
from tests.identity_samples import ptk
from tests.integration.planning.environment import JANUARY, Environment, environment_at
from tests.integration.planning.plans import SUB_INDIKATOR, complete_plan, submit_plan
from tests.integration.planning.reconciliation import (
    AS_TEACHER,
    insert_revision,
    load_changes,
    load_feed_positions,
    load_last_event,
    load_states,
    lock_plan,
    open_reconciler,
    reconcile,
    replace_head_by_plt,
    restore_definitif_head,
    submit_many_plans,
    wait_for_blocked_statements,
)
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
    import_duty_rows,
    import_one_school,
)
from tests.until import until


@pytest.fixture
async def environment(own_registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024."""
    async with environment_at(own_registry, own_planning_database) as environment:
        yield environment


# ── heads ──


async def test_waiting_plans_are_approved_when_a_plt_replaces_the_head(
    environment: Environment, own_registry: Database
) -> None:
    for who in (PNS, COLLEAGUE):
        await submit_plan(environment, who)
    await reconcile(environment)
    assert set((await load_states(environment)).values()) == {"submitted"}
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    await reconcile(environment)
    assert set((await load_states(environment)).values()) == {"auto_approved"}
    event = await load_last_event(environment, str(ptk(PNS)))
    assert (event["trigger"], event["transition"]) == ("@entered(submitted)", "approve_automatically")
    assert event["actor"] == {"kind": "system", "ptk_id": None, "account": None}
    head = {"kind": "plt", "ptk_id": str(ptk(OF_SMP)), "is_disputed": False}
    assert event["evidence"]["head"] == head
    last = max(change["seq"] for change in await load_changes(environment) if change["key"] == SD)
    assert event["detail"] == {"cause": {"registry": last}}


async def test_waiting_plans_of_a_vacant_school_are_approved_when_a_plt_is_appointed(
    environment: Environment, own_registry: Database
) -> None:
    await submit_plan(environment, OF_SMA)
    await reconcile(environment)
    assert await load_states(environment) == {str(ptk(OF_SMA)): "submitted"}
    with own_registry.active():
        await appoint_plt(OF_SMP, SMA, at=environment.now)
    await reconcile(environment)
    assert await load_states(environment) == {str(ptk(OF_SMA)): "auto_approved"}


async def test_approved_plans_stay_approved_when_a_definitif_head_is_appointed(
    environment: Environment, own_registry: Database
) -> None:
    await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    await submit_plan(environment, PNS)
    await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
    await reconcile(environment)
    before = await environment.dump_tables()
    await restore_definitif_head(own_registry, at=environment.now)
    with own_registry.active():
        await appoint_plt(PLT_OF_TK, TK, at=environment.now, until="2024-01-10")
    await reconcile(environment)
    assert await environment.dump_tables() == before


async def test_plan_of_the_plt_is_not_approved_automatically(
    environment: Environment, own_registry: Database
) -> None:
    for who in (OF_SMP, PLT_OF_TK):
        await submit_plan(environment, who)
    with own_registry.active():
        await import_one_school(SMP, environment.now, **{f"p{HEAD_OF_SMP}": AS_TEACHER})
        await appoint_plt(OF_SMP, SMP, at=environment.now)
    await reconcile(environment)
    assert await load_states(environment) == {
        str(ptk(OF_SMP)): "submitted",
        str(ptk(PLT_OF_TK)): "auto_approved",
    }


async def test_worker_decides_plans_on_the_first_day_of_a_plt(
    own_registry: Database, own_planning_database: Database
) -> None:
    with own_registry.active():
        await import_one_school(SMA, JANUARY)
        await import_duty_rows(f"{ptk(OF_SMP)},33,{SMA},SK/CONTOH/2,2024-01-16,", at=JANUARY)
    async with environment_at(own_registry, own_planning_database) as environment:
        await submit_plan(environment, OF_SMA)
        await reconcile(environment)
        assert await load_states(environment) == {str(ptk(OF_SMA)): "submitted"}
    # 16 January begins at the SMA, in Papua, at 15.00 UTC.
    async with environment_at(own_registry, own_planning_database, JANUARY.replace(hour=15)) as environment:
        await reconcile(environment)
        assert await load_states(environment) == {str(ptk(OF_SMA)): "auto_approved"}


async def test_plan_submitted_during_a_change_of_head_is_decided_by_the_new_head(
    environment: Environment, own_registry: Database
) -> None:
    """The head changes, and is followed, between the facts and the commit of a submission."""
    teacher = await environment.sign_in(PNS)
    await complete_plan(teacher)
    await reconcile(environment)
    async with open_reconciler(environment) as follower:
        async with lock_plan(environment, str(ptk(PNS))):
            submission = asyncio.create_task(teacher.mutate_plan("submitPlan", 6))
            await wait_for_blocked_statements(environment)
            await replace_head_by_plt(own_registry, OF_SMP, at=environment.now)
            await follower.run_round()
        assert (await submission)["state"]["phase"] == "SUBMITTED"
        position = (await load_feed_positions(environment))["school_changes"]
        assert position == (await load_changes(environment))[-1]["seq"], (
            "the change is done with, as far as it goes"
        )
        await follower.run_round()
    assert await load_states(environment) == {str(ptk(PNS)): "auto_approved"}
    assert (await load_last_event(environment, str(ptk(PNS))))["detail"] == {"cause": {"waits_since": 7}}


async def test_worker_stores_the_new_school_of_a_teacher(
    environment: Environment, own_registry: Database
) -> None:
    await submit_plan(environment, PNS)
    with own_registry.active():
        row = {"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
        await import_one_school(SMP, environment.now, p1=row)
    await reconcile(environment)
    assert [row["npsn"] for row in await environment.sql("SELECT npsn FROM moved_teacher")] == [SMP]


async def test_change_of_head_is_reconciled_before_an_import_of_teachers(
    environment: Environment, own_registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "FEED_PAGE_SIZE", 1)
    for who in (PNS, OF_SMA):
        await submit_plan(environment, who)
    async with open_reconciler(environment) as follower:
        while await follower.run_round():
            pass
        with own_registry.active():
            row = {"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
            await import_one_school(SMP, environment.now, p1=row)
            await appoint_plt(OF_SMP, SMA, at=environment.now)
        while (await load_states(environment))[str(ptk(OF_SMA))] == "submitted":
            assert await follower.run_round()
        assert await environment.sql("SELECT FROM moved_teacher") == [], "they come later"
        while await follower.run_round():
            pass
    assert [row["npsn"] for row in await environment.sql("SELECT npsn FROM moved_teacher")] == [SMP]
    assert set((await load_feed_positions(environment)).items()) >= {
        (name, (await load_changes(environment))[-1]["seq"]) for name in ("school_changes", "teacher_changes")
    }


# ── values ──


async def test_running_worker_reconciles_a_switch_turned_on_and_off(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    async with open_reconciler(environment) as follower:
        await follower.run_round()
        loop = asyncio.create_task(TaskLoop(follower, 0.02, "reconcile").run())
        await insert_revision(environment, 3, environment.now - timedelta(days=1), approve_automatically=True)

        async def is_approved() -> bool:
            return set((await load_states(environment)).values()) == {"auto_approved"}

        async def is_reconciled() -> bool:
            return (await load_feed_positions(environment)).get("period 2024-1") == 4

        await until(is_approved)
        await insert_revision(
            environment, 4, environment.now - timedelta(hours=1), approve_automatically=False
        )
        await until(is_reconciled)
        await submit_plan(environment, COLLEAGUE)
        follower.stopping.set()
        await loop
    await reconcile(environment)
    assert await load_states(environment) == {
        str(ptk(PNS)): "auto_approved",
        str(ptk(COLLEAGUE)): "submitted",
    }
    event = await load_last_event(environment, str(ptk(PNS)))
    assert event["detail"] == {"cause": {"parameters": 3}}
    assert (event["parameters"], event["evidence"]["params.approve_automatically"]) == (3, True)


async def test_revision_is_reconciled_when_it_takes_effect(
    own_registry: Database, own_planning_database: Database, environment: Environment
) -> None:
    await submit_plan(environment, PNS)
    await insert_revision(environment, 3, environment.now + timedelta(hours=1), approve_automatically=True)
    await reconcile(environment)
    assert await load_states(environment) == {str(ptk(PNS)): "submitted"}
    async with environment_at(
        own_registry, own_planning_database, environment.now + timedelta(hours=1)
    ) as later:
        await reconcile(later)
    assert await load_states(environment) == {str(ptk(PNS)): "auto_approved"}


async def test_change_of_head_is_reconciled_between_pages_of_a_revision(
    environment: Environment, own_registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit_many_plans(environment, own_registry)
    await reconcile(environment)
    monkeypatch.setattr(decisions, "PLAN_PAGE_SIZE", 5)
    monkeypatch.setattr(rounds, "MAX_NEW_PLANS", 5)
    await insert_revision(environment, 3, environment.now, approve_automatically=True)
    async with open_reconciler(environment, now=environment.now + timedelta(hours=1)) as follower:
        assert await follower.run_round()
        assert 0 < list((await load_states(environment)).values()).count("auto_approved") < 21
        assert (await load_feed_positions(environment))["period 2024-1"] == 1, "it is not done with"
        while await follower.run_round():
            pass
    assert set((await load_states(environment)).values()) == {"auto_approved"}
    assert (await load_feed_positions(environment))["period 2024-1"] == 3


# ── cost ──


async def test_number_of_statements_of_a_round(environment: Environment, own_registry: Database) -> None:
    async with open_reconciler(environment) as follower:
        while await follower.run_round():
            pass
        with counting_queries() as idle:
            await follower.run_round()
        for npsn in (SMA, TK, SMP):
            with own_registry.active():
                await import_one_school(npsn, environment.now, school={"nama": "NAMA BARU"})
        with counting_queries() as busy:
            await follower.run_round()
    ours = [query for query in idle if "plan" in query or "period" in query or "worker_position" in query]
    assert len(ours) == 5, ours
    assert busy.count(reconcile_store._SQL["select_waiting_at_schools"].text) == 1
