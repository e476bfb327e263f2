"""Approval of many plans at once: the result of each, repeats, races and statements."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from services.kit.database import Database
from services.planning.api.ids import plan_id
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Environment,
    connect_database,
    environment_at,
    problem_codes,
)
from tests.integration.planning.plans import NOTE, SUB_INDIKATOR, decide_as_head, submit_plan
from tests.integration.planning.review import (
    APPROVE,
    FORTY_TEACHERS,
    approve_plans,
    problems_with_paths,
    submit_forty_plans,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_SMA,
    OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    RETIRING,
    SD,
    SMA,
    SMP,
    appoint_plt,
    fill_registry,
    import_more_teachers,
    import_one_school,
)

KEY = "0190f0a0-7b1e-7000-8000-000000000001"
GHOST = "99999999-9999-4999-8999-999999999999"
APPROVED_EVENTS = "SELECT ptk_id::text FROM plan_event WHERE kind = 'transition' AND to_state = 'approved'"


@pytest.fixture(scope="module")
async def large(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with forty more teachers at the SD."""
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as database:
        with database.active():
            await import_more_teachers(FORTY_TEACHERS, JANUARY)
        yield database


def outcomes(answer: dict[str, Any]) -> list[str | list[tuple[str, str]]]:
    """Return the state of each approved plan, or the problems, in the order of the input."""
    assert answer["__typename"] == "ApprovePlansPayload", answer
    results = answer["results"]
    return [
        row["state"]["name"] if row["__typename"] == "ApprovePlanPayload" else problems_with_paths(row)
        for row in results
    ]


def replayed(answer: dict[str, Any]) -> list[bool]:
    return [row["replayed"] for row in answer["results"]]


async def test_stale_plans_of_a_batch_are_refused_and_the_others_approved(
    large: Database, empty_planning_database: Database
) -> None:
    async with environment_at(large, empty_planning_database, JANUARY) as environment:
        ids, head = await submit_forty_plans(environment), await environment.sign_in(HEAD_OF_SD)
        for stale in (ids[3], ids[20], ids[39]):
            answer = await head.mutate("returnPlan", {"planId": stale, "expectedVersion": 7, "note": NOTE})
            assert answer["version"] == 8
        answer = await approve_plans(head, *((id, 7) for id in ids), idempotencyKey=KEY)
        assert answer["approvedCount"] == 37
        plans = [row.get("currentPlan", row)["id"] for row in answer["results"]]
        assert plans == ids
        for place, (row, outcome) in enumerate(zip(answer["results"], outcomes(answer), strict=True)):
            if place not in {3, 20, 39}:
                assert outcome == "approved"
                continue
            assert outcome == [("version.conflict", f"input.plans.{place}.expectedVersion")]
            (conflict,) = row["problems"]
            assert (conflict["expectedVersion"], conflict["currentVersion"]) == (7, 8)
            assert row["currentPlan"] == {"id": ids[place], "version": 8}
        assert len(await environment.sql(APPROVED_EVENTS)) == 37

        before = await environment.dump_tables()
        again = await approve_plans(head, *((id, 7) for id in ids), idempotencyKey=KEY)
        assert (again["approvedCount"], outcomes(again)) == (37, outcomes(answer))
        assert {row["replayed"] for row in again["results"] if "replayed" in row} == {True}
        for other_ids in (ids[:3], ids[4:5], ids[::-1]):
            refusal = await approve_plans(head, *((id, 7) for id in other_ids), idempotencyKey=KEY)
            assert problems_with_paths(refusal) == [("key.reused", "input.idempotencyKey")]
        assert await environment.dump_tables() == before


async def test_repeated_request_approves_the_rest_after_a_fault(
    large: Database, empty_planning_database: Database
) -> None:
    async with environment_at(large, empty_planning_database, JANUARY) as environment:
        ids, head = await submit_forty_plans(environment), await environment.sign_in(HEAD_OF_SD)
        versions = [(id, 7) for id in ids]
        await environment.sql(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$"
        )
        await environment.sql(
            f"CREATE TRIGGER fails BEFORE UPDATE ON plan FOR EACH ROW WHEN (NEW.ptk_id = '{ptk(FORTY_TEACHERS[25])}') "
            "EXECUTE FUNCTION fail()"
        )
        try:
            plan_inputs = [{"planId": id, "expectedVersion": 7} for id in ids]
            arguments = {"input": {"plans": plan_inputs, "idempotencyKey": KEY}}
            status, failed = await head.post({"query": APPROVE, "variables": arguments})
            assert failed["errors"][0]["extensions"]["code"] == "INTERNAL", status
        finally:
            await environment.sql("DROP FUNCTION fail CASCADE")
        assert await environment.sql(APPROVED_EVENTS) == []
        retry = await approve_plans(head, *versions, idempotencyKey=KEY)
        assert (retry["approvedCount"], set(outcomes(retry))) == (len(FORTY_TEACHERS), {"approved"})
        assert not any(replayed(retry))
        assert len(await environment.sql(APPROVED_EVENTS)) == len(FORTY_TEACHERS)


