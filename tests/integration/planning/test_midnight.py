"""Headships that begin and end with the local day, without a change in identity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.reconcile import decisions
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment, environment_at
from tests.integration.planning.faulty_proxy import HANG_UP
from tests.integration.planning.outage import open_proxied_services, shorten_timeouts
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.integration.planning.reconciliation import (
    AS_TEACHER,
    load_changes,
    load_last_event,
    load_states,
    open_reconciler,
    reconcile,
)
from tests.integration.planning.test_turn import turn
from tests.small_registry import (
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_SMA,
    OF_SMP,
    OF_TK,
    PNS,
    SD,
    SMA,
    SMP,
    import_duty_rows,
    import_one_school,
)

# 16 January begins in WIT, WITA and WIB.
WIT, WITA, WIB = (datetime(2024, 1, 15, hour, tzinfo=UTC) for hour in (15, 16, 17))
SECOND = timedelta(seconds=1)


@dataclass
class MovingClock:
    """The clock of all services and of the worker."""

    now: datetime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovingClock:
    moving = MovingClock(WIT - timedelta(hours=1))
    monkeypatch.setattr(Clock, "now", lambda _: moving.now)
    return moving


@pytest.fixture
async def environment(
    clock: MovingClock, own_registry: Database, own_planning_database: Database
) -> AsyncIterator[Environment]:
    """Both services on the eve. The SMP is in Bali, the SMA in Papua, and no school has a head."""
    with own_registry.active():
        await import_one_school(SD, clock.now, **{f"p{HEAD_OF_SD}": AS_TEACHER})
        await import_one_school(
            SMP, clock.now, school={"provinsi": "Prov. Bali"}, **{f"p{HEAD_OF_SMP}": AS_TEACHER}
        )
    async with environment_at(own_registry, own_planning_database, clock.now) as environment:
        yield environment


async def decree(
    identity: Database, user: int, npsn: str, begins: str, ends: str = "", *, jabatan: int = 33
) -> None:
    line = f"{ptk(user)},{jabatan},{npsn},SK/CONTOH/2,{begins},{ends}"
    with identity.active():
        await import_duty_rows(line, at=WIT - timedelta(hours=1))


async def changes_to_come(environment: Environment) -> list[tuple[str, datetime]]:
    rows = await environment.sql("SELECT npsn, changes_at FROM head_change")
    return [(row["npsn"], row["changes_at"]) for row in rows]


async def test_waiting_plans_are_decided_again_at_the_midnight_of_their_school(
    clock: MovingClock, environment: Environment, own_registry: Database
) -> None:
    schools = {OF_SMA: (SMA, WIT), OF_SMP: (SMP, WITA), PNS: (SD, WIB)}
    for npsn, _ in schools.values():
        await decree(own_registry, OF_TK, npsn, "2024-01-16")
    for user in schools:
        await submit_plan(environment, user)
    before = await load_changes(environment)

    approved: dict[int, datetime] = {}
    async with open_reconciler(environment) as follower:
        for midnight in (WIT, WITA, WIB):
            for clock.now in (midnight - SECOND, midnight):
                while await follower.run_round():
                    pass
                result = await load_states(environment)
                for user in schools:
                    if result[str(ptk(user))] == "auto_approved":
                        approved.setdefault(user, clock.now)

    assert approved == {who: midnight for who, (_, midnight) in schools.items()}
    assert await load_changes(environment) == before, "a midnight is no change of identity"
    for user, (_, midnight) in schools.items():
        event = await load_last_event(environment, str(ptk(user)))
        assert event["evidence"]["head"] == {
            "kind": "plt", "ptk_id": str(ptk(OF_TK)), "is_disputed": False,
        }  # fmt: skip
        assert event["detail"] == {"cause": {"head_changed": midnight.isoformat().replace("+00:00", "Z")}}
    assert await changes_to_come(environment) == []


async def test_decree_just_before_midnight_takes_effect(
    clock: MovingClock, environment: Environment, own_registry: Database
) -> None:
    await submit_plan(environment, OF_SMA)
    async with open_reconciler(environment) as follower:
        clock.now = WIT - SECOND
        await follower.run_round()
        await decree(own_registry, OF_TK, SMA, "2024-01-16")
        while await follower.run_round():
            pass
        assert await load_states(environment) == {str(ptk(OF_SMA)): "submitted"}
        assert await changes_to_come(environment) == [(SMA, WIT)]
        clock.now = WIT
        await follower.run_round()
    assert await load_states(environment) == {str(ptk(OF_SMA)): "auto_approved"}


async def test_worker_that_was_down_for_days_uses_the_current_head(
    clock: MovingClock, environment: Environment, own_registry: Database
) -> None:
    await decree(own_registry, OF_TK, SMA, "2024-01-16", "2024-01-17")
    await decree(own_registry, OF_TK, SD, "2024-01-16")
    for user in (OF_SMA, PNS):
        await submit_plan(environment, user)
    await reconcile(environment)
    clock.now = WIB + timedelta(days=3)
    await reconcile(environment)
    assert await load_states(environment) == {str(ptk(OF_SMA)): "submitted", str(ptk(PNS)): "auto_approved"}
    assert await changes_to_come(environment) == []


async def test_plan_that_could_not_be_decided_at_midnight_is_retried_by_the_next_worker(
    clock: MovingClock, environment: Environment, own_registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await decree(own_registry, OF_TK, SMA, "2024-01-16")
    await submit_plan(environment, OF_SMA)
    await reconcile(environment)
    clock.now = WIT

    async def fails(*_: object) -> None:
        raise ValueError("this plan cannot be read")

    with monkeypatch.context() as broken:
        broken.setattr(decisions, "decide_again", fails)
        async with open_reconciler(environment) as follower:
            await follower.run_round()
            assert len(follower.retry_queue) == 1
    await reconcile(environment)
    assert await load_states(environment) == {str(ptk(OF_SMA)): "auto_approved"}


async def test_school_has_no_head_after_the_end_of_a_headship(
    clock: MovingClock, environment: Environment, own_registry: Database
) -> None:
    await decree(own_registry, OF_TK, SD, "2024-01-01", "2024-01-16")
    colleague = await environment.sign_in(COLLEAGUE)
    await complete_plan(colleague)
    clock.now = WIB - SECOND
    await submit_plan(environment, PNS)

    clock.now = WIB
    environment.clients.clear()
    await (await environment.sign_in(COLLEAGUE)).mutate_plan("submitPlan", 6)
    await reconcile(environment)

    assert await load_states(environment) == {
        str(ptk(PNS)): "auto_approved",
        str(ptk(COLLEAGUE)): "submitted",
    }
    waiting = await turn(await environment.sign_in(COLLEAGUE))
    assert waiting["assignee"] == "DINAS"


async def test_cached_facts_show_the_head_of_the_day_while_identity_is_unavailable(
    clock: MovingClock,
    own_registry: Database,
    own_planning_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with own_registry.active():
        await import_one_school(SD, clock.now, **{f"p{HEAD_OF_SD}": {"jabatan_ptk_id": None}})
    await decree(own_registry, HEAD_OF_SD, SD, "2024-01-01", "2024-01-16", jabatan=2)
    shorten_timeouts(monkeypatch)
    clock.now = WIB - SECOND
    async with (
        open_proxied_services(own_registry, own_planning_database) as place,
        place.serve_at(clock.now) as environment,
    ):
        teacher = await submit_plan(environment, PNS)
        head = await environment.sign_in(HEAD_OF_SD)
        assert (await turn(teacher))["assignee"] == "HEAD"
        assert (await turn_seen_by(head, teacher.plan_id))["assignee"] == "HEAD"
        place.proxy.set_mode(HANG_UP)
        assert (await turn(teacher))["assignee"] == "HEAD"
        clock.now = WIB
        assert (await turn(teacher))["assignee"] == "DINAS"
        assert await turn_seen_by(head, teacher.plan_id) is None


async def turn_seen_by(person: Any, plan: str) -> Any:
    answer = await person.execute("query Q($id: ID!) { plan(id: $id) { turn { assignee } } }", id=plan)
    return answer["plan"] and answer["plan"]["turn"]
