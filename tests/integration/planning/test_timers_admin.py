"""What admins see of timers and do with them: by scope admin alone, each act on record, the rest untouched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.composing import decided, submitted
from tests.integration.planning.following import fire
from tests.integration.planning.house import PROBLEMS, House, Person, codes, house_at
from tests.integration.planning.publishing import publish_text
from tests.integration.planning.ticking import AGAIN, DUE, EXPIRY, expiring, told
from tests.queries import counting_queries
from tests.small_registry import ADMIN, HEAD_OF_SD, OF_SMA, PNS, PPPK

pytestmark = pytest.mark.usefixtures("patient")

TIMER = """fragment Timer on ArmedTimer { id timer label planId nama npsn satuanPendidikan state due count
  incident { problems { code message } tries at } }"""
ACT = """mutation M($input: TimerActInput!) {{ answer: {name}(input: $input) {{ __typename ...Timer ...Told
  ... on ArmedTimer {{ acts {{ act by reason at count }} }} }} }}"""
TIMERS = "query Q($id: ID!) { plan(id: $id) { timers { id label due count } } }"
INCIDENTS = (
    """query Q($period: ID, $first: Int! = 20, $after: String) {
  page: incidents(period: $period, first: $first, after: $after) {
    edges { cursor node { ...Timer } } pageInfo { hasNextPage endCursor } } }"""
    + TIMER
)
BEYOND = "beef" * 16
REASON = "Sudah dibicarakan dengan sekolah."


@pytest.fixture
async def house(changing: Database, own: Database) -> AsyncIterator[House]:
    async with house_at(changing, own) as house:
        yield house


async def act(person: Person, name: str, /, **given: Any) -> dict[str, Any]:
    query = ACT.format(name=name) + TIMER + PROBLEMS
    return dict((await person.ask(query, input={"reason": REASON, "expectedCount": 0, **given}))["answer"])


async def timers_of(person: Person, plan_id: str) -> list[dict[str, Any]]:
    return list((await person.ask(TIMERS, "en", id=plan_id))["plan"]["timers"])


async def page(person: Person, query: str, **given: Any) -> list[dict[str, Any]]:
    answer = (await person.ask(query, **given))["page"]
    return [edge["node"] for edge in answer["edges"]]


async def failed(house: House) -> dict[str, Any]:
    """A timer whose transition a guard refuses, as an admin finds it."""
    await publish_text(house.database, expiring("{head_is: {kind: kosong}}"))
    await submitted(house, PNS)
    await fire(house, EXPIRY)
    (incident,) = await page(await house.person(ADMIN), INCIDENTS)
    return incident


async def started(house: House) -> dict[str, Any]:
    """The only timer of a draft."""
    teacher = await house.person(PNS)
    await teacher.start()
    (timer,) = await timers_of(teacher, teacher.plan_id)
    return timer


# ── the timers of a plan ──


async def test_a_plan_says_what_the_clock_will_do_about_it_to_who_sees_it(house: House) -> None:
    teacher = await submitted(house, PNS)
    for who in (PNS, HEAD_OF_SD, ADMIN):
        timers = await timers_of(await house.person(who), teacher.plan_id)
        assert [(one["label"], one["due"], one["count"]) for one in timers] == [
            ("Reminder to the superior", "2024-01-18T01:00:00+00:00", 0),
            ("Escalation to the dinas", "2024-01-22T01:00:00+00:00", 0),
        ]
    assert (await (await house.person(OF_SMA)).ask(TIMERS, id=teacher.plan_id))["plan"] is None
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    assert await timers_of(teacher, teacher.plan_id) == []


# ── incidents ──


async def test_an_incident_says_why_and_when(house: House) -> None:
    incident = await failed(house)
    assert incident["timer"] == "expire"
    assert incident["incident"]["tries"] == 1
    assert incident["incident"]["at"] == EXPIRY.isoformat()
    (problem,) = incident["incident"]["problems"]
    assert problem["code"] == "head.is_other"
    assert "kosong" in problem["message"]
    admin = await house.person(ADMIN)
    assert await page(admin, INCIDENTS, period="2024-1") == [incident]
    assert await page(admin, INCIDENTS, period="2024-2") == []
    plan_timers = await timers_of(admin, incident["planId"])
    assert incident["id"] not in [one["id"] for one in plan_timers]


async def test_what_failed_is_tried_again_once_it_is_mended(house: House, changing: Database) -> None:
    incident = await failed(house)
    admin = await house.person(ADMIN)
    retried = await act(admin, "retryTimer", timer=incident["id"])
    assert (retried["incident"], retried["due"]) == (None, EXPIRY.isoformat())
    (record,) = retried["acts"]
    assert (record["act"], record["reason"], record["count"]) == ("RETRIED", REASON, 0)
    await fire(house, EXPIRY)
    (again,) = await page(admin, INCIDENTS)
    assert again["incident"]["tries"] == 2
    await act(admin, "retryTimer", timer=incident["id"])
    await house.sql("UPDATE plan SET npsn = '99000004', school = jsonb_set(school, '{npsn}', '\"99000004\"')")
    await fire(house, EXPIRY)
    (plan,) = await house.sql("SELECT state FROM plan")
    assert plan["state"] == "draft"
    assert await page(admin, INCIDENTS) == []


async def test_a_failed_one_is_skipped(house: House) -> None:
    incident = await failed(house)
    skipped = await act(await house.person(ADMIN), "skipTimer", timer=incident["id"])
    assert (skipped["due"], skipped["count"], skipped["incident"]) == (None, 1, None)
    await fire(house, EXPIRY + timedelta(days=30))
    (plan,) = await house.sql("SELECT state FROM plan")
    assert plan["state"] == "submitted"


async def test_a_repeated_one_goes_on_after_it_was_skipped(house: House) -> None:
    teacher, admin = await submitted(house, PNS), await house.person(ADMIN)
    listed, _ = await timers_of(admin, teacher.plan_id)
    skipped = await act(admin, "skipTimer", timer=listed["id"])
    assert (skipped["due"], skipped["count"]) == (AGAIN.isoformat(), 1)
    await fire(house, DUE)
    assert await told(house) == []
    assert codes(await act(admin, "skipTimer", timer=listed["id"])) == ["timer.moved_on"]
    await fire(house, AGAIN)
    assert [(name, count) for _, name, count in await told(house)] == [("remind_superior", 1)]


async def test_a_timer_of_a_version_that_only_another_release_reads_is_left_to_that(house: House) -> None:
    admin = await house.person(ADMIN)
    listed = await started(house)
    await house.sql(
        "INSERT INTO workflow_version SELECT $1, name, '{}', stored_at FROM workflow_version LIMIT 1", BEYOND
    )
    await house.sql("UPDATE plan SET workflow = $1", BEYOND)
    before = await house.everything()
    assert codes(await act(admin, "skipTimer", timer=listed["id"])) == ["workflow.beyond_release"]
    assert await house.everything() == before


ACTS = ["retryTimer", "skipTimer"]


@pytest.mark.parametrize("name", ACTS)
async def test_only_admins_act_and_nothing_happens_otherwise(house: House, name: str) -> None:
    incident = await failed(house)
    before = await house.everything()
    for who in (PNS, HEAD_OF_SD):
        answer = await act(await house.person(who), name, timer=incident["id"])
        assert codes(answer) == ["actor.not_admin"]
    assert await house.everything() == before


@pytest.mark.parametrize("name", ACTS)
async def test_what_is_wrong_is_told_and_nothing_happens(house: House, name: str) -> None:
    incident = await failed(house)
    admin, before = await house.person(ADMIN), await house.everything()
    other = {"timer": incident["id"]}
    assert codes(await act(admin, name, **other, reason=" ")) == ["reason.missing"]
    assert codes(await act(admin, name, **other, expectedCount=1)) == ["timer.moved_on"]
    assert codes(await act(admin, name, **{**other, "timer": "x"})) == ["id.invalid"]
    await house.sql("DELETE FROM plan_timer WHERE timer = 'expire'")
    assert codes(await act(admin, name, **other)) == ["timer.unknown"]
    after = await house.everything()
    assert {**before, "plan_timer": after["plan_timer"]} == after


async def test_what_did_not_fail_needs_no_retry(house: House) -> None:
    admin = await house.person(ADMIN)
    listed = await started(house)
    before = await house.everything()
    assert codes(await act(admin, "retryTimer", timer=listed["id"])) == ["timer.no_incident"]
    assert await house.everything() == before


async def test_only_admins_see_incidents(house: House) -> None:
    await submitted(house, PNS)
    for who in (PNS, HEAD_OF_SD):
        person = await house.person(who)
        _, answer = await person.send({"query": INCIDENTS})
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["problem"]["code"] == "actor.not_admin"


@pytest.mark.parametrize("given", [{"first": 0}, {"first": 101}, {"after": "x"}, {"after": "WyJhIiwiYiJd"}])
async def test_a_page_out_of_bounds_and_a_strange_cursor(house: House, given: dict[str, Any]) -> None:
    _, answer = await (await house.person(ADMIN)).send({"query": INCIDENTS, "variables": given})
    code = answer["errors"][0]["extensions"]["problem"]["code"]
    assert code == ("page.size" if "first" in given else "cursor.invalid")


# ── what it costs ──


async def test_lists_cost_the_same_whatever_they_hold(house: House) -> None:
    await publish_text(house.database, expiring("{head_is: {kind: kosong}}"))
    admin, sent = await house.person(ADMIN), []
    await page(admin, INCIDENTS)
    plain = TIMERS.replace("timers { id label due count }", "id")
    for who in (PNS, PPPK):
        teacher = await submitted(house, who)
        counts = []
        for query in (TIMERS, plain):
            with counting_queries() as queries:
                await teacher.ask(query, id=teacher.plan_id)
            counts.append(len(queries))
        await fire(house, EXPIRY)
        with counting_queries() as queries:
            incidents = await page(admin, INCIDENTS)
        sent.append((len(incidents), len(queries), counts[0] - counts[1]))
    assert sent == [(1, 3, 1), (2, 3, 1)]
