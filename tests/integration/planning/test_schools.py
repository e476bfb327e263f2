"""The list of schools matches the stored plans, within the limits of the caller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from devtools.client_documents import read_document
from services.kit.database import Database
from services.planning.api.ids import encode_cursor
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.partners import NATIONWIDE, partner_client
from tests.proofs.population.model import NOW, Population
from tests.proofs.population.rows import insert_population
from tests.queries import counting_queries
from tests.small_registry import ADMIN, HEAD_OF_SD, PNS, SD, SMA, SMP, TK

DOCUMENT = read_document("partner/Schools")
PLANS = 600
# Schools that identity knows, in their regions. They take the place of three schools of the population.
KNOWN_SCHOOLS = {SD: "Prov. Jawa Barat", SMP: "Prov. Jawa Barat", SMA: "Prov. Papua"}

RENAME_SCHOOL = """
UPDATE plan SET npsn = $1::text, provinsi = $2::text, kabupaten_kota = 'Kab. Contoh',
  school = school || jsonb_build_object('npsn', $1::text, 'provinsi', $2::text, 'kabupaten_kota', 'Kab. Contoh')
WHERE npsn = (SELECT npsn FROM plan WHERE npsn LIKE '97%' ORDER BY npsn LIMIT 1)
"""


@dataclass
class School:
    """A school as its stored plans show it."""

    npsn: str
    provinsi: str
    kabupaten_kota: str
    plans: int = 0
    waiting: list[datetime] = field(default_factory=list)

    @property
    def line(self) -> dict[str, Any]:
        """The entry of the answer."""
        return {
            "npsn": self.npsn,
            "provinsi": self.provinsi,
            "kabupatenKota": self.kabupaten_kota,
            "planCount": self.plans,
            "waitingPlanCount": len(self.waiting),
            "waitingSince": min(self.waiting).isoformat() if self.waiting else None,
        }


@pytest.fixture
async def environment(own_registry: Database, fresh_url: Fresh) -> AsyncIterator[Environment]:
    """Both services on 20 February 2024, with many plans."""
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await insert_population(url, Population(PLANS))
        async with environment_at(own_registry, database, NOW) as environment:
            for npsn, provinsi in KNOWN_SCHOOLS.items():
                await environment.sql(RENAME_SCHOOL, npsn, provinsi)
            yield environment


async def stored_schools(environment: Environment) -> list[School]:
    """Return the schools of the stored plans by NPSN."""
    schools: dict[str, School] = {}
    for plan in await environment.sql("SELECT npsn, state, state_since, provinsi, kabupaten_kota FROM plan"):
        school = schools.setdefault(
            plan["npsn"], School(plan["npsn"], plan["provinsi"], plan["kabupaten_kota"])
        )
        school.plans += 1
        if plan["state"] == "submitted":
            school.waiting.append(plan["state_since"])
    return sorted(schools.values(), key=lambda school: school.npsn)


async def list_schools(client: Client, **arguments: Any) -> list[dict[str, Any]]:
    """Return every entry, read page by page."""
    lines: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.execute(DOCUMENT, **arguments, first=7, after=after))["schools"]
        for edge in page["edges"]:
            del edge["node"]["nama"]
            lines.append(edge.pop("node") | edge)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return lines


async def test_each_school_is_listed_once_in_order(environment: Environment) -> None:
    admin, schools = await environment.sign_in(ADMIN), await stored_schools(environment)
    assert len({len(school.waiting) for school in schools}) > 3
    by_npsn = [school.line for school in schools]
    assert await list_schools(admin) == by_npsn
    assert await list_schools(admin, orderBy={"field": "NPSN", "direction": "DESC"}) == by_npsn[::-1]
    for direction, sign in (("ASC", 1), ("DESC", -1)):
        lines = await list_schools(admin, orderBy={"field": "WAITING_PLAN_COUNT", "direction": direction})
        assert lines == sorted(by_npsn, key=lambda line: sign * line["waitingPlanCount"])


async def test_filters_choose_schools(environment: Environment) -> None:
    await environment.sql(
        "UPDATE plan SET state = 'draft' WHERE npsn IN (SELECT DISTINCT npsn FROM plan ORDER BY npsn LIMIT 3)"
    )
    admin, schools = await environment.sign_in(ADMIN), await stored_schools(environment)
    one, other = schools[0], schools[-1]
    assert one.provinsi != other.provinsi
    cases: list[tuple[dict[str, Any], Callable[[School], bool]]] = [
        ({"npsns": [one.npsn, other.npsn]}, lambda school: school in (one, other)),
        ({"npsns": []}, lambda _: False),
        ({"npsns": ["99999998"]}, lambda _: False),
        ({"hasWaitingPlans": True}, lambda school: bool(school.waiting)),
        ({"hasWaitingPlans": False}, lambda school: not school.waiting),
        ({"provinsi": one.provinsi}, lambda school: school.provinsi == one.provinsi),
        ({"provinsi": one.provinsi.upper()}, lambda school: school.provinsi == one.provinsi),
        (
            {"kabupatenKota": other.kabupaten_kota, "provinsi": other.provinsi},
            lambda school: (school.provinsi, school.kabupaten_kota) == (other.provinsi, other.kabupaten_kota),
        ),
        ({"provinsi": "Prov. Tidak Ada"}, lambda _: False),
        ({"provinsi": one.provinsi, "npsns": [other.npsn]}, lambda _: False),
        ({"period": "2024-1"}, lambda _: True),
    ]
    for filter, is_chosen in cases:
        expected = [school.line for school in schools if is_chosen(school)]
        assert await list_schools(admin, filter=filter) == expected, filter


async def test_partner_lists_the_schools_of_its_territory(environment: Environment) -> None:
    schools = await stored_schools(environment)
    one, other = [next(school for school in schools if school.npsn == npsn) for npsn in (SD, SMA)]
    assert (one.kabupaten_kota, other.kabupaten_kota) == ("Kab. Contoh", "Kab. Contoh")
    cases: list[tuple[dict[str, Any], Callable[[School], bool]]] = [
        (NATIONWIDE, lambda _: True),
        ({"npsn": [one.npsn]}, lambda school: school is one),
        ({"npsn": [TK]}, lambda _: False),
        ({"provinsi": ["PROVINSI JAWA BARAT"]}, lambda school: school.provinsi == one.provinsi),
        (
            {"kabupaten_kota": ["Kabupaten Contoh"]},
            lambda school: school.kabupaten_kota == one.kabupaten_kota,
        ),
        (
            {"provinsi": [other.provinsi], "npsn": [one.npsn]},
            lambda school: school is one or school.provinsi == other.provinsi,
        ),
    ]
    for within, is_covered in cases:
        partner = await partner_client(environment, within)
        lines = [school.line for school in schools if is_covered(school)]
        assert await list_schools(partner) == lines, within
        own = [line for line in lines if line["npsn"] == one.npsn]
        assert await list_schools(partner, filter={"npsns": [one.npsn]}) == own, within
        region = [line for line in lines if line["provinsi"] == one.provinsi]
        assert await list_schools(partner, filter={"provinsi": one.provinsi}) == region, within


async def test_plan_without_region_is_in_no_region(environment: Environment) -> None:
    school = next(school for school in await stored_schools(environment) if school.npsn == SD)
    await environment.sql(
        "UPDATE plan SET provinsi = NULL, kabupaten_kota = NULL WHERE npsn = $1", school.npsn
    )
    within = {"provinsi": [school.provinsi], "kabupaten_kota": [school.kabupaten_kota]}
    partner = await partner_client(environment, within)
    assert school.npsn not in {line["npsn"] for line in await list_schools(partner)}
    assert [line["npsn"] for line in await list_schools(await environment.sign_in(ADMIN))].count(
        school.npsn
    ) == 1


@pytest.mark.parametrize("user", [PNS, HEAD_OF_SD])
async def test_others_list_no_schools(environment: Environment, user: int) -> None:
    _, answer = await (await environment.sign_in(user)).post({"query": DOCUMENT})
    assert answer["data"] == {"schools": None}
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["auth.scope_missing"]


async def test_faulty_request_is_refused(environment: Environment) -> None:
    admin = await environment.sign_in(ADMIN)
    for variables, code, path in (
        ({"first": 0}, "page.size", ["first"]),
        ({"first": 101}, "page.size", ["first"]),
        ({"after": "x"}, "cursor.invalid", ["after"]),
        ({"after": encode_cursor("many", "99000001")}, "cursor.invalid", ["after"]),
        ({"filter": {"npsns": ["99000001"] * 101}}, "ids.too_many", ["filter", "npsns"]),
        ({"filter": {"period": "1999-1"}}, "period.unknown", ["filter", "period"]),
    ):
        _, answer = await admin.post({"query": DOCUMENT, "variables": variables})
        assert answer["data"] == {"schools": None}
        assert [error["extensions"]["problem"] for error in answer["errors"]] == [
            {"code": code, "path": path}
        ], variables


async def test_number_of_statements_does_not_depend_on_the_schools(environment: Environment) -> None:
    """The period, the versions and the page, with the regions for a partner of a region."""
    for client, statements in (
        (await environment.sign_in(ADMIN), 3),
        (await partner_client(environment, {"npsn": [*KNOWN_SCHOOLS]}), 3),
        (await partner_client(environment, {"provinsi": ["Papua"]}), 4),
    ):
        await client.execute(DOCUMENT, first=1)
        for first in (1, 100):
            with counting_queries() as queries:
                await client.execute(DOCUMENT, first=first)
            planning = [
                query for query in queries if "FROM plan" in query or "period" in query or "workflow" in query
            ]
            assert len(planning) == len(queries) == statements, queries