async def test_ten_concurrent_requests_approve_each_plan_once(
    large: Database, empty_planning_database: Database
) -> None:
    async with environment_at(large, empty_planning_database, JANUARY) as environment:
        ids, head = (await submit_forty_plans(environment))[:10], await environment.sign_in(HEAD_OF_SD)
        answers = await asyncio.gather(
            *(approve_plans(head, *((id, 7) for id in ids), idempotencyKey=KEY) for _ in range(10))
        )
        assert {answer["approvedCount"] for answer in answers} == {10}
        assert all(outcomes(answer) == ["approved"] * 10 for answer in answers)
        firsts = [not seen for answer in answers for seen in replayed(answer)]
        assert firsts.count(True) == len(await environment.sql(APPROVED_EVENTS)) == 10


async def test_slower_request_without_key_gets_version_conflicts(
    large: Database, empty_planning_database: Database
) -> None:
    async with environment_at(large, empty_planning_database, JANUARY) as environment:
        ids, head = (await submit_forty_plans(environment))[:10], await environment.sign_in(HEAD_OF_SD)
        answers = await asyncio.gather(*(approve_plans(head, *((id, 7) for id in ids)) for _ in range(4)))
        for place in range(10):
            each = [outcomes(answer)[place] for answer in answers]
            assert each.count("approved") == 1
            assert each.count([("version.conflict", f"input.plans.{place}.expectedVersion")]) == 3
        assert len(await environment.sql(APPROVED_EVENTS)) == 10


async def test_batch_approval_writes_the_event_of_approve_plan(environment: Environment) -> None:
    id, other_ids = await submit_plan(environment, PNS), await submit_plan(environment, COLLEAGUE)
    head = await environment.sign_in(HEAD_OF_SD)
    await decide_as_head(environment, HEAD_OF_SD, id, "approvePlan")
    await approve_plans(head, (other_ids.plan_id, 7))
    rows = await environment.sql("SELECT body FROM plan_event WHERE to_state = 'approved'")
    single, bulk = (json.loads(row["body"]) for row in rows)
    own = {"id", "ptk_id", "hash", "prev_hash", "digests"}
    assert {k: v for k, v in single.items() if k not in own} == {
        k: v for k, v in bulk.items() if k not in own
    }
    assert bulk["on_behalf_of"] == {"npsn": SD, "head": "definitif"}
    assert single["digests"].keys() == bulk["digests"].keys() == {"nama"}
    assert bulk["evidence"]


async def test_head_of_two_schools_approves_for_both(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, JANUARY) as environment:
        of_smp, of_sma = await submit_plan(environment, OF_SMP), await submit_plan(environment, OF_SMA)
        with own_registry.active():
            await appoint_plt(HEAD_OF_SMP, SMA, at=environment.now)
        head = await environment.sign_in(HEAD_OF_SMP)
        answer = await approve_plans(head, (of_smp.plan_id, 7), (of_sma.plan_id, 7))
        assert outcomes(answer) == ["approved", "approved"]
        rows = await environment.sql(
            "SELECT body FROM plan_event WHERE to_state = 'approved' ORDER BY ptk_id"
        )
        behalf = [json.loads(row["body"])["on_behalf_of"] for row in rows]
        assert behalf == [{"npsn": SMP, "head": "definitif"}, {"npsn": SMA, "head": "plt"}]


async def test_each_refused_plan_has_its_problems(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, JANUARY) as environment:
        own, theirs = await submit_plan(environment, OF_SMP), await submit_plan(environment, PNS)
        good = await submit_plan(environment, OF_SMA)
        with own_registry.active():
            await appoint_plt(OF_SMP, SMA, at=environment.now)
        await environment.sql(
            "INSERT INTO moved_teacher SELECT $1, '2024-1', $2, $3", *await _move_teacher(environment)
        )
        before = await environment.dump_tables()
        answer = await approve_plans(
            await environment.sign_in(OF_SMP),
            ("rencana-saya", 7), (theirs.plan_id, 7), (own.plan_id, 7), (good.plan_id, 7),
            (plan_id(GHOST, "2024-1"), 7), (plan_id(str(ptk(OF_SMA)), "2024-2"), 7), ("x", 0),
            (plan_id(str(ptk(COLLEAGUE)), "2024-1"), -1), (plan_id(str(ptk(RETIRING)), "2024-1"), 7),
        )  # fmt: skip
        assert answer["approvedCount"] == 1
        assert outcomes(answer) == [
            [("id.invalid", "input.plans.0.planId")],
            [("plan.unknown", "input.plans.1.planId")],
            [("actor.own_plan", "input.plans.2.planId")],
            "approved",
            [("plan.unknown", "input.plans.4.planId")],
            [("plan.unknown", "input.plans.5.planId")],
            [("id.invalid", "input.plans.6.planId"), ("version.malformed", "input.plans.6.expectedVersion")],
            [("version.malformed", "input.plans.7.expectedVersion")],
            [("actor.not_head", "input.plans.8.planId")],
        ]
        assert [row.get("currentPlan", {}) is None for row in answer["results"]] == [
            True, True, False, False, True, True, True, True, False,
        ]  # fmt: skip
        after = await environment.dump_tables()
        update_count = {table for table, rows in after.items() if rows != before[table]}
        assert update_count == {"plan", "plan_event", "plan_text", "plan_timer"}
        assert len(after["plan_event"]) == len(before["plan_event"]) + 1


