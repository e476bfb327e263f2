"""What admins see of timers and do with them: by scope admin alone, each act on record, the rest untouched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.composing import decided, submitted
from tests.integration.planning.following import fire
from tests.integration.planning.house import PROBLEMS, House, Person, codes, house_at
from tests.integration.planning.publishing import publish_text
from tests.integration.planning.ticking import AGAIN, DUE, EXPIRY, MINUTE, expiring, told
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, OF_SMA, PNS, PPPK, SD

pytestmark = pytest.mark.usefixtures("patient")

TIMER = """fragment Timer on ArmedTimer { id timer label planId nama npsn satuanPendidikan state due count rescheduled
  incident { problems { code message } tries at } }"""
ACT = """mutation M($input: {kind}!) {{ answer: {name}(input: $input) {{ __typename ...Timer ...Told
  ... on ArmedTimer {{ acts {{ act by reason at count dueBefore dueAfter }} }} }} }}"""
DUE_PAGE = (
    """query Q($npsn: String, $until: DateTime, $first: Int! = 20, $after: String, $period: ID) {
  page: timersDue(npsn: $npsn, until: $until, first: $first, after: $after, period: $period) {
    edges { node { ...Timer } } pageInfo { hasNextPage endCursor } } }"""
    + TIMER
)
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
    kind = "RescheduleTimerInput" if name == "rescheduleTimer" else "TimerActInput"
    query = ACT.format(kind=kind, name=name) + TIMER + PROBLEMS
    return dict((await person.ask(query, input={"reason": REASON, "expectedCount": 0, **given}))["answer"])


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


# ── what falls due ──


async def test_what_falls_due_when_by_school_and_until_page_by_page(house: House) -> None:
    for who in (PNS, PPPK, OF_SMA):
        await submitted(house, who)
    await (await house.person(COLLEAGUE)).start()
    admin = await house.person(ADMIN)
    whole = await page(admin, DUE_PAGE)
    assert [one["due"] for one in whole] == sorted(one["due"] for one in whole)
    assert [one["timer"] for one in whole] == ["remind_superior"] * 3 + ["escalate"] * 3 + [
        "remind_draft_owner"
    ]
    assert whole[0]["due"] == "2024-01-17T23:00:00+00:00"
    assert (whole[0]["label"], whole[0]["state"]) == ("Pengingat kepada atasan", "submitted")
    assert {one["npsn"] for one in await page(admin, DUE_PAGE, npsn=SD)} == {SD}
    assert len(await page(admin, DUE_PAGE, until="2024-01-18T01:00:00Z")) == 3
    walked: list[dict[str, Any]] = []
    after = None
    while after is not None or not walked:
        answer = (await admin.ask(DUE_PAGE, first=2, after=after))["page"]
        walked += [edge["node"] for edge in answer["edges"]]
        after = answer["pageInfo"]["endCursor"] if answer["pageInfo"]["hasNextPage"] else None
    assert walked == whole


async def test_a_plan_says_what_the_clock_will_do_about_it_to_who_sees_it(house: House) -> None:
    teacher = await submitted(house, PNS)
    query = "query Q($id: ID!) { plan(id: $id) { timers { id label due } } }"
    for reader in (teacher, await house.person(HEAD_OF_SD)):
        timers = (await reader.ask(query, "en", id=teacher.plan_id))["plan"]["timers"]
        assert [(one["label"], one["due"]) for one in timers] == [
            ("Reminder to the superior", "2024-01-18T01:00:00+00:00"),
            ("Escalation to the dinas", "2024-01-22T01:00:00+00:00"),
        ]
    assert (await (await house.person(OF_SMA)).ask(query, id=teacher.plan_id))["plan"] is None
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    assert (await teacher.ask(query, id=teacher.plan_id))["plan"]["timers"] == []


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
    assert incident["id"] not in [one["id"] for one in await page(admin, DUE_PAGE)]


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
    await submitted(house, PNS)
    admin = await house.person(ADMIN)
    listed = next(one for one in await page(admin, DUE_PAGE) if one["timer"] == "remind_superior")
    skipped = await act(admin, "skipTimer", timer=listed["id"])
    assert (skipped["due"], skipped["count"]) == (AGAIN.isoformat(), 1)
    await fire(house, DUE)
    assert await told(house) == []
    assert codes(await act(admin, "skipTimer", timer=listed["id"])) == ["timer.moved_on"]
    await fire(house, AGAIN)
    assert [(name, count) for _, name, count in await told(house)] == [("remind_superior", 1)]


async def test_a_new_instant_holds_whatever_the_dates_say(house: House) -> None:
    await (await house.person(PNS)).start()
    admin = await house.person(ADMIN)
    (listed,) = await page(admin, DUE_PAGE)
    due = house.now + timedelta(days=1)
    moved = await act(admin, "rescheduleTimer", timer=listed["id"], due=due.isoformat())
    assert (moved["due"], moved["rescheduled"]) == (due.isoformat(), True)
    assert moved["acts"][0]["dueBefore"] == listed["due"]
    await fire(house, due - MINUTE)
    assert await told(house) == []
    await fire(house, due)
    assert [name for _, name, _ in await told(house)] == ["remind_draft_owner"]
    await fire(house, datetime.fromisoformat(listed["due"]))
    assert len(await told(house)) == 1


@pytest.mark.parametrize(
    ("due", "code"),
    [
        ("2024-01-15T02:00:00Z", "timer.due_out_of_bounds"),
        ("2024-06-30T17:00:00Z", "timer.due_out_of_bounds"),
        ("2024-01-16T02:00:00", "timer.without_zone"),
    ],
)
async def test_an_instant_that_makes_no_sense_is_refused(house: House, due: str, code: str) -> None:
    await (await house.person(PNS)).start()
    admin = await house.person(ADMIN)
    (listed,) = await page(admin, DUE_PAGE)
    before = await house.everything()
    answer = await act(admin, "rescheduleTimer", timer=listed["id"], due=due)
    assert [(one["code"], one["path"]) for one in answer["problems"]] == [(code, ["input", "due"])]
    assert await house.everything() == before


async def test_a_timer_of_a_version_that_only_another_release_reads_is_left_to_that(house: House) -> None:
    await (await house.person(PNS)).start()
    admin = await house.person(ADMIN)
    (listed,) = await page(admin, DUE_PAGE)
    await house.sql(
        "INSERT INTO workflow_version SELECT $1, name, '{}', stored_at FROM workflow_version LIMIT 1", BEYOND
    )
    await house.sql("UPDATE plan SET workflow = $1", BEYOND)
    before = await house.everything()
    assert codes(await act(admin, "skipTimer", timer=listed["id"])) == ["workflow.beyond_release"]
    assert await house.everything() == before


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("retryTimer", {}),
    ("skipTimer", {}),
    ("rescheduleTimer", {"due": "2024-01-20T02:00:00Z"}),
]


@pytest.mark.parametrize(("name", "given"), ACTS)
async def test_only_admins_act_and_nothing_happens_otherwise(
    house: House, name: str, given: dict[str, Any]
) -> None:
    incident = await failed(house)
    before = await house.everything()
    for who in (PNS, HEAD_OF_SD):
        answer = await act(await house.person(who), name, timer=incident["id"], **given)
        assert codes(answer) == ["actor.not_admin"]
    assert await house.everything() == before


@pytest.mark.parametrize(("name", "given"), ACTS)
async def test_what_is_wrong_is_told_and_nothing_happens(
    house: House, name: str, given: dict[str, Any]
) -> None:
    incident = await failed(house)
    admin, before = await house.person(ADMIN), await house.everything()
    other = {"timer": incident["id"], **given}
    assert codes(await act(admin, name, **other, reason=" ")) == ["reason.missing"]
    assert codes(await act(admin, name, **other, expectedCount=1)) == ["timer.moved_on"]
    assert codes(await act(admin, name, **{**other, "timer": "x"})) == ["id.invalid"]
    await house.sql("DELETE FROM plan_timer WHERE timer = 'expire'")
    assert codes(await act(admin, name, **other)) == ["timer.unknown"]
    after = await house.everything()
    assert {**before, "plan_timer": after["plan_timer"]} == after


async def test_what_did_not_fail_needs_no_retry(house: House) -> None:
    await (await house.person(PNS)).start()
    admin = await house.person(ADMIN)
    (listed,) = await page(admin, DUE_PAGE)
    before = await house.everything()
    assert codes(await act(admin, "retryTimer", timer=listed["id"])) == ["timer.no_incident"]
    assert await house.everything() == before


@pytest.mark.parametrize("query", [DUE_PAGE, INCIDENTS])
async def test_only_admins_see_all_timers(house: House, query: str) -> None:
    await submitted(house, PNS)
    for who in (PNS, HEAD_OF_SD):
        person = await house.person(who)
        _, answer = await person.send({"query": query})
        assert answer["data"] is None
        assert answer["errors"][0]["extensions"]["problem"]["code"] == "actor.not_admin"


@pytest.mark.parametrize("query", [DUE_PAGE, INCIDENTS])
@pytest.mark.parametrize("given", [{"first": 0}, {"first": 101}, {"after": "x"}, {"after": "WyJhIiwiYiJd"}])
async def test_a_page_out_of_bounds_and_a_strange_cursor(
    house: House, query: str, given: dict[str, Any]
) -> None:
    _, answer = await (await house.person(ADMIN)).send({"query": query, "variables": given})
    code = answer["errors"][0]["extensions"]["problem"]["code"]
    assert code == ("page.size" if "first" in given else "cursor.invalid")


# ── what it costs ──


async def test_lists_cost_the_same_whatever_they_hold(house: House) -> None:
    admin, sent = await house.person(ADMIN), []
    await page(admin, DUE_PAGE)
    for who in (PNS, PPPK):
        teacher = await submitted(house, who)
        own = "query Q($id: ID!) { plan(id: $id) { id timers { due } } }"
        counts = []
        for person, query, given in (
            (admin, DUE_PAGE, {}), (admin, INCIDENTS, {}), (teacher, own, {"id": teacher.plan_id}),
            (teacher, own.replace("timers { due }", ""), {"id": teacher.plan_id}),
        ):  # fmt: skip
            with counting_queries() as queries:
                await person.ask(query, **given)
            counts.append(len(queries))
        sent.append((counts[0], counts[1], counts[2] - counts[3]))
    assert sent[0] == sent[1] == (3, 2, 1)
