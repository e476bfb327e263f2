"""Catalogues and periods take two persons once there are plans, over GraphQL and by import."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.kit.change_request import EXPIRES_AFTER
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.period import imports
from services.planning.period.imports import ImportResult
from tests.integration.planning.environment import (
    JANUARY,
    PROBLEM_FIELDS,
    Environment,
    environment_at,
    join_payload,
    payload_document,
    problem_codes,
    problem_path,
)
from tests.integration.planning.plans import complete_plan
from tests.integration.planning.revisions import SECOND_ADMIN, change_values
from tests.integration.planning.test_second_semester import second_catalog, second_period
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OTHER_ACCOUNT,
    PNS,
)
from tests.unit.planning.reference import CATALOG, PERIOD, dump_changed

OPERATOR = AdminActor(ActorKind.OPERATOR, "budi")
REVISIONS = """{ period(code: "2024-1") { revisions { nodes {
  number author { role nama account isViewer } approver { role nama account isViewer } } } } }"""
CHANGE = """replayed changeRequest { id kind subject state author { account isViewer } reason isStale file
  acts { state reason detail actor { role account isViewer } } }"""
MUTATIONS = (
    "proposeCatalog",
    "proposePeriod",
    "approveChangeRequest",
    "rejectChangeRequest",
    "withdrawChangeRequest",
)


def more_points(data: Any, poin: int = 12) -> None:
    (row,) = (row for row in data["rhk"] if row["code"] == "RHK-01")
    row["poin"] = poin


def third_revision(data: Any, days: int = 21, effective_from: str = "2024-02-05T00:00:00+07:00") -> None:
    last = data["revisions"][-1]
    values = {**last["values"], "revision_days": days}
    data["revisions"].append({**last, "number": 3, "effective_from": effective_from, "values": values})


OTHER_LISTS = dump_changed(CATALOG, lambda data: more_points(data, 16)).decode()
LISTS, REVISED_PERIOD = (
    dump_changed(CATALOG, more_points).decode(),
    dump_changed(PERIOD, third_revision).decode(),
)


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


async def act(
    environment: Environment, user: int | str, mutation: str, **arguments: object
) -> dict[str, Any]:
    person = await environment.sign_in(user)
    query = payload_document(mutation, CHANGE) + PROBLEM_FIELDS
    arguments = {"reason": "Surat edaran contoh."} | arguments
    return join_payload((await person.execute(query, input=arguments))["answer"])


async def list_catalogs(environment: Environment) -> list[str]:
    """Dump everything that these mutations write."""
    tables = ("catalog", "period", "period_revision", "change_request", "admin_act")
    union = " UNION ALL ".join(f"SELECT t::text AS row FROM {table} t" for table in tables)
    return sorted(row["row"] for row in await environment.sql(union))


async def poin(environment: Environment) -> set[int]:
    """Return the points of RHK-01 in the current catalogue."""
    (row,) = await environment.sql(
        "SELECT body FROM catalog WHERE code = '2024-1' ORDER BY imported_at DESC LIMIT 1"
    )
    return {12} if '"poin":12' in row["body"] else {8}


async def import_as_operator(
    own: Database, catalog: str | None = None, period: str | None = None
) -> ImportResult:
    with own.active():
        if catalog is not None:
            return await imports.import_catalog(catalog.encode(), Clock(JANUARY), OPERATOR)
        assert period is not None
        return await imports.import_period(period.encode(), Clock(JANUARY), OPERATOR)


async def test_catalogue_is_in_use_once_a_second_admin_approves(
    environment: Environment,
) -> None:
    proposal = await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)
    assert (proposal["kind"], proposal["subject"], proposal["state"]) == (
        "CATALOG",
        "catalog 2024-1",
        "PROPOSED",
    )
    assert (proposal["author"]["isViewer"], proposal["isStale"], await poin(environment)) == (
        True,
        False,
        {8},
    )
    again = await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)
    assert again == proposal | {"replayed": True}

    approved = await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"])

    assert approved["state"] == "EXECUTED"
    assert [one["state"] for one in approved["acts"]] == ["PROPOSED", "APPROVED", "EXECUTED"]
    assert await poin(environment) == {12}
    before = await list_catalogs(environment)
    repeat = await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"])
    assert repeat == approved | {"replayed": True}
    assert problem_codes(await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)) == ["catalog.in_use"]
    assert await list_catalogs(environment) == before


async def test_period_names_the_persons_who_proposed_and_approved_it(
    environment: Environment,
) -> None:
    lists = await act(
        environment, ADMIN, "proposeCatalog", yaml=dump_changed(CATALOG, second_catalog).decode()
    )
    text = dump_changed(PERIOD, second_period).decode()
    before = await list_catalogs(environment)
    assert problem_codes(await act(environment, ADMIN, "proposePeriod", yaml=text)) == [
        "period.catalog_unknown"
    ]
    assert await list_catalogs(environment) == before
    await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=lists["id"])

    proposal = await act(environment, ADMIN, "proposePeriod", yaml=text)
    approved = await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"])

    (row,) = await environment.sql(
        "SELECT author ->> 'account' AS author, approver ->> 'account' AS approver FROM period_revision "
        "WHERE period = '2024-2'"
    )
    assert (row["author"], row["approver"]) == (
        proposal["author"]["account"],
        approved["acts"][-1]["actor"]["account"],
    )
    before = await list_catalogs(environment)
    assert problem_codes(await act(environment, ADMIN, "proposePeriod", yaml=text)) == ["period.in_use"]
    assert await list_catalogs(environment) == before


def whole_year(data: Any) -> None:
    data.update(code="2024", ends="2024-12-31")


async def test_period_with_days_of_another_one_is_refused(
    environment: Environment, own_planning_database: Database
) -> None:
    text, before = dump_changed(PERIOD, whole_year).decode(), await list_catalogs(environment)
    with pytest.raises(RequestRefused) as refusal:
        await import_as_operator(own_planning_database, period=text)
    assert refusal.value.problems == (Problem("period.overlaps", {"other": "2024-1"}, ("code",)),)
    await complete_plan(await environment.sign_in(PNS))
    assert problem_codes(await act(environment, ADMIN, "proposePeriod", yaml=text)) == ["period.overlaps"]
    assert await list_catalogs(environment) == before


async def test_second_of_two_overlapping_proposals_cannot_be_approved(
    environment: Environment, own_planning_database: Database
) -> None:
    lists = dump_changed(CATALOG, second_catalog).decode()
    await import_as_operator(own_planning_database, catalog=lists)
    await environment.sql("DELETE FROM period_revision")
    await environment.sql("DELETE FROM period")
    year, semester = dump_changed(PERIOD, whole_year).decode(), dump_changed(PERIOD, second_period).decode()
    proposals = [await act(environment, ADMIN, "proposePeriod", yaml=text) for text in (year, semester)]
    approved, refused = [
        await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"])
        for proposal in proposals
    ]
    assert approved["state"] == "EXECUTED"
    assert problem_codes(refused) == ["period.overlaps"]
    assert [row["code"] for row in await environment.sql("SELECT code FROM period")] == ["2024"]


async def test_import_of_an_operator_is_in_use_at_once_only_without_plans(
    environment: Environment, own_planning_database: Database
) -> None:
    points = await import_as_operator(own_planning_database, catalog=LISTS)
    assert (points.request, points.is_new, await poin(environment)) == (None, True, {12})
    assert not (await import_as_operator(own_planning_database, catalog=LISTS)).is_new
    await complete_plan(await environment.sign_in(PNS))

    result = await import_as_operator(own_planning_database, catalog=CATALOG.read_text())
    assert result.request is not None
    assert await poin(environment) == {12}
    revision_result = await import_as_operator(own_planning_database, period=REVISED_PERIOD)
    assert revision_result.request is not None
    assert len(await environment.sql("SELECT FROM period_revision")) == 2
    assert not (await import_as_operator(own_planning_database, period=PERIOD.read_text())).is_new

    page = await (await environment.sign_in(ADMIN)).execute(
        "query Q { changeRequests { edges { node { id kind author { role nama } state } } } }"
    )
    nodes = [edge["node"] for edge in page["changeRequests"]["edges"]]
    assert [(one["kind"], one["author"]["nama"], one["state"]) for one in nodes] == [
        ("PERIOD", "budi", "PROPOSED"), ("CATALOG", "budi", "PROPOSED"),
    ]  # fmt: skip
    for one in nodes:
        assert (await act(environment, ADMIN, "approveChangeRequest", changeRequestId=one["id"]))[
            "state"
        ] == "EXECUTED"
    assert await poin(environment) == {8}
    period = (await (await environment.sign_in(ADMIN)).execute(REVISIONS))["period"]
    first, _, third = sorted(period["revisions"]["nodes"], key=lambda revision: revision["number"])
    assert third["author"] == {"role": "OPERATOR", "nama": "budi", "account": None, "isViewer": False}
    assert (third["approver"]["role"], third["approver"]["isViewer"]) == ("ADMIN", True)
    assert (first["author"]["role"], first["author"]["nama"]) == ("INSTITUTION", "Direktorat Jenderal GTK")
    with own_planning_database.active():
        assert not (await imports.import_period(REVISED_PERIOD.encode(), Clock(JANUARY), OPERATOR)).is_new


async def test_revision_of_a_file_does_not_take_effect_in_the_past(
    environment: Environment, registry_with_admins: Database, own_planning_database: Database
) -> None:
    await complete_plan(await environment.sign_in(PNS))
    proposal = await act(environment, ADMIN, "proposePeriod", yaml=REVISED_PERIOD)
    later_period = dump_changed(PERIOD, lambda data: third_revision(data, days=30)).decode()
    async with environment_at(
        registry_with_admins, own_planning_database, JANUARY + timedelta(days=25)
    ) as later:
        before = await list_catalogs(later)
        answers = [
            await act(later, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"]),
            await act(later, ADMIN, "proposePeriod", yaml=later_period),
        ]
        assert [problem_codes(answer) for answer in answers] == [["period.revision_in_the_past"]] * 2
        with own_planning_database.active(), pytest.raises(RequestRefused):
            await imports.import_period(later_period.encode(), Clock(later.now), OPERATOR)
        assert await list_catalogs(later) == before


@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SD])
async def test_only_admins_propose_and_decide_files(
    environment: Environment, user: int, mutation: str
) -> None:
    proposal = await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)
    before = await list_catalogs(environment)
    arguments = (
        {"yaml": REVISED_PERIOD} if mutation.startswith("propose") else {"changeRequestId": proposal["id"]}
    )
    assert problem_codes(await act(environment, user, mutation, **arguments)) == ["actor.not_admin"]
    assert await list_catalogs(environment) == before
    _, answer = await (await environment.sign_in(user)).post(
        {"query": "{ changeRequests { edges { cursor } } }"}
    )
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["actor.not_admin"]


@pytest.mark.parametrize("mutation", ["approveChangeRequest", "rejectChangeRequest"])
@pytest.mark.parametrize("user", [PNS, OTHER_ACCOUNT])
async def test_author_cannot_decide_with_another_account(
    environment: Environment, user: int | str, mutation: str
) -> None:
    proposal = await act(environment, PNS, "proposeCatalog", yaml=LISTS)
    before = await list_catalogs(environment)
    assert problem_codes(await act(environment, user, mutation, changeRequestId=proposal["id"])) == [
        "change_request.is_yours"
    ]
    assert await list_catalogs(environment) == before
    assert (await act(environment, user, "withdrawChangeRequest", changeRequestId=proposal["id"]))[
        "state"
    ] == "WITHDRAWN"


async def test_closed_change_request_cannot_be_approved(
    environment: Environment, own_planning_database: Database, registry_with_admins: Database
) -> None:
    for mutation, code in (("rejectChangeRequest", "rejected"), ("withdrawChangeRequest", "withdrawn")):
        proposal = await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)
        await act(environment, SECOND_ADMIN, mutation, changeRequestId=proposal["id"])
        before = await list_catalogs(environment)
        answer = await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"])
        assert mutation == "approveChangeRequest" or problem_codes(answer) == [f"change_request.{code}"]
        assert await list_catalogs(environment) == before
    late = await act(environment, ADMIN, "proposePeriod", yaml=REVISED_PERIOD)
    async with environment_at(registry_with_admins, own_planning_database, JANUARY + EXPIRES_AFTER) as later:
        before = await list_catalogs(later)
        answer = await act(later, SECOND_ADMIN, "approveChangeRequest", changeRequestId=late["id"])
        assert problem_codes(answer) == ["change_request.expired"]
        assert await list_catalogs(later) == before


async def test_proposal_is_stale_once_its_subject_has_changed(environment: Environment) -> None:
    first = await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)
    other_proposal = await act(environment, ADMIN, "proposeCatalog", yaml=OTHER_LISTS)
    period = await act(environment, ADMIN, "proposePeriod", yaml=REVISED_PERIOD)
    await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=other_proposal["id"])
    await change_values(environment, minimum_points={"int": 16})

    for proposal, code in ((first, "catalog.proposal_outdated"), (period, "period.file_outdated")):
        before = await list_catalogs(environment)
        answer = await act(environment, SECOND_ADMIN, "approveChangeRequest", changeRequestId=proposal["id"])
        assert problem_codes(answer) == [code]
        assert await list_catalogs(environment) == before
    page = await (await environment.sign_in(ADMIN)).execute(
        "{ changeRequests { edges { node { state isStale } } } }"
    )
    nodes = [edge["node"] for edge in page["changeRequests"]["edges"]]
    assert [one["isStale"] for one in nodes] == [False, True, False, True]


async def test_one_of_many_concurrent_approvals_executes_the_change(environment: Environment) -> None:
    proposal = await act(environment, ADMIN, "proposeCatalog", yaml=LISTS)
    people = (SECOND_ADMIN, PNS, OTHER_ACCOUNT)
    answers = await asyncio.gather(
        *(
            act(environment, user, "approveChangeRequest", changeRequestId=proposal["id"])
            for user in people * 3
        )
    )
    executions = [
        one for one in answers if one["__typename"] == "ApproveChangeRequestPayload" and not one["replayed"]
    ]
    assert len(executions) == 1
    acts = await environment.sql("SELECT act FROM admin_act WHERE change_request IS NOT NULL ORDER BY id")
    assert [row["act"] for row in acts] == ["proposed", "approved", "executed"]


@pytest.mark.parametrize(
    ("mutation", "arguments", "problem"),
    [
        ("proposeCatalog", {"yaml": "code: [1"}, "file.unreadable@input.yaml"),
        ("proposeCatalog", {"yaml": "a: 1"}, "file.missing@input.yaml"),
        ("proposePeriod", {"yaml": "a: 1"}, "file.missing@input.yaml"),
        ("proposeCatalog", {"yaml": LISTS, "reason": " "}, "reason.missing@input.reason"),
        ("proposePeriod", {"yaml": REVISED_PERIOD, "reason": "x" * 2001}, "text.too_long@input.reason"),
        ("proposePeriod", {"yaml": REVISED_PERIOD.replace("perencanaan-kinerja", "lain")},
         "period.workflow_unknown@input.yaml"),
        ("approveChangeRequest", {"changeRequestId": "usulan"}, "id.invalid@input.changeRequestId"),
    ],
)  # fmt: skip
async def test_invalid_file_is_refused_with_its_place(
    environment: Environment, mutation: str, arguments: dict[str, object], problem: str
) -> None:
    before = await list_catalogs(environment)
    answer = await act(environment, ADMIN, mutation, **arguments)
    problem_codes(answer)
    assert problem in [f"{one['code']}@{problem_path(one)}" for one in answer["problems"]]
    assert await list_catalogs(environment) == before
