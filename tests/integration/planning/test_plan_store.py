"""One statement stores the changes of plans: outcomes, batches and races on a real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from tortoise.connection import get_connection

from services.kit.database import Connection
from services.planning.plan.event_kinds import PlanStarted, TabSaved
from services.planning.plan.events import SYSTEM, ErasableText
from services.planning.plan.model import Change, CommandKey, Plan
from services.planning.plan.store import Commit, CommitOutcome, commit_changes, load_plans
from services.planning.plan.tabs import Tab
from tests.conftest import Fresh
from tests.integration.planning.environment import connect_database
from tests.unit.planning.plans import NOW, new_plan
from workflows.engine.timers import TimerState

PERIOD = "2024-1"
ROW_COUNTS = """
SELECT (SELECT count(*) FROM plan) AS plans, (SELECT sum(version) FROM plan)::int AS versions,
  (SELECT count(*) FROM plan_event) AS events, (SELECT count(*) FROM plan_text) AS texts,
  (SELECT count(*) FROM command_key) AS keys, (SELECT count(*) FROM plan_timer) AS timers
"""


@pytest.fixture
async def connection(fresh_url: Fresh) -> AsyncIterator[Connection]:
    """Planning's database, migrated and empty."""
    async with connect_database(await fresh_url("services.planning"), "services.planning") as database:
        with database.active():
            yield get_connection("default")


@pytest.fixture
async def plans(connection: Connection) -> list[Plan]:
    """Forty stored plans at version 1, each with one timer."""
    commits = [first_commit(number) for number in range(40)]
    await commit_changes(PERIOD, commits, connection)
    return [commit.change.plan for commit in commits]


def new_key() -> CommandKey:
    return CommandKey("ptk:x", "savePraktikKinerja", str(uuid4()), "hash", NOW)


def first_commit(number: int) -> Commit:
    plan = replace(new_plan(), ptk_id=str(UUID(int=number)))
    change = Change(plan, (), (TimerState("remind_superior", NOW, NOW, 0),)).with_event(
        PlanStarted(), SYSTEM, NOW
    )
    return Commit(change, 0)


def edit(plan: Plan, key: CommandKey | None = None) -> Commit:
    text = ErasableText.of("note", "Catatan")
    return Commit(
        Change(plan, ()).with_event(TabSaved(Tab.PRAKTIK_KINERJA), SYSTEM, NOW, texts=(text,)),
        plan.version,
        key or new_key(),
    )


def edits(plans: Sequence[Plan], keys: Sequence[CommandKey]) -> list[Commit]:
    return [edit(plan, key) for plan, key in zip(plans, keys, strict=True)]


async def row_counts(connection: Connection) -> Counter[str]:
    (row,) = await connection.execute_query_dict(ROW_COUNTS)
    return Counter(row)


def tally(*outcomes: Mapping[str, CommitOutcome]) -> Counter[CommitOutcome]:
    return Counter(outcome for batch in outcomes for outcome in batch.values())


async def test_change_is_stored_with_event_text_and_key(connection: Connection, plans: list[Plan]) -> None:
    before = await row_counts(connection)
    assert await commit_changes(PERIOD, [edit(plans[0])], connection) == {
        plans[0].ptk_id: CommitOutcome.STORED
    }
    assert await row_counts(connection) - before == Counter(versions=1, events=1, texts=1, keys=1)


async def test_entering_a_state_replaces_the_timers(connection: Connection, plans: list[Plan]) -> None:
    timers = (TimerState("escalate", NOW, NOW, 0), TimerState("expire", NOW, None, 1))
    commit = edit(plans[0])
    await commit_changes(PERIOD, [replace(commit, change=replace(commit.change, timers=timers))], connection)
    rows = await connection.execute_query_dict(
        "SELECT timer, due, count FROM plan_timer WHERE ptk_id = $1 ORDER BY timer", [plans[0].ptk_id]
    )
    assert rows == [
        {"timer": "escalate", "due": NOW, "count": 0},
        {"timer": "expire", "due": None, "count": 1},
    ]
    assert (await row_counts(connection))["timers"] == 41


