"""The same kind of refusal has the same code in every field, and leaves the other fields their data."""

from __future__ import annotations

import pytest

from services.planning.api.ids import dry_run_id, plan_id, plan_migration_id, workflow_version_id
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE, Client, Environment
from tests.integration.planning.http_edge import problem_codes
from tests.integration.planning.partners import partner_client
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.root_fields import REQUESTS
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SMP, PNS, SD

STATUS = '{ planStatus(key: {nip: "198502032010012902"}) { ptkId } }'


async def find_client(environment: Environment, caller: int | str) -> Client:
    return await (partner_client(environment) if caller == "partner" else environment.sign_in(caller))


@pytest.mark.parametrize(
    ("caller", "query", "problem"),
    [
        (PNS, "{ planMigrations { __typename } }", "actor.not_admin"),
        (PNS, "{ timerIncidents { __typename } }", "actor.not_admin"),
        (HEAD_OF_SMP, "{ planStatistics { planCount } }", "actor.not_admin"),
        (PNS, "{ reviewQueue { __typename } }", "review.heads_no_school"),
        (HEAD_OF_SMP, f'{{ reviewQueue(filter: {{npsn: "{SD}"}}) {{ __typename }} }}', "actor.not_head"),
        (PNS, STATUS, "auth.scope_missing"),
        (ADMIN, STATUS, "auth.scope_missing"),
        ("partner", "{ viewer { nama } }", "auth.partner"),
    ],
)
async def test_caller_without_the_right_is_forbidden(
    environment: Environment, caller: int | str, query: str, problem: str
) -> None:
    client = await find_client(environment, caller)
    _, answer = await client.post({"query": query})
    assert problem_codes(answer) == [problem], answer
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


# A gateway sends `_entities` alone.
REFUSED_QUERIES = [
    (caller, field)
    for field, request in REQUESTS.items()
    for caller in ("teacher", "partner")
    if field.startswith("Query.") and field != "Query._entities" and caller not in request.allowed_callers
]


@pytest.mark.parametrize(("caller", "field"), REFUSED_QUERIES)
async def test_refused_field_leaves_the_others_their_data(
    environment: Environment, caller: str, field: str
) -> None:
    await submit_plan(environment, COLLEAGUE)
    client = await find_client(environment, PNS if caller == "teacher" else caller)
    allowed = "viewer { nama }" if caller == "teacher" else "schools { nodes { npsn } }"
    refused = REQUESTS[field].document.replace("$ID", dry_run_id(1))
    status, answer = await client.post(
        {"query": f"{{ ...Refused {allowed} }} fragment Refused on Query {refused}"}
    )
    assert status == 200
    assert answer["data"].pop("answer") in (None, [None])
    (allowed_data,) = answer["data"].values()
    assert allowed_data in ({"nama": "Guru Contoh 1"}, {"nodes": [{"npsn": SD}]})
    assert [error["path"] for error in answer.get("errors", ())] in ([], [["answer"]])


@pytest.mark.parametrize(
    "query",
    [
        f'plan(id: "{plan_id(str(ptk(404)), PERIOD_CODE)}") {{ id }}',
        f'node(id: "{plan_id(str(ptk(404)), PERIOD_CODE)}") {{ id }}',
        'period(code: "1999-1") { id }',
        f'workflowVersion(id: "{workflow_version_id("0" * 64)}") {{ id }}',
        f'planMigration(id: "{plan_migration_id(99)}") {{ id }}',
        f'dryRun(id: "{dry_run_id(99)}") {{ id }}',
    ],
)
async def test_unknown_object_is_null_without_an_error(environment: Environment, query: str) -> None:
    admin = await environment.sign_in(ADMIN)
    _, answer = await admin.post({"query": f"{{ answer: {query} }}"})
    assert (answer["data"], answer.get("errors")) == ({"answer": None}, None)


async def test_each_faulty_field_has_its_own_error(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    query = '{ viewer { nama } unknown: plan(id: "x") { id } planStatus(key: {nip: "1"}) { ptkId } }'
    status, answer = await teacher.post({"query": query})
    assert (status, problem_codes(answer)) == (200, ["id.invalid", "auth.scope_missing"])
    assert answer["data"]["viewer"]["nama"]
    assert (answer["data"]["unknown"], answer["data"]["planStatus"]) == (None, None)
    assert [error["path"] for error in answer["errors"]] == [["unknown"], ["planStatus"]]
