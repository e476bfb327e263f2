"""Timers and incidents as admins see them, and the commands that only admins may send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import (
    PROBLEM_FIELDS,
    Client,
    Environment,
    environment_at,
    join_payload,
    payload_document,
    problem_codes,
)
from tests.integration.planning.plans import decide_as_head, submit_plan
from tests.integration.planning.reconciliation import fire_timers
from tests.integration.planning.timers import (
    EXPIRY,
    FIRST_REMINDER,
    SECOND_REMINDER,
    definition_with_expiry,
    load_notifications,
)
from tests.integration.planning.workflow_versions import publish_text
from tests.queries import counting_queries
from tests.small_registry import ADMIN, HEAD_OF_SD, OF_SMA, PNS, PPPK

TIMER = """fragment TimerFields on Timer { id name label dueAt firingCount state { name }
  plan { id owner { nama } satuanPendidikan { npsn } }
  incident { problems { code message } attemptCount lastAttemptAt }
  acts { kind actor { role isViewer } reason occurredAt firingCount } }"""
TIMERS = "query Q($id: ID!) { plan(id: $id) { timers { id label dueAt firingCount } } }"
INCIDENTS = (
    """query Q($period: ID, $first: Int! = 20, $after: String) {
  page: timerIncidents(filter: {period: $period}, first: $first, after: $after) {
    edges { cursor node { ...TimerFields } } pageInfo { hasNextPage endCursor } } }"""
    + TIMER
)
NODE = "query Q($id: ID!) { node(id: $id) { ...TimerFields } }" + TIMER
BEYOND = "beef" * 16
REASON = "Sudah dibicarakan dengan sekolah."


@pytest.fixture
async def environment(own_registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    async with environment_at(own_registry, own_planning_database) as environment:
        yield environment


async def act(person: Client, name: str, /, **arguments: Any) -> dict[str, Any]:
    query = payload_document(name, "timer { ...TimerFields }") + TIMER + PROBLEM_FIELDS
    input = {"reason": REASON, "expectedFiringCount": 0, **arguments}
    return join_payload((await person.execute(query, input=input))["answer"])


async def timers_of(person: Client, plan_id: str) -> list[dict[str, Any]]:
    return list((await person.execute(TIMERS, "en", id=plan_id))["plan"]["timers"])


async def page(person: Client, query: str, **arguments: Any) -> list[dict[str, Any]]:
    answer = (await person.execute(query, **arguments))["page"]
    return [edge["node"] for edge in answer["edges"]]


async def failed(environment: Environment) -> dict[str, Any]:
    """Return the incident of a timer whose transition a guard refuses."""
    await publish_text(environment.database, definition_with_expiry("{head_is: {kind: kosong}}"))
    await submit_plan(environment, PNS)
    await fire_timers(environment, EXPIRY)
    (incident,) = await page(await environment.sign_in(ADMIN), INCIDENTS)
    return incident


async def submit_with_timers(environment: Environment) -> dict[str, Any]:
    """Start a plan and return its timer."""
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    (timer,) = await timers_of(teacher, teacher.plan_id)
    return timer


# ── the timers of a plan ──


async def test_readers_of_a_plan_see_its_timers(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    for user in (PNS, HEAD_OF_SD, ADMIN):
        timers = await timers_of(await environment.sign_in(user), teacher.plan_id)
        assert [(one["label"], one["dueAt"], one["firingCount"]) for one in timers] == [
            ("Reminder to the superior", "2024-01-18T01:00:00+00:00", 0),
            ("Escalation to the dinas", "2024-01-22T01:00:00+00:00", 0),
        ]
    assert (await (await environment.sign_in(OF_SMA)).execute(TIMERS, id=teacher.plan_id))["plan"] is None
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert await timers_of(teacher, teacher.plan_id) == []


# ── incidents ──


async def test_incident_has_problems_and_instant(environment: Environment) -> None:
    incident = await failed(environment)
    assert incident["name"] == "expire"
    assert incident["incident"]["attemptCount"] == 1
    assert incident["incident"]["lastAttemptAt"] == EXPIRY.isoformat()
    (problem,) = incident["incident"]["problems"]
    assert problem["code"] == "head.is_other"
    assert "kosong" in problem["message"]
    admin = await environment.sign_in(ADMIN)
    assert await page(admin, INCIDENTS, period="2024-1") == [incident]
    assert await page(admin, INCIDENTS, period="2024-2") == []
    plan_timers = await timers_of(admin, incident["plan"]["id"])
    assert incident["id"] not in [one["id"] for one in plan_timers]


async def test_failed_timer_fires_after_a_retry(environment: Environment, own_registry: Database) -> None:
    incident = await failed(environment)
    admin = await environment.sign_in(ADMIN)
    retry = await act(admin, "retryTimer", timerId=incident["id"])
    assert (retry["incident"], retry["dueAt"]) == (None, EXPIRY.isoformat())
    (record,) = retry["acts"]
    assert (record["kind"], record["reason"], record["firingCount"]) == ("RETRIED", REASON, 0)
    await fire_timers(environment, EXPIRY)
    (again,) = await page(admin, INCIDENTS)
    assert again["incident"]["attemptCount"] == 2
    await act(admin, "retryTimer", timerId=incident["id"])
    await environment.sql(
        "UPDATE plan SET npsn = '99000004', school = jsonb_set(school, '{npsn}', '\"99000004\"')"
    )
    await fire_timers(environment, EXPIRY)
    (plan,) = await environment.sql("SELECT state FROM plan")
    assert plan["state"] == "draft"
    assert await page(admin, INCIDENTS) == []


async def test_failed_timer_is_skipped(environment: Environment) -> None:
    incident = await failed(environment)
    skipped = await act(await environment.sign_in(ADMIN), "skipTimer", timerId=incident["id"])
    assert (skipped["dueAt"], skipped["firingCount"], skipped["incident"]) == (None, 1, None)
    await fire_timers(environment, EXPIRY + timedelta(days=30))
    (plan,) = await environment.sql("SELECT state FROM plan")
    assert plan["state"] == "submitted"


async def test_repeated_timer_continues_after_a_skip(environment: Environment) -> None:
    teacher, admin = await submit_plan(environment, PNS), await environment.sign_in(ADMIN)
    listed_timer, _ = await timers_of(admin, teacher.plan_id)
    skipped = await act(admin, "skipTimer", timerId=listed_timer["id"])
    assert (skipped["dueAt"], skipped["firingCount"]) == (SECOND_REMINDER.isoformat(), 1)
    await fire_timers(environment, FIRST_REMINDER)
    assert await load_notifications(environment) == []
    assert problem_codes(await act(admin, "skipTimer", timerId=listed_timer["id"])) == ["timer.moved_on"]
    await fire_timers(environment, SECOND_REMINDER)
    assert [(name, count) for _, name, count in await load_notifications(environment)] == [
        ("remind_superior", 1)
    ]


async def test_timer_of_an_unsupported_version_cannot_be_skipped(
    environment: Environment,
) -> None:
    admin = await environment.sign_in(ADMIN)
    listed_timer = await submit_with_timers(environment)
    await environment.sql(
        "INSERT INTO workflow_version SELECT $1, name, '{}', stored_at FROM workflow_version LIMIT 1", BEYOND
    )
    await environment.sql("UPDATE plan SET workflow = $1", BEYOND)
    before = await environment.dump_tables()
    assert problem_codes(await act(admin, "skipTimer", timerId=listed_timer["id"])) == [
        "workflow.beyond_release"
    ]
    assert await environment.dump_tables() == before


ACTS = ["retryTimer", "skipTimer"]


@pytest.mark.parametrize("name", ACTS)
async def test_only_admins_act_on_timers(environment: Environment, name: str) -> None:
    incident = await failed(environment)
    before = await environment.dump_tables()
    for user in (PNS, HEAD_OF_SD):
        answer = await act(await environment.sign_in(user), name, timerId=incident["id"])
        assert problem_codes(answer) == ["actor.not_admin"]
    assert await environment.dump_tables() == before


@pytest.mark.parametrize("name", ACTS)
async def test_faulty_timer_command_is_refused(environment: Environment, name: str) -> None:
    incident = await failed(environment)
    admin, before = await environment.sign_in(ADMIN), await environment.dump_tables()
    input_of_timer = {"timerId": incident["id"]}
    assert problem_codes(await act(admin, name, **input_of_timer, reason=" ")) == ["reason.missing"]
    assert problem_codes(await act(admin, name, **input_of_timer, expectedFiringCount=1)) == [
        "timer.moved_on"
    ]
    assert problem_codes(await act(admin, name, **{**input_of_timer, "timerId": "x"})) == ["id.invalid"]
    await environment.sql("DELETE FROM plan_timer WHERE timer = 'expire'")
    assert problem_codes(await act(admin, name, **input_of_timer)) == ["timer.unknown"]
    after = await environment.dump_tables()
    assert {**before, "plan_timer": after["plan_timer"]} == after


async def test_timer_without_incident_cannot_be_retried(environment: Environment) -> None:
    admin = await environment.sign_in(ADMIN)
    listed_timer = await submit_with_timers(environment)
    before = await environment.dump_tables()
    assert problem_codes(await act(admin, "retryTimer", timerId=listed_timer["id"])) == ["timer.no_incident"]
    assert await environment.dump_tables() == before


async def test_only_admins_see_incidents(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    for user in (PNS, HEAD_OF_SD):
        person = await environment.sign_in(user)
        _, answer = await person.post({"query": INCIDENTS})
        assert answer["data"] == {"page": None}
        assert answer["errors"][0]["extensions"]["problem"]["code"] == "actor.not_admin"


@pytest.mark.parametrize(
    "arguments", [{"first": 0}, {"first": 101}, {"after": "x"}, {"after": "WyJhIiwiYiJd"}]
)
async def test_invalid_page_of_incidents_is_refused(
    environment: Environment, arguments: dict[str, Any]
) -> None:
    query = """query Q($first: Int! = 20, $after: String) {
      timerIncidents(first: $first, after: $after) { nodes { id } } }"""
    _, answer = await (await environment.sign_in(ADMIN)).post({"query": query, "variables": arguments})
    code = answer["errors"][0]["extensions"]["problem"]["code"]
    assert code == ("page.size" if "first" in arguments else "cursor.invalid")


# ── number of statements ──


async def test_number_of_statements_does_not_depend_on_the_timers(environment: Environment) -> None:
    await publish_text(environment.database, definition_with_expiry("{head_is: {kind: kosong}}"))
    admin, statements = await environment.sign_in(ADMIN), []
    await page(admin, INCIDENTS)
    plain = TIMERS.replace("timers { id label dueAt firingCount }", "id")
    for user in (PNS, PPPK):
        teacher = await submit_plan(environment, user)
        counts = []
        for query in (TIMERS, plain):
            with counting_queries() as queries:
                await teacher.execute(query, id=teacher.plan_id)
            counts.append(len(queries))
        await fire_timers(environment, EXPIRY)
        with counting_queries() as queries:
            incidents = await page(admin, INCIDENTS)
        statements.append((len(incidents), len(queries), counts[0] - counts[1]))
    assert statements == [(1, 4, 1), (2, 4, 1)]
