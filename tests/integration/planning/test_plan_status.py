"""The status of plans for partners, within their territory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.identity.accounts.commands import grant_scope
from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.environment import JANUARY, Client, Environment, environment_at
from tests.integration.planning.faulty_proxy import HANG_UP
from tests.integration.planning.outage import MORNING, open_proxied_services, shorten_timeouts
from tests.integration.planning.partners import NATIONWIDE, load_statuses, partner_client
from tests.integration.planning.plans import RHK, complete_plan, decide_as_head, submit_plan
from tests.queries import counting_queries
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OF_SMA,
    OF_SMP,
    PNS,
    PPPK,
    SD,
    SHARED_NIP,
    SHARED_NUPTK,
    SMA,
    SMP,
    import_one_school,
)

NIP, NUPTK = "198502032010011001", "1234567890123451"
ROUNDED_NIP, ROUNDED_NUPTK = "198502032010011000", "1234567890123450"
AT = "2024-01-15T02:00:00+00:00"
STRANGER = ptk(404)


@pytest.fixture
async def environment_with_nip(
    own_registry: Database, empty_planning_database: Database
) -> AsyncIterator[Environment]:
    """An environment in which some people have a NIP."""
    with own_registry.active():
        await import_one_school(
            SD, JANUARY - timedelta(hours=1),
            p1={"nip": NIP, "nuptk": NUPTK}, p5={"nip": ROUNDED_NIP, "nuptk": ROUNDED_NUPTK},
        )  # fmt: skip
    async with environment_at(own_registry, empty_planning_database) as environment:
        yield environment


async def test_partner_reads_the_status_without_content(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    asking = await partner_client(environment)
    entry, colleague = await load_statuses(asking, ptk(PNS), ptk(COLLEAGUE), language="en")
    assert entry == {
        "ptkId": str(ptk(PNS)), "period": {"code": "2024-1"},
        "state": {"name": "submitted", "label": "Submitted", "phase": "SUBMITTED"},
        "satuanPendidikan": {"npsn": SD, "nama": "SD NEGERI CONTOH 01", "jenjang": "SD", "zone": "WIB"},
        "startedAt": AT, "submittedAt": AT, "decidedAt": None, "implementationStartedAt": None, "stateSince": AT,
    }  # fmt: skip
    assert (colleague["state"]["phase"], colleague["submittedAt"]) == ("DRAFT", None)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    await teacher.mutate_plan("beginImplementation")
    (began,) = await load_statuses(asking, ptk(PNS), period="2024-1")
    assert (began["state"]["phase"], began["decidedAt"], began["implementationStartedAt"]) == (
        "IN_IMPLEMENTATION",
        AT,
        AT,
    )
    answers = json.dumps([entry, colleague, began])
    assert not any(part in answers for part in ("Guru Contoh", "PK-KSK", *RHK["rhk"]))


async def test_statuses_are_in_the_order_of_the_keys(environment_with_nip: Environment) -> None:
    await submit_plan(environment_with_nip, PNS)
    await submit_plan(environment_with_nip, COLLEAGUE)
    asking = await partner_client(environment_with_nip)
    keys = [
        {"nip": NIP}, {"ptkId": str(ptk(PNS)).upper()}, {"nuptk": NUPTK}, ptk(COLLEAGUE), {"nip": NIP},
    ]  # fmt: skip
    statuses = await load_statuses(asking, *keys)
    assert [entry["ptkId"] for entry in statuses] == [str(ptk(n)) for n in (PNS, PNS, PNS, COLLEAGUE, PNS)]


@pytest.mark.parametrize(
    "key",
    [
        {"nip": ROUNDED_NIP}, {"nuptk": ROUNDED_NUPTK}, {"nip": SHARED_NIP}, {"nuptk": SHARED_NUPTK},
        {"nip": ""}, {"nip": NIP[:-1]}, {"nip": f" {NIP}"}, {"nip": NIP.replace("1", "١")}, {"nip": NUPTK},
        {"nuptk": NIP}, {"nip": "198502032010011009"}, {"ptkId": ""}, {"ptkId": "x"}, {"ptkId": "'; --"},
        {"ptkId": str(ptk(PNS)).replace("-", "")}, {"ptkId": str(STRANGER)}, {"ptkId": str(ptk(PPPK))},
    ],
)  # fmt: skip
async def test_ambiguous_or_unknown_key_has_no_status(
    environment_with_nip: Environment, key: dict[str, str]
) -> None:
    await submit_plan(environment_with_nip, PNS)
    await submit_plan(environment_with_nip, COLLEAGUE)
    assert await load_statuses(await partner_client(environment_with_nip), key, ptk(PNS)) == [
        None,
        *await load_statuses(await partner_client(environment_with_nip), ptk(PNS)),
    ]


@pytest.mark.parametrize(
    ("within", "visible_teachers"),
    [
        (NATIONWIDE, {PNS, OF_SMP, OF_SMA}),
        ({"npsn": [SD]}, {PNS}),
        ({"npsn": [SD, SMA]}, {PNS, OF_SMA}),
        ({"provinsi": ["papua"]}, {OF_SMA}),
        ({"provinsi": ["PROVINSI JAWA BARAT"]}, {PNS, OF_SMP}),
        ({"kabupaten_kota": ["Kabupaten Contoh"]}, {PNS, OF_SMP, OF_SMA}),
        ({"provinsi": ["Papua"], "npsn": [SMP]}, {OF_SMA, OF_SMP}),
    ],
)
async def test_territory_is_checked_with_the_school_of_the_plan(
    environment: Environment, within: object, visible_teachers: set[int]
) -> None:
    for user in (PNS, OF_SMP, OF_SMA):
        await submit_plan(environment, user)
    asking = await partner_client(environment, within)
    teachers = (PNS, OF_SMP, OF_SMA)
    statuses = await load_statuses(asking, *map(ptk, teachers))
    assert {user for user, entry in zip(teachers, statuses, strict=True) if entry} == visible_teachers


async def test_plan_without_region_is_in_no_region(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await environment.sql("UPDATE plan SET school = school - 'provinsi' - 'kabupaten_kota'")
    asking = await partner_client(
        environment, {"provinsi": ["Jawa Barat"], "kabupaten_kota": ["Kab. Contoh"]}
    )
    assert await load_statuses(asking, ptk(PNS)) == [None]
    assert await load_statuses(await partner_client(environment, {"npsn": [SD]}), ptk(PNS)) != [None]


async def test_unknown_missing_and_foreign_plans_are_indistinguishable(
    environment: Environment,
) -> None:
    await submit_plan(environment, OF_SMA)
    asking = await partner_client(environment, {"npsn": [SD]})
    await load_statuses(asking, STRANGER)  # what never changes is kept from now on
    answers = []
    for user in (STRANGER, ptk(PNS), ptk(OF_SMA)):
        with counting_queries() as queries:
            status, answer = await asking.post(
                {
                    "query": "query Q($id: ID!) { planStatus(key: {ptkId: $id}) { ptkId } }",
                    "variables": {"id": str(user)},
                }
            )
        answers.append((status, answer["data"], answer.get("errors"), queries))
    assert answers[0][:3] == (200, {"planStatus": None}, None)
    assert answers[1] == answers[0] == answers[2]


async def test_number_of_statements_does_not_depend_on_the_keys(environment_with_nip: Environment) -> None:
    for user in (PNS, COLLEAGUE):
        await submit_plan(environment_with_nip, user)
    asking = await partner_client(environment_with_nip)
    keys_of_all = [{"nip": NIP}, *map(ptk, range(1, 100))]
    await load_statuses(asking, *keys_of_all)
    with counting_queries() as entry:
        await load_statuses(asking, {"nip": NIP})
    with counting_queries() as hundred:
        assert len([statuses for statuses in await load_statuses(asking, *keys_of_all) if statuses]) == 3
    planning = [
        "period" if "FROM period" in query else "plan" if "FROM plan" in query else "identity"
        for query in entry
    ]
    assert planning == ["period", "identity", "identity", "plan"]  # identity: its key, the people
    assert [query.split("IN (")[0] for query in hundred] == [query.split("IN (")[0] for query in entry]


async def test_faulty_status_query_is_refused(environment: Environment) -> None:
    asking = await partner_client(environment)
    too_many = [{"ptkId": str(ptk(number))} for number in range(101)]
    query = (
        "query Q($keys: [TeacherKey!]!, $period: ID) { planStatuses(keys: $keys, period: $period) { ptkId } }"
    )
    for variables, code, problem in (
        ({"keys": too_many}, "REFUSED", "status.too_many"),
        ({"keys": [], "period": "1999-1"}, "REFUSED", "period.unknown"),
        ({"keys": [{}]}, "GRAPHQL_INVALID", "request.document"),
        ({"keys": [{"nip": NIP, "nuptk": NUPTK}]}, "GRAPHQL_INVALID", "request.document"),
        ({"keys": [{"nip": None}]}, "GRAPHQL_INVALID", "request.document"),
        ({"keys": None}, "GRAPHQL_INVALID", "request.document"),
    ):
        _, answer = await asking.post({"query": query, "variables": variables}, "en")
        assert _codes(answer) == [(code, problem)], (variables, answer)
    assert await load_statuses(asking) == []


async def test_too_complex_status_document_is_refused(environment: Environment) -> None:
    asking = await partner_client(environment)
    field = "planStatuses(keys: $keys) { ptkId state { name phase } satuanPendidikan { npsn } }"
    query = "query Q($keys: [TeacherKey!]!) { " + " ".join(f"a{n}: {field}" for n in range(7)) + " }"
    with counting_queries() as queries:
        _, answer = await asking.post({"query": query, "variables": {"keys": [{"nip": "1"}] * 100}})
    assert ([error["extensions"]["code"] for error in answer["errors"]], queries) == (["LIMIT_EXCEEDED"], [])


@pytest.mark.parametrize("user", ["nobody", "teacher", "head", "admin", "partner without the scope"])
async def test_status_requires_its_scope(environment: Environment, user: str) -> None:
    await submit_plan(environment, PNS)
    asking = {
        "nobody": environment.anonymous(),
        "teacher": await environment.sign_in(PNS),
        "head": await environment.sign_in(HEAD_OF_SD),
        "admin": await environment.sign_in(ADMIN),
        "partner without the scope": await partner_client(environment, scope="registry:read"),
    }[user]
    with counting_queries() as queries:
        status, answer = await asking.post({"query": '{ planStatus(key: {nip: "1"}) { ptkId } }'})
    expected_code = {"nobody": "auth.sign_in_required", "partner without the scope": "auth.token_invalid"}
    assert [problem for _, problem in _codes(answer)] == [expected_code.get(user, "auth.scope_missing")]
    assert (status in {200, 401, 403}, answer.get("data") in (None, {"planStatus": None})) == (True, True)
    assert not any("plan" in query for query in queries)


async def test_person_with_the_scope_reads_statuses(
    own_registry: Database, empty_planning_database: Database
) -> None:
    with own_registry.active():
        await grant_scope(ADMIN, "status:read", "operator", JANUARY)
    async with environment_at(own_registry, empty_planning_database) as environment:
        await submit_plan(environment, PNS)
        (entry,) = await load_statuses(await environment.sign_in(ADMIN), ptk(PNS))
        assert entry["state"]["phase"] == "SUBMITTED"


@pytest.mark.parametrize(
    "query", ["{ viewer { nama } }", "{ period { code } }", "{ catalog(jenjang: SD) { jenjang } }"]
)
async def test_partner_cannot_query_anything_else(environment: Environment, query: str) -> None:
    asking = await partner_client(environment)
    status, answer = await asking.post({"query": query})
    assert _codes(answer) == [("FORBIDDEN", "auth.partner")]
    assert not any((answer["data"] or {}).values())
    assert status in {200, 403}


async def test_partner_cannot_send_mutations(environment: Environment) -> None:
    asking: Client = await partner_client(environment)
    before = await environment.dump_tables()
    _, answer = await asking.post({"query": "mutation { startPlan(input: {}) { __typename } }"})
    assert _codes(answer) == [("FORBIDDEN", "auth.partner")]
    assert await environment.dump_tables() == before


async def test_status_by_ptk_id_works_while_identity_is_away(
    registry: Database, empty_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers of teachers need identity. The token of a partner is verified without it."""
    shorten_timeouts(monkeypatch)
    async with (
        open_proxied_services(registry, empty_planning_database) as place,
        place.serve_at(MORNING) as environment,
    ):
        asking = await partner_client(environment)
        await load_statuses(asking)  # identity's keys are known from now on
        place.proxy.set_mode(HANG_UP)
        assert await load_statuses(asking, STRANGER) == [None]
        query = "query Q($keys: [TeacherKey!]!) { planStatuses(keys: $keys) { ptkId } }"
        status, answer = await asking.post({"query": query, "variables": {"keys": [{"nip": NIP}]}})
        assert (status in {200, 503}, _codes(answer)) == (True, [("UNAVAILABLE", "identity.unavailable")])


def _codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (error["extensions"]["code"], error["extensions"]["problem"]["code"]) for error in answer["errors"]
    ]


async def test_partner_reads_no_revisions_through_the_period_of_a_status(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    partner = await partner_client(environment)
    key = f'{{ptkId: "{ptk(PNS)}"}}'
    query = (
        f"{{ planStatus(key: {key}) {{ period {{ code revisions {{ nodes {{ author {{ nama }} }} }} }} }} }}"
    )
    _, answer = await partner.post({"query": query})
    assert _codes(answer) == [("FORBIDDEN", "auth.partner")]
    assert answer["data"]["planStatus"]["period"] == {"code": "2024-1", "revisions": None}