async def _move_teacher(environment: Environment) -> tuple[UUID, str, Any]:
    """Return a teacher who moved from the SD, where the plan waits, to the SMA."""
    await submit_plan(environment, RETIRING)
    return ptk(RETIRING), SMA, environment.now


LISTS: list[tuple[str, list[int], dict[str, Any], list[tuple[str, str]]]] = [
    ("nothing", [], {}, [("approve.how_many", "input.plans")]),
    ("too many", list(range(200, 301)), {}, [("approve.how_many", "input.plans")]),
    ("one twice", [PNS, COLLEAGUE, PNS], {}, [("approve.twice", "input.plans.2.planId")]),
    ("a short key", [PNS], {"idempotencyKey": "kunci"}, [("key.malformed", "input.idempotencyKey")]),
]


@pytest.mark.parametrize(
    ("numbers", "arguments", "expected_problems"), [row[1:] for row in LISTS], ids=[row[0] for row in LISTS]
)
async def test_invalid_list_of_plans_is_refused(
    environment: Environment,
    numbers: list[int],
    arguments: dict[str, Any],
    expected_problems: list[tuple[str, str]],
) -> None:
    await submit_plan(environment, PNS)
    head, before = await environment.sign_in(HEAD_OF_SD), await environment.dump_tables()
    versions = [(plan_id(str(ptk(number)), "2024-1"), 7) for number in numbers]
    answers = [
        await approve_plans(head, *versions, language=language, **arguments) for language in ("id", "en")
    ]
    assert [problems_with_paths(answer) for answer in answers] == [expected_problems, expected_problems]
    assert answers[0]["problems"][0]["message"] != answers[1]["problems"][0]["message"]
    assert await environment.dump_tables() == before


async def test_hundred_plans_are_accepted(environment: Environment) -> None:
    head = await environment.sign_in(HEAD_OF_SD)
    answer = await approve_plans(
        head, *((plan_id(str(ptk(number)), "2024-1"), 7) for number in range(200, 300))
    )
    assert (answer["approvedCount"], len(answer["results"])) == (0, 100)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [(PNS, "actor.own_plan"), (COLLEAGUE, "plan.unknown"), (HEAD_OF_SMP, "plan.unknown"),
     (PLT_OF_TK, "plan.unknown"), (ADMIN, "head.is_another")],
)  # fmt: skip
async def test_only_the_head_approves(environment: Environment, numbers: int | str, code: str) -> None:
    teacher, person = await submit_plan(environment, PNS), await environment.sign_in(numbers)
    before = await environment.dump_tables()
    answer = await approve_plans(person, (teacher.plan_id, 7), idempotencyKey=KEY)
    assert (answer["approvedCount"], outcomes(answer)) == (0, [[(code, "input.plans.0.planId")]])
    single = await person.mutate("approvePlan", {"planId": teacher.plan_id, "expectedVersion": 7})
    assert problem_codes(single) == [code]
    assert await environment.dump_tables() == before


async def test_approval_requires_sign_in(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    before = await environment.dump_tables()
    arguments = {"input": {"plans": [{"planId": teacher.plan_id, "expectedVersion": 7}]}}
    _, answer = await environment.anonymous().post({"query": APPROVE, "variables": arguments})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "auth.sign_in_required"
    assert await environment.dump_tables() == before


async def test_former_head_cannot_approve(own_registry: Database, empty_planning_database: Database) -> None:
    async with environment_at(own_registry, empty_planning_database, JANUARY) as environment:
        teacher, former = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
        guru = {"jenis_ptk_id": "3", "jenis_ptk_id_str": "Guru Kelas", "jabatan_ptk_id": None}
        with own_registry.active():
            await import_one_school(SD, environment.now, **{f"p{HEAD_OF_SD}": guru})
        before = await environment.dump_tables()
        answer = await approve_plans(former, (teacher.plan_id, 7))
        assert outcomes(answer) == [[("plan.unknown", "input.plans.0.planId")]]
        assert await environment.dump_tables() == before


async def test_automatically_approved_plan_is_not_approved_again(environment: Environment) -> None:
    teacher, plt = (
        await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR),
        await environment.sign_in(PLT_OF_TK),
    )
    before = await environment.dump_tables()
    answer = await approve_plans(plt, (teacher.plan_id, 8))
    assert outcomes(answer) == [[("transition.not_from_here", "input.plans.0.planId")]]
    assert await environment.dump_tables() == before
