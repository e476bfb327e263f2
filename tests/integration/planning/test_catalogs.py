"""Catalogues of a level: one id for all its teachers, the same content by GraphQL and as a file, kept by caches."""

from __future__ import annotations

import json
from typing import Any

import pytest
from multidict import CIMultiDictProxy

from services.kit.database import Database
from services.planning.api.ids import catalog_id
from tests.integration.planning.environment import Environment, environment_at
from tests.integration.planning.imports import import_catalog
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.statements import StatementCounter
from tests.integration.planning.test_second_semester import second_catalog
from tests.small_registry import COLLEAGUE, OF_SMP, PNS
from tests.unit.planning.reference import CATALOG, dump_changed

ITEM = "code label englishLabel confidence sources"
FILE_FIELDS = f"""id sha256 code jenjang jenjangJabatan
  praktikKinerja {{ {ITEM} komponen }} pengembanganKompetensi {{ {ITEM} poin buktiDukung catatan }}
  tugasTambahan {{ {ITEM} dasarHukum pasal }} jenjangJabatanOptions {{ {ITEM} }}
  pangkatGolonganOptions {{ {ITEM} golongan ruang }} perilakuKerja {{ {ITEM} opsi {{ code label englishLabel }} }}"""
NODE = f"query Q($id: ID!) {{ node(id: $id) {{ ... on Catalog {{ {FILE_FIELDS} }} }} }}"
UNKNOWN = catalog_id("0" * 64, "SD", None)


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def read_id(environment: Environment, user: int) -> str:
    """The id of the catalogue of a person's plan."""
    person = await environment.sign_in(user)
    query = "query Q($id: ID!) { plan(id: $id) { catalog { id } } }"
    return str((await person.execute(query, id=person.plan_id))["plan"]["catalog"]["id"])


async def download(
    environment: Environment, id: str, **headers: str
) -> tuple[int, Any, CIMultiDictProxy[str]]:
    """Status, body and headers of a catalogue, without a token."""
    async with environment.planning.get(f"/catalogs/{id}", headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if text else None, response.headers


async def replace_behaviour(database: Database) -> None:
    def change(data: dict[str, Any]) -> None:
        second_catalog(data)
        data["code"] = "2024-1"

    with database.active():
        await import_catalog(dump_changed(CATALOG, change))


async def test_teachers_of_a_level_share_a_catalogue(environment: Environment) -> None:
    for user in (PNS, COLLEAGUE, OF_SMP):
        await (await environment.sign_in(user)).start_plan()
    own, colleague, smp = [await read_id(environment, user) for user in (PNS, COLLEAGUE, OF_SMP)]
    assert own == colleague != smp
    root = "{ catalog(jenjang: SD) { id } }"
    assert (await (await environment.sign_in(OF_SMP)).execute(root))["catalog"] == {"id": own}


async def test_file_has_the_fields_of_the_node_and_is_immutable(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    id = await read_id(environment, PNS)
    node = (await person.execute(NODE, id=id))["node"]

    status, body, headers = await download(environment, id)

    assert (status, body) == (200, node)
    assert len(body["praktikKinerja"]) == 8
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Type"] == "application/json"
    status, body, kept = await download(environment, id, **{"if-none-match": headers["ETag"]})
    assert (status, body) == (304, None)
    assert (kept["ETag"], kept["Cache-Control"]) == (headers["ETag"], headers["Cache-Control"])


async def test_new_catalogue_has_another_id_and_leaves_the_old_one(
    environment: Environment, own_planning_database: Database
) -> None:
    await submit_plan(environment, PNS)
    await (await environment.sign_in(COLLEAGUE)).start_plan()
    old = await read_id(environment, PNS)
    _, before, _ = await download(environment, old)
    await replace_behaviour(own_planning_database)

    new = await read_id(environment, COLLEAGUE)

    assert await read_id(environment, PNS) == old != new, "a submitted plan keeps its catalogue"
    assert (await download(environment, old))[:2] == (200, before)
    _, body, _ = await download(environment, new)
    codes = {opsi["code"] for aspek in body["perilakuKerja"] for opsi in aspek["opsi"]}
    assert "BP-1" not in codes


@pytest.mark.parametrize(
    "id",
    [
        "x",
        "é",
        "A" * 5_000,
        UNKNOWN,
        UNKNOWN + "=",
        catalog_id("0" * 63, "SD", None),
        catalog_id("0" * 64, "sd", None),
    ],
)
async def test_unknown_file_is_a_problem_in_the_language_of_the_request(
    environment: Environment, id: str
) -> None:
    status, body, headers = await download(environment, id, **{"accept-language": "en"})
    assert (status, [problem["code"] for problem in body["problems"]]) == (404, ["catalog.unknown"])
    assert body["problems"][0]["message"].startswith("This catalogue was not found.")
    assert headers["Cache-Control"] == "no-store"


async def test_level_or_jenjang_jabatan_that_the_catalogue_lacks_is_unknown(
    environment: Environment,
) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    sha256 = (await person.execute("{ catalog(jenjang: SD) { sha256 } }"))["catalog"]["sha256"]
    for jenjang, jabatan in (("TK", None), ("SD", "LAIN")):
        id = catalog_id(sha256, jenjang, jabatan)
        assert (await download(environment, id))[0] == 404
        assert (await person.execute(NODE, id=id))["node"] is None
    assert (await download(environment, catalog_id(sha256, "SD", "AHLI_MUDA")))[0] == 200


async def test_example_plan_takes_the_points_of_a_period(environment: Environment) -> None:
    query = """query Q($period: ID) { catalog(jenjang: SD) { id examplePlan(period: $period) {
      pengembanganKompetensi } } }"""
    person = await environment.sign_in(PNS)
    current = (await person.execute(query))["catalog"]
    assert (await person.execute(query, period="2024-1"))["catalog"] == current
    _, answer = await person.post({"query": query, "variables": {"period": "2031-1"}})
    assert answer["data"]["catalog"] == {"id": current["id"], "examplePlan": None}
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["period.unknown"]


async def test_catalogues_are_read_once_and_together(
    registry: Database, counter_and_database: tuple[StatementCounter, Database]
) -> None:
    counter, database = counter_and_database
    async with environment_at(registry, database) as environment:
        person = await environment.sign_in(PNS)
        sha256 = (await person.execute("{ catalog(jenjang: SD) { sha256 } }"))["catalog"]["sha256"]
    async with environment_at(registry, database) as environment:
        person = await environment.sign_in(PNS)
        stored = [catalog_id(sha256, level, None) for level in ("SD", "SMP", "PAUD")]
        unknown = [catalog_id(f"{number:064}", "SD", None) for number in range(90)]
        query = "query Q($ids: [ID!]!) { nodes(ids: $ids) { ... on Catalog { jenjang } } }"
        for ids, statements in ((stored + unknown, 1), (stored, 0)):
            with counter.counting() as statements_sent:
                nodes = (await person.execute(query, ids=ids))["nodes"]
            assert len(statements_sent) == statements
            assert nodes[:3] == [{"jenjang": "SD"}, {"jenjang": "SMP"}, {"jenjang": "PAUD"}]
            assert set(map(str, nodes[3:])) <= {"None"}
        with counter.counting() as statements_sent:
            assert (await download(environment, stored[0]))[0] == 200
        assert statements_sent == []
