"""Plans, comments, timers and notifications by their global ids: who cannot see one gets null."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.database import Database
from services.planning.api.ids import comment_id, notification_id, plan_id, timer_id
from tests.identity_samples import ptk
from tests.integration.planning.environment import JANUARY, Client, Environment, environment_at
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.reconciliation import fire_timers
from tests.integration.planning.review import expect_comment
from tests.integration.planning.timers import EXPIRY, FIRST_REMINDER, definition_with_expiry
from tests.integration.planning.workflow_versions import publish_text
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, OF_SMA, PNS, PPPK

NODES = """query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on Comment { text author { role account address isViewer } }
  ... on Timer { name plan { id } incident { problems { code } } acts { kind } }
  ... on Notification { sentence plan { id } }
} }"""


@pytest.fixture
async def environment(own_registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    async with environment_at(own_registry, own_planning_database, JANUARY) as environment:
        yield environment


async def load_nodes(person: Client, *ids: str) -> list[dict[str, Any] | None]:
    return list((await person.execute(NODES, ids=ids))["nodes"])


async def test_readers_of_a_plan_load_what_belongs_to_it(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    comment = await expect_comment(teacher, teacher.plan_id)
    ids = [teacher.plan_id, comment["id"], timer_id(str(ptk(PNS)), "2024-1", "escalate")]
    for user, is_viewer in ((PNS, True), (HEAD_OF_SD, False), (ADMIN, False)):
        plan, text, timer = await load_nodes(await environment.sign_in(user), *ids)
        assert plan == {"__typename": "Plan", "id": teacher.plan_id}
        assert text == {
            "__typename": "Comment", "id": comment["id"], "text": "Terima kasih.",
            "author": {"role": "OWNER", "account": None, "address": None, "isViewer": is_viewer},
        }  # fmt: skip
        assert timer == {
            "__typename": "Timer", "id": ids[2], "name": "escalate", "plan": {"id": teacher.plan_id},
            "incident": None, "acts": [] if user == ADMIN else None,
        }  # fmt: skip
    for user in (COLLEAGUE, OF_SMA):
        assert await load_nodes(await environment.sign_in(user), *ids) == [None, None, None]


async def test_missing_object_and_invisible_object_are_both_null(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    missing = [
        plan_id(str(ptk(PPPK)), "2024-1"),
        comment_id(str(ptk(PNS)), "2024-1", 1),
        timer_id(str(ptk(PNS)), "2024-1", "remind_nobody"),
        notification_id(str(ptk(PNS))),
    ]
    assert await load_nodes(teacher, *missing) == [None] * 4
    assert await load_nodes(await environment.sign_in(OF_SMA), *missing) == [None] * 4


async def test_failed_timer_is_a_node_for_admins_only(environment: Environment) -> None:
    await publish_text(environment.database, definition_with_expiry("{head_is: {kind: kosong}}"))
    teacher = await submit_plan(environment, PNS)
    await fire_timers(environment, EXPIRY)
    id = timer_id(str(ptk(PNS)), "2024-1", "expire")
    (timer,) = await load_nodes(await environment.sign_in(ADMIN), id)
    assert timer is not None
    assert timer["incident"] == {"problems": [{"code": "head.is_other"}]}
    for person in (teacher, await environment.sign_in(HEAD_OF_SD)):
        assert await load_nodes(person, id) == [None]


async def test_notification_is_a_node_of_its_own_inbox(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await fire_timers(environment, FIRST_REMINDER)
    (row,) = await environment.sql("SELECT id FROM notification")
    id = notification_id(str(row["id"]))
    (notification,) = await load_nodes(await environment.sign_in(HEAD_OF_SD), id)
    assert notification is not None
    assert (notification["id"], notification["plan"]) == (id, {"id": teacher.plan_id})
    for user in (PNS, COLLEAGUE, ADMIN):  # the admin reads the inbox of the dinas only
        assert await load_nodes(await environment.sign_in(user), id) == [None]


async def test_notification_of_a_plan_that_the_reader_lost_has_no_plan(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await fire_timers(environment, FIRST_REMINDER)
    (row,) = await environment.sql("SELECT id FROM notification")
    await environment.sql(
        "UPDATE plan SET npsn = '99000004', school = jsonb_set(school, '{npsn}', '\"99000004\"')"
    )
    (notification,) = await load_nodes(await environment.sign_in(HEAD_OF_SD), notification_id(str(row["id"])))
    assert notification is not None
    assert notification["plan"] is None


async def test_number_of_statements_does_not_depend_on_the_ids(environment: Environment) -> None:
    ids: list[str] = []
    counts = []
    admin = await environment.sign_in(ADMIN)
    for user in (PNS, PPPK):
        teacher = await submit_plan(environment, user)
        comment = await expect_comment(teacher, teacher.plan_id)
        ids += [teacher.plan_id, comment["id"], timer_id(str(ptk(user)), "2024-1", "escalate")]
        await load_nodes(admin, *ids)  # what never changes is kept from now on
        with counting_queries() as queries:
            assert None not in await load_nodes(admin, *ids)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("id", ["", "x", "UGxhbjox", "VGltZXI6MQ"])
async def test_malformed_id_is_an_error(environment: Environment, id: str) -> None:
    _, answer = await (await environment.sign_in(PNS)).post({"query": NODES, "variables": {"ids": [id]}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "id.invalid"
