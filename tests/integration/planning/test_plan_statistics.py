"""Counts of plans match the stored plans, and only admins read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from statistics import median_low
from typing import Any

import pytest

from devtools.client_documents import read_document
from services.kit.database import Database
from services.planning.api.ids import encode_cursor
from services.planning.api.scalars import format_duration
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
)
from tests.integration.planning.plan_migrations import STATE_MAPPINGS, migrate_plans
from tests.integration.planning.plans import decide_as_head, submit_plan
from tests.integration.planning.workflow_versions import SHIPPED_SHA256, publish_text
from tests.proofs.population.model import NOW, Population
from tests.proofs.population.rows import insert_population
from tests.small_registry import ADMIN, HEAD_OF_SD, PNS
from tests.unit.workflows.samples import rename_submitted

RENAMED_STATE = rename_submitted()
DOCUMENT = read_document("admin/PlanStatistics")
PLANS = 600
BY_NAME = {"field": "NAME", "direction": "ASC"}
FILTERS = ("period", "provinsi", "kabupatenKota", "npsn")


@pytest.fixture(scope="module")
async def populated_environment(registry: Database, fresh_url: Fresh) -> AsyncIterator[Environment]:
    """Both services on 20 February 2024, with many plans."""
    url = await fresh_url("services.planning")
    async with connect_database(url, "services.planning") as database:
        await import_reference_data(database)
        await insert_population(url, Population(PLANS))
        async with environment_at(registry, database, NOW) as environment:
            yield environment


async def numbers(person: Client, language: str = "id", /, **arguments: object) -> dict[str, Any]:
    filters = {name: arguments.pop(name) for name in FILTERS if name in arguments}
    arguments["filter"] = {"period": "2024-1", **filters}
    return dict((await person.execute(DOCUMENT, language, **arguments))["planStatistics"])


async def list_areas(person: Client, **arguments: object) -> list[dict[str, Any]]:
    """Return every line of a list, read page by page."""
    lines: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await numbers(person, **arguments, first=7, after=after))["areas"]
        lines += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return lines


async def load_plans_of_period(environment: Environment) -> list[dict[str, Any]]:
    """The stored plans."""
    return await environment.sql(
        "SELECT ptk_id, npsn, state, state_since, school->>'provinsi' AS provinsi, "
        "school->>'kabupaten_kota' AS kabupaten_kota FROM plan"
    )


async def test_counts_by_state_match_the_stored_plans(populated_environment: Environment) -> None:
    admin, plans = (
        await populated_environment.sign_in(ADMIN),
        await load_plans_of_period(populated_environment),
    )
    numbers_of_scope = await numbers(admin)
    assert {state["name"]: state["planCount"] for state in numbers_of_scope["states"]} == Counter(
        p["state"] for p in plans
    )
    assert numbers_of_scope["planCount"] == PLANS
    assert [state["phase"] for state in numbers_of_scope["states"]] == [
        "DRAFT", "SUBMITTED", "APPROVED", "AUTO_APPROVED", "IN_IMPLEMENTATION"
    ]  # fmt: skip
    for state in numbers_of_scope["states"]:
        first = min(plan["state_since"] for plan in plans if plan["state"] == state["name"])
        assert state["oldestSince"] == first.isoformat()
    submitted = next(
        state["planCount"] for state in numbers_of_scope["states"] if state["phase"] == "SUBMITTED"
    )
    for level in ("PROVINSI", "KABUPATEN_KOTA", "SATUAN_PENDIDIKAN"):
        lines = await list_areas(admin, level=level)
        assert sum(line["planCount"] for line in lines) == PLANS
        assert all(line["planCount"] == sum(state["planCount"] for state in line["states"]) for line in lines)
        assert sum(line["waitingPlanCount"] for line in lines) == submitted


async def test_submitted_plans_count_as_waiting(populated_environment: Environment) -> None:
    plans = await load_plans_of_period(populated_environment)
    lines = await list_areas(await populated_environment.sign_in(ADMIN))
    waits: dict[str, list[datetime]] = {plan["npsn"]: [] for plan in plans}
    for plan in plans:
        if plan["state"] == "submitted":
            waits[plan["npsn"]].append(plan["state_since"])
    assert {
        line["satuanPendidikan"]["npsn"]: (line["waitingPlanCount"], line["waitingSince"]) for line in lines
    } == {npsn: (len(since), min(since).isoformat() if since else None) for npsn, since in waits.items()}


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["NAME", "WAITING_PLAN_COUNT", "WAITING_SINCE"])
async def test_each_school_is_listed_once_in_order(
    populated_environment: Environment, field: str, direction: str
) -> None:
    admin = await populated_environment.sign_in(ADMIN)
    lines = await list_areas(admin, orderBy={"field": field, "direction": direction})
    plans = Counter(plan["npsn"] for plan in await load_plans_of_period(populated_environment))
    assert Counter({line["satuanPendidikan"]["npsn"]: line["planCount"] for line in lines}) == plans
    keys = {
        "NAME": [line["satuanPendidikan"]["npsn"] for line in lines],
        "WAITING_PLAN_COUNT": [line["waitingPlanCount"] for line in lines],
        "WAITING_SINCE": [line["waitingSince"] for line in lines if line["waitingSince"]],
    }
    assert keys[field] == sorted(keys[field], reverse=direction == "DESC")
    waiting = [line["waitingSince"] is not None for line in lines]
    assert field != "WAITING_SINCE" or waiting == sorted(waiting, reverse=True), (
        "where nothing waits comes last"
    )


async def test_counts_by_region_include_the_unknown_region(
    populated_environment: Environment,
) -> None:
    admin, plans = (
        await populated_environment.sign_in(ADMIN),
        await load_plans_of_period(populated_environment),
    )
    lines = await list_areas(admin, level="PROVINSI", orderBy=BY_NAME)
    assert Counter({line["provinsi"]: line["planCount"] for line in lines}) == Counter(
        p["provinsi"] for p in plans
    )
    region = plans[0]["provinsi"], plans[0]["kabupaten_kota"]
    plans_of_region = [p for p in plans if (p["provinsi"], p["kabupaten_kota"]) == region]
    numbers_of_scope = await numbers(admin, provinsi=region[0], kabupatenKota=region[1])
    assert numbers_of_scope["planCount"] == len(plans_of_region)
    assert (await numbers(admin, npsn=plans_of_region[0]["npsn"]))["planCount"] == 16
    assert (await numbers(admin, provinsi="Prov. Tidak Ada"))["planCount"] == 0


async def test_plan_without_region_is_counted_under_none(populated_environment: Environment) -> None:
    npsn = (await load_plans_of_period(populated_environment))[0]["npsn"]
    await populated_environment.sql(
        "UPDATE plan SET provinsi = NULL, kabupaten_kota = NULL WHERE npsn = $1", npsn
    )
    first, *other_plans = await list_areas(
        await populated_environment.sign_in(ADMIN), level="KABUPATEN_KOTA", orderBy=BY_NAME
    )
    assert (first["provinsi"], first["kabupatenKota"], first["satuanPendidikan"]) == (None, None, None)
    assert sum(line["planCount"] for line in other_plans) == PLANS - first["planCount"]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_regions_are_listed_once_by_name_in_any_case(
    populated_environment: Environment, direction: str
) -> None:
    await populated_environment.sql(
        "UPDATE plan SET provinsi = upper(provinsi) WHERE npsn < (SELECT max(npsn) FROM plan)"
    )
    lines = await list_areas(
        await populated_environment.sign_in(ADMIN),
        level="KABUPATEN_KOTA",
        orderBy=BY_NAME | {"direction": direction},
    )
    regions = [f"{line['provinsi'] or ''} / {line['kabupatenKota'] or ''}" for line in lines]
    assert regions != sorted(regions, reverse=direction == "DESC")
    assert [one.lower() for one in regions] == sorted(
        (one.lower() for one in regions), reverse=direction == "DESC"
    )
    assert len(set(regions)) == len(regions)
    assert sum(line["planCount"] for line in lines) == PLANS


async def test_time_in_state_is_computed_from_the_events(populated_environment: Environment) -> None:
    numbers_of_scope = await numbers(await populated_environment.sign_in(ADMIN))
    seconds_by_state: dict[str, list[float]] = {}
    at: dict[Any, tuple[str, datetime]] = {}
    for event in await populated_environment.sql(
        "SELECT ptk_id, to_state, at FROM plan_event ORDER BY ptk_id, version"
    ):
        state, since = at.get(event["ptk_id"], (event["to_state"], event["at"]))
        if state != event["to_state"]:
            seconds_by_state.setdefault(state, []).append((event["at"] - since).total_seconds())
            since = event["at"]
        at[event["ptk_id"]] = event["to_state"], since
    assert {state["name"]: state["completedStays"] for state in numbers_of_scope["states"]} == {
        state["name"]: _stays(seconds_by_state.get(state["name"])) for state in numbers_of_scope["states"]
    }
    assert seconds_by_state


def _stays(seconds: Sequence[float] | None) -> dict[str, object] | None:
    if not seconds:
        return None
    median = format_duration(timedelta(seconds=int(median_low(seconds))))
    return {"count": len(seconds), "medianDuration": median}


async def test_stays_are_limited_to_the_scope(populated_environment: Environment) -> None:
    admin, plans = (
        await populated_environment.sign_in(ADMIN),
        await load_plans_of_period(populated_environment),
    )
    for scope, condition in (
        ({"npsn": plans[0]["npsn"]}, "npsn = $1"), ({"provinsi": plans[0]["provinsi"]}, "provinsi = $1"),
    ):  # fmt: skip
        numbers_of_scope = await numbers(admin, **scope)
        rows = await populated_environment.sql(
            "SELECT left_state, count(*) AS stays FROM plan_event JOIN plan USING (ptk_id, period) "
            f"WHERE {condition} AND left_state IS NOT NULL GROUP BY 1",
            *scope.values(),
        )
        assert {
            s["name"]: s["completedStays"]["count"] for s in numbers_of_scope["states"] if s["completedStays"]
        } == {row["left_state"]: row["stays"] for row in rows}


@pytest.mark.parametrize("user", [PNS, HEAD_OF_SD, None], ids=["teacher", "head", "nobody"])
async def test_numbers_require_an_admin(populated_environment: Environment, user: int | None) -> None:
    person = await populated_environment.sign_in(user) if user else populated_environment.anonymous()
    status, answer = await person.post({"query": DOCUMENT, "variables": {"filter": {"period": "2024-1"}}})
    assert not any((answer.get("data") or {}).values())
    (error,) = answer["errors"]
    assert error["extensions"]["problem"]["code"] == (
        "actor.not_admin" if user else "auth.sign_in_required"
    ), status


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"filter": {"period": "2031-1"}}, "period.unknown"),
        ({"first": 0}, "page.size"),
        ({"first": 101}, "page.size"),
        ({"after": "x"}, "cursor.invalid"),
        ({"after": encode_cursor("97000001", "97000001")}, None),
        ({"after": encode_cursor("Guru Contoh 1", "97000001")}, "cursor.invalid"),
        ({"after": encode_cursor(str(2**63), "97000001")}, "cursor.invalid"),
    ],
)
async def test_faulty_numbers_query_is_refused(
    populated_environment: Environment, arguments: dict[str, object], code: str | None
) -> None:
    admin, numbers_of_scope = await populated_environment.sign_in(ADMIN), set()
    for language in ("id", "en"):
        _, answer = await admin.post(
            {"query": DOCUMENT, "variables": {"filter": {"period": "2024-1"}, **arguments}}, language
        )
        numbers_of_scope |= {error["message"] for error in answer.get("errors", ())}
        assert [error["extensions"]["problem"]["code"] for error in answer.get("errors", ())] == (
            [code] if code else []
        )
    assert len(numbers_of_scope) == (2 if code else 0)


async def test_stays_in_a_state_of_a_former_version_are_shown(
    registry: Database, own_planning_database: Database
) -> None:
    async with environment_at(registry, own_planning_database) as environment:
        teacher = await submit_plan(environment, PNS)
        await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note="Lengkapi.")
        await teacher.mutate_plan("submitPlan", 8)
        sha = await publish_text(own_planning_database, RENAMED_STATE)
        await migrate_plans(environment, SHIPPED_SHA256, sha, stateMappings=STATE_MAPPINGS)
        states = (await numbers(await environment.sign_in(ADMIN)))["states"]
    numbers_of_scope = {
        state["name"]: (state["planCount"], (state["completedStays"] or {}).get("count")) for state in states
    }
    assert numbers_of_scope == {"draft": (0, 2), "submitted": (0, 1), "handed_in": (1, None)}