async def test_unchanged_timers_keep_their_incident_and_other_timers_lose_it(
    connection: Connection, plans: list[Plan]
) -> None:
    await connection.execute_query(
        """UPDATE plan_timer SET incident = '[]' WHERE ptk_id = ANY($1::uuid[])""",
        [[plan.ptk_id for plan in plans[:2]]],
    )
    timer = TimerState("remind_superior", NOW, NOW, 0)
    commits = [
        replace(commit, change=replace(commit.change, timers=(timer,))) for commit in map(edit, plans[:2])
    ]
    commits[0] = replace(commits[0], unchanged_timers={timer.timer})

    await commit_changes(PERIOD, commits, connection)

    rows = await connection.execute_query_dict(
        "SELECT incident FROM plan_timer WHERE ptk_id = ANY($1::uuid[]) ORDER BY ptk_id",
        [[plan.ptk_id for plan in plans[:2]]],
    )
    assert rows == [{"incident": "[]"}, {"incident": None}]


async def test_commit_takes_one_change_of_each_plan_of_one_period(
    connection: Connection, plans: list[Plan]
) -> None:
    before = await row_counts(connection)
    for period, commits in ((PERIOD, [edit(plans[0]), edit(plans[0])]), ("2024-2", [edit(plans[0])])):
        with pytest.raises(ValueError, match="one change of each plan"):
            await commit_changes(period, commits, connection)
    assert await row_counts(connection) == before


def test_new_plan_takes_no_key() -> None:
    with pytest.raises(ValueError, match="no idempotency key"):
        replace(first_commit(0), key=new_key())


async def test_version_conflict_leaves_nothing(connection: Connection, plans: list[Plan]) -> None:
    await commit_changes(PERIOD, [edit(plans[0])], connection)
    before = await row_counts(connection)
    for commit in (edit(plans[0]), first_commit(0)):
        assert tally(await commit_changes(PERIOD, [commit], connection)) == {
            CommitOutcome.VERSION_CONFLICT: 1
        }
    assert await row_counts(connection) == before


async def test_key_conflict_leaves_nothing(connection: Connection, plans: list[Plan]) -> None:
    key = new_key()
    await commit_changes(PERIOD, [edit(plans[0], key)], connection)
    before = await row_counts(connection)
    assert tally(await commit_changes(PERIOD, [edit(plans[1], key)], connection)) == {
        CommitOutcome.KEY_CONFLICT: 1
    }
    assert await row_counts(connection) == before


async def test_conflicts_do_not_affect_the_other_changes_of_a_batch(
    connection: Connection, plans: list[Plan]
) -> None:
    key = new_key()
    await commit_changes(PERIOD, [first_commit(40), edit(plans[39], key), edit(plans[10])], connection)
    before = await row_counts(connection)
    commits = [edit(plan, key if index == 20 else None) for index, plan in enumerate(plans[:39])]

    outcomes = await commit_changes(PERIOD, commits, connection)

    assert tally(outcomes) == {
        CommitOutcome.STORED: 37,
        CommitOutcome.VERSION_CONFLICT: 1,
        CommitOutcome.KEY_CONFLICT: 1,
    }
    assert outcomes[plans[10].ptk_id] == CommitOutcome.VERSION_CONFLICT
    assert outcomes[plans[20].ptk_id] == CommitOutcome.KEY_CONFLICT
    assert await row_counts(connection) - before == Counter(versions=37, events=37, texts=37, keys=37)


async def test_batches_in_opposite_order_do_not_deadlock(connection: Connection, plans: list[Plan]) -> None:
    for _ in range(20):
        keys = [new_key() for _ in plans]
        batches = edits(plans, keys), edits(plans[::-1], keys)
        outcomes = await asyncio.gather(*(commit_changes(PERIOD, batch, connection) for batch in batches))
        assert tally(*outcomes)[CommitOutcome.STORED] == 40
        stored_plans = await load_plans([(plan.ptk_id, PERIOD) for plan in plans], connection)
        plans = list(stored_plans.values())


async def test_batches_with_the_same_keys_in_opposite_order_do_not_deadlock(
    connection: Connection, plans: list[Plan]
) -> None:
    keys = [new_key() for _ in range(20)]
    outcomes = await asyncio.gather(
        commit_changes(PERIOD, edits(plans[:20], keys), connection),
        commit_changes(PERIOD, edits(plans[20:], keys[::-1]), connection),
    )
    assert tally(*outcomes) == {CommitOutcome.STORED: 20, CommitOutcome.KEY_CONFLICT: 20}


async def test_one_of_several_first_commands_is_stored(connection: Connection) -> None:
    outcomes = await asyncio.gather(
        *(commit_changes(PERIOD, [first_commit(0)], connection) for _ in range(8))
    )
    assert tally(*outcomes) == {CommitOutcome.STORED: 1, CommitOutcome.VERSION_CONFLICT: 7}
    assert await row_counts(connection) == Counter(plans=1, versions=1, events=1, timers=1)
