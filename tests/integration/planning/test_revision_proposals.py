"""Proposals of period revisions: decisions, repeats and races, expiry, rights and refusals."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.kit.database import Database
from services.planning.api.ids import change_request_id
from tests.integration.planning.environment import (
    PROBLEM_FIELDS,
    Environment,
    environment_at,
    payload_document,
    problem_codes,
    problem_path,
)
from tests.integration.planning.revisions import (
    DAY,
    OFF,
    ON,
    PERIOD_QUERY,
    REASON,
    SECOND_ADMIN,
    SWITCH,
    change_values,
    close_proposal,
    dump_records,
    list_revisions,
    mutate_proposal,
    propose,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OTHER_ACCOUNT,
    PNS,
)


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


# ── decisions, repeats and races ──


async def test_repeated_proposal_and_approval_are_replayed(environment: Environment) -> None:
    author, approver = await environment.sign_in(ADMIN), await environment.sign_in(SECOND_ADMIN)
    first = await propose(author, **{SWITCH: ON})
    assert await propose(author, **{SWITCH: ON}) == first | {"replayed": True}
    result = await close_proposal(approver, "approveChangeRequest", first)
    before = await dump_records(environment)
    assert await close_proposal(approver, "approveChangeRequest", first) == result | {"replayed": True}
    for user, mutation in (
        (PNS, "approveChangeRequest"),
        (ADMIN, "approveChangeRequest"),
        (ADMIN, "withdrawChangeRequest"),
    ):
        assert problem_codes(await close_proposal(await environment.sign_in(user), mutation, first)) == [
            "change_request.executed"
        ]
    assert await dump_records(environment) == before


async def test_one_of_two_concurrent_approvals_adds_the_revision(environment: Environment) -> None:
    proposal = await propose(await environment.sign_in(ADMIN), **{SWITCH: ON})
    people = [await environment.sign_in(user) for user in (SECOND_ADMIN, PNS)]
    answers = await asyncio.gather(
        *(close_proposal(one, "approveChangeRequest", proposal) for one in people for _ in range(4))
    )
    kinds = [(answer["__typename"], answer.get("replayed")) for answer in answers]
    assert kinds.count(("ApproveChangeRequestPayload", False)) == 1
    assert kinds.count(("ApproveChangeRequestPayload", True)) == 3
    assert kinds.count(("Rejection", None)) == 4
    acts = await environment.sql("SELECT act FROM admin_act WHERE change_request IS NOT NULL ORDER BY id")
    assert [row["act"] for row in acts] == ["proposed", "approved", "executed"]


async def test_two_proposals_do_not_overwrite_each_other(environment: Environment) -> None:
    author, approver = await environment.sign_in(ADMIN), await environment.sign_in(SECOND_ADMIN)
    days = await propose(author, revision_days={"int": 20})
    both = await propose(author, revision_days={"int": 10}, minimum_points={"int": 16})
    points = await propose(author, facts_max_age_minutes={"int": 30})
    for proposal in (days, points):
        assert (await close_proposal(approver, "approveChangeRequest", proposal))["state"] == "EXECUTED"
    before = await dump_records(environment)
    answer = await close_proposal(approver, "approveChangeRequest", both)
    assert problem_codes(answer) == ["period.proposal_outdated"]
    assert "saat diusulkan 14, kini 20" in answer["problems"][0]["message"]
    assert await dump_records(environment) == before
    withdrawn = await close_proposal(author, "withdrawChangeRequest", both)
    assert (withdrawn["state"], list_revisions(withdrawn)) == ("WITHDRAWN", [])
    assert problem_codes(await close_proposal(approver, "approveChangeRequest", both)) == [
        "change_request.withdrawn"
    ]
    values = await environment.sql(
        "SELECT values::jsonb ->> 'revision_days' AS d FROM period_revision WHERE number > 2"
    )
    assert {row["d"] for row in values} == {"20"}


async def test_rejected_proposal_cannot_be_approved(environment: Environment) -> None:
    proposal = await propose(await environment.sign_in(ADMIN), **{SWITCH: ON})
    second = await environment.sign_in(SECOND_ADMIN)

    rejected_proposal = await close_proposal(second, "rejectChangeRequest", proposal)

    assert (rejected_proposal["state"], list_revisions(rejected_proposal)) == ("REJECTED", [])
    assert (rejected_proposal["acts"][-1]["state"], rejected_proposal["acts"][-1]["reason"]) == (
        "REJECTED",
        REASON,
    )
    before = await dump_records(environment)
    assert await close_proposal(second, "rejectChangeRequest", proposal) == rejected_proposal | {
        "replayed": True
    }
    for mutation in ("approveChangeRequest", "withdrawChangeRequest"):
        assert problem_codes(await close_proposal(second, mutation, proposal)) == ["change_request.rejected"]
    assert await dump_records(environment) == before


async def test_expired_proposal_cannot_be_decided(
    registry_with_admins: Database, own_planning_database: Database
) -> None:
    async with environment_at(registry_with_admins, own_planning_database) as environment:
        proposal = await propose(await environment.sign_in(ADMIN), **{SWITCH: ON})
    expires_at = datetime.fromisoformat(proposal["expiresAt"])
    assert expires_at == environment.now + 30 * DAY

    async with environment_at(registry_with_admins, own_planning_database, expires_at) as later:
        second, before = await later.sign_in(SECOND_ADMIN), await dump_records(later)
        for mutation in ("approveChangeRequest", "rejectChangeRequest", "withdrawChangeRequest"):
            assert problem_codes(await close_proposal(second, mutation, proposal)) == [
                "change_request.expired"
            ]
        page = (await second.execute(PERIOD_QUERY))["period"]["changeRequests"]["nodes"]
        assert [(one["state"], one["revision"]["waitingPlanCount"]) for one in page] == [("EXPIRED", None)]
        assert await dump_records(later) == before
        assert not (await propose(await later.sign_in(ADMIN), **{SWITCH: ON}))["replayed"]

    async with environment_at(
        registry_with_admins, own_planning_database, expires_at - timedelta(seconds=1)
    ) as earlier:
        answer = await close_proposal(await earlier.sign_in(SECOND_ADMIN), "approveChangeRequest", proposal)
        assert answer["state"] == "EXECUTED"


async def test_a_proposal_is_stale_once_its_value_has_changed(environment: Environment) -> None:
    author = await environment.sign_in(ADMIN)
    proposal = await propose(author, revision_days={"int": 10})
    assert not proposal["isStale"]

    await change_values(environment, revision_days={"int": 20})

    again = await propose(author, revision_days={"int": 10})
    assert (again["isStale"], again["replayed"]) == (False, False)
    query = 'query Q { period(code: "2024-1") { changeRequests { nodes { id isStale } } } }'
    page = (await author.execute(query))["period"]["changeRequests"]["nodes"]
    stale = {one["id"]: one["isStale"] for one in page}
    assert (stale[proposal["id"]], stale[again["id"]]) == (True, False)


async def test_proposals_are_listed_newest_first_page_by_page(environment: Environment) -> None:
    author = await environment.sign_in(ADMIN)
    ids = [(await propose(author, revision_days={"int": days}))["id"] for days in (20, 21, 22)]
    query = """query Q($first: Int!, $after: String) { period(code: "2024-1") {
      changeRequests(first: $first, after: $after) {
        edges { cursor node { id revision { waitingPlanCount } } } pageInfo { hasNextPage endCursor } } } }"""
    listed_ids, after, more = [], None, True
    while more:
        page = (await author.execute(query, first=2, after=after))["period"]["changeRequests"]
        listed_ids += [edge["node"]["id"] for edge in page["edges"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert listed_ids == ids[::-1]
    for wrong, code in (
        ({"first": 0}, "page.size"), ({"first": 101}, "page.size"), ({"first": 1, "after": "lain"}, "cursor.invalid")
    ):  # fmt: skip
        _, answer = await author.post({"query": query, "variables": wrong})
        assert answer["errors"][0]["extensions"]["problem"]["code"] == code


# ── rights ──

AUTHOR_ELSEWHERE = OTHER_ACCOUNT  # another account of PNS, who proposes


@pytest.mark.parametrize(
    ("user", "outcome"),
    [
        (COLLEAGUE, {"proposePeriodRevision": "actor.not_admin", "approveChangeRequest": "actor.not_admin",
                     "rejectChangeRequest": "actor.not_admin", "withdrawChangeRequest": "actor.not_admin"}),
        (HEAD_OF_SD, {"proposePeriodRevision": "actor.not_admin", "approveChangeRequest": "actor.not_admin",
                      "rejectChangeRequest": "actor.not_admin", "withdrawChangeRequest": "actor.not_admin"}),
        (PNS, {"approveChangeRequest": "change_request.is_yours", "rejectChangeRequest": "change_request.is_yours",
               "withdrawChangeRequest": None}),
        (AUTHOR_ELSEWHERE, {"approveChangeRequest": "change_request.is_yours",
                            "rejectChangeRequest": "change_request.is_yours", "withdrawChangeRequest": None}),
        (SECOND_ADMIN, {"proposePeriodRevision": None, "approveChangeRequest": None}),
        (ADMIN, {"withdrawChangeRequest": None}),
        (ADMIN, {"rejectChangeRequest": None}),
    ],
)  # fmt: skip
async def test_only_admins_propose_and_decide_revisions(
    environment: Environment, user: int | str, outcome: dict[str, str | None]
) -> None:
    person, proposal = (
        await environment.sign_in(user),
        await propose(await environment.sign_in(PNS), **{SWITCH: ON}),
    )
    for mutation, code in outcome.items():
        before = await dump_records(environment)
        answer = await (
            propose(person, minimum_points={"int": 16})
            if mutation == "proposePeriodRevision"
            else close_proposal(person, mutation, proposal)
        )
        if code is None:
            assert answer["__typename"].endswith("Payload"), answer
            assert await dump_records(environment) != before
        else:
            assert problem_codes(answer) == [code]
            assert await dump_records(environment) == before


async def test_anonymous_caller_cannot_propose_a_revision(environment: Environment) -> None:
    proposal = await propose(await environment.sign_in(PNS), **{SWITCH: ON})
    before = await dump_records(environment)
    value = [{"name": SWITCH, "value": ON}]
    for mutation, arguments in (
        ("proposePeriodRevision", {"period": "2024-1", "values": value}),
        ("approveChangeRequest", {"changeRequestId": proposal["id"]}),
        ("rejectChangeRequest", {"changeRequestId": proposal["id"]}),
        ("withdrawChangeRequest", {"changeRequestId": proposal["id"]}),
    ):
        query = payload_document(mutation, "__typename") + PROBLEM_FIELDS
        body = {"query": query, "variables": {"input": {**arguments, "reason": REASON}}}
        _, answer = await environment.anonymous().post(body)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await dump_records(environment) == before


# ── refusals ──

NOT_CLOSED = {"name": "planning_closes", "value": {"date": "2023-12-01"}}
VALUE = {"name": SWITCH, "value": ON}


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        ({"values": []}, ["period.proposal_empty@input.values"]),
        ({"values": [VALUE, VALUE]}, ["period.value_twice@input.values.1.name"]),
        ({"values": [VALUE] * 9}, ["period.too_many_values@input.values"]),
        ({"values": [{"name": "lain", "value": ON}]}, ["value.unknown@input.values.0.name"]),
        ({"values": [{"name": SWITCH, "value": {"int": 1}}]}, ["value.bool_expected@input.values.0.value"]),
        ({"values": [{"name": SWITCH, "value": OFF}]}, ["period.value_same@input.values.0.value"]),
        ({"values": [{"name": "revision_days", "value": {"int": 0}}]},
         ["value.out_of_bounds@input.values.0.value"]),
        ({"values": [{"name": "planning_closes", "value": {"date": "1970-01-01"}}]},
         ["value.date_expected@input.values.0.value"]),
        ({"values": [VALUE, NOT_CLOSED]},
         ["value.too_early@input.values.1.value", "period.closes_before_period@input.values.1.value"]),
        ({"values": [{"name": "planning_opens", "value": {"date": "2023-01-01"}}, NOT_CLOSED]},
         ["period.closes_before_period@input.values.1.value"]),
        ({"values": [{"name": "planning_opens", "value": {"date": "2024-02-15"}}]}, ["value.too_early@input.values"]),
        ({"values": [{"name": "planning_closes", "value": {"date": "2024-07-01"}}]},
         ["period.closes_after_period@input.values.0.value"]),
        ({"effectiveFrom": "2024-01-14T00:00:00Z"}, ["period.effective_in_the_past@input.effectiveFrom"]),
        ({"effectiveFrom": "2199-12-31T23:59:59-12:00"}, ["period.effective_too_far@input.effectiveFrom"]),
        ({"effectiveFrom": "1900-01-02T00:00:00+14:00"}, ["period.effective_in_the_past@input.effectiveFrom"]),
        ({"reason": " "}, ["reason.missing@input.reason"]),
        ({"reason": "x" * 2001, "values": []}, ["text.too_long@input.reason", "period.proposal_empty@input.values"]),
        ({"period": "2031-1"}, ["period.unknown@input.period"]),
    ],
)  # fmt: skip
async def test_invalid_revision_is_refused_with_its_place(
    environment: Environment, arguments: dict[str, Any], problems: list[str]
) -> None:
    before = await dump_records(environment)
    whole = {"period": "2024-1", "values": [VALUE], **arguments}
    answer = await mutate_proposal(await environment.sign_in(ADMIN), "proposePeriodRevision", **whole)
    problem_codes(answer)
    assert [f"{one['code']}@{problem_path(one)}" for one in answer["problems"]] == problems
    assert all(one["message"] != one["code"] and "…" not in one["message"] for one in answer["problems"])
    assert await dump_records(environment) == before


@pytest.mark.parametrize(
    ("id", "code"),
    [("usulan", "id.invalid"), (change_request_id(9), "change_request.unknown")],
)
async def test_unknown_proposal_is_refused(environment: Environment, id: str, code: str) -> None:
    for mutation in ("approveChangeRequest", "rejectChangeRequest", "withdrawChangeRequest"):
        assert problem_codes(
            await close_proposal(await environment.sign_in(ADMIN), mutation, {"id": id})
        ) == [code]
