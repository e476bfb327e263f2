"""Live numbers: they are what is stored, they agree among themselves, and only admins see them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from services.kit.database import Database
from services.planning.api.ids import cursor
from services.planning.identity import kept
from tests.conftest import Fresh
from tests.contract.sdl import GRAPHQL
from tests.identity_samples import ptk
from tests.integration.planning.audit import command
from tests.integration.planning.composing import SUB_INDIKATOR, submitted
from tests.integration.planning.following import follow, led_by_plt
from tests.integration.planning.house import House, Person, connected, house_at, import_reference
from tests.integration.planning.migrating import moved
from tests.integration.planning.publishing import SHIPPED, publish_text
from tests.integration.planning.test_turn import turn
from tests.proofs.season import NOW, Season
from tests.proofs.season_rows import plant
from tests.small_registry import ADMIN, HEAD_OF_SD, OF_SMA, OF_TK, PLT_OF_TK, PNS, SD, SMA, TK
from tests.unit.workflows.renamed import renamed

RENAMED = renamed()
DOCUMENT = (GRAPHQL / "operations" / "admin" / "PlanNumbers.graphql").read_text()
PLANS = 600


@pytest.fixture(scope="module")
async def season(registry: Database, fresh_url: Fresh) -> AsyncIterator[House]:
    """Both services on 20 February 2024, with a season of plans."""
    url = await fresh_url("services.planning")
    async with connected(url, "services.planning") as database:
        await import_reference(database)
        await plant(url, Season(PLANS))
        async with house_at(registry, database, NOW) as house:
            yield house


async def numbers(person: Person, language: str = "id", /, **wanted: object) -> dict[str, Any]:
    wanted = {"period": "2024-1", **wanted}
    return dict((await person.ask(DOCUMENT, language, **wanted))["planNumbers"])


async def listed(person: Person, **wanted: object) -> list[dict[str, Any]]:
    """Every line of a list, page by page."""
    lines: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await numbers(person, **wanted, first=7, after=after))["parts"]
        lines += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return lines


async def stored(house: House) -> list[dict[str, Any]]:
    """The plans as they stand, counted by nobody."""
    return await house.sql(
        "SELECT ptk_id, npsn, state, state_since, school->>'provinsi' AS provinsi, "
        "school->>'kabupaten_kota' AS kabupaten_kota FROM plan"
    )


def percentile(seconds: Sequence[float], share: float) -> int:
    """The smallest that so many do not exceed."""
    return int(sorted(seconds)[math.ceil(share * len(seconds)) - 1])


async def test_states_and_phases_are_what_is_stored_and_each_list_adds_up_to_them(season: House) -> None:
    admin, plans = await season.person(ADMIN), await stored(season)
    told = await numbers(admin)
    assert {state["name"]: state["plans"] for state in told["states"]} == Counter(p["state"] for p in plans)
    assert sum(phase["plans"] for phase in told["phases"]) == told["plans"] == PLANS
    assert [phase["phase"] for phase in told["phases"]] == [
        "DRAFT", "SUBMITTED", "APPROVED", "AUTO_APPROVED", "IN_IMPLEMENTATION"
    ]  # fmt: skip
    begun = next(state["plans"] for state in told["states"] if state["name"] == "in_implementation")
    assert sum(one["plans"] for one in told["waiting"]) == PLANS - begun
    waiting = sum(one["plans"] for one in told["waiting"] if one["who"] in {"HEAD", "DINAS"})
    for by in ("PROVINSI", "KABUPATEN_KOTA", "SCHOOL"):
        lines = await listed(admin, by=by)
        assert sum(line["plans"] for line in lines) == PLANS
        assert all(line["plans"] == sum(state["plans"] for state in line["states"]) for line in lines)
        assert waiting <= sum(line["waiting"] for line in lines) <= PLANS - begun


@pytest.mark.parametrize("order", ["NAME", "MOST_WAITING", "LONGEST_WAITING"])
async def test_every_school_comes_once_and_in_order(season: House, order: str) -> None:
    lines = await listed(await season.person(ADMIN), order=order)
    plans = Counter(plan["npsn"] for plan in await stored(season))
    assert Counter({line["npsn"]: line["plans"] for line in lines}) == plans
    keys = {
        "NAME": [line["npsn"] for line in lines],
        "MOST_WAITING": [-line["waiting"] for line in lines],
        "LONGEST_WAITING": [line["waitingSince"] or "9" for line in lines],
    }
    assert all(one <= other for one, other in pairwise(keys[order]))


async def test_regions_are_those_of_the_schools_and_what_is_not_known_is_told_as_such(season: House) -> None:
    admin, plans = await season.person(ADMIN), await stored(season)
    lines = await listed(admin, by="PROVINSI", order="NAME")
    assert Counter({line["provinsi"]: line["plans"] for line in lines}) == Counter(
        p["provinsi"] for p in plans
    )
    region = plans[0]["provinsi"], plans[0]["kabupaten_kota"]
    here = [p for p in plans if (p["provinsi"], p["kabupaten_kota"]) == region]
    told = await numbers(admin, provinsi=region[0], kabupatenKota=region[1])
    assert told["plans"] == len(here)
    assert (await numbers(admin, npsn=here[0]["npsn"]))["plans"] == 16
    assert (await numbers(admin, provinsi="Prov. Tidak Ada"))["plans"] == 0


async def test_a_plan_without_a_region_stands_under_none(season: House) -> None:
    npsn = (await stored(season))[0]["npsn"]
    await season.sql("UPDATE plan SET provinsi = NULL, kabupaten_kota = NULL WHERE npsn = $1", npsn)
    first, *others = await listed(await season.person(ADMIN), by="KABUPATEN_KOTA", order="NAME")
    assert (first["provinsi"], first["kabupatenKota"], first["npsn"]) == (None, None, None)
    assert sum(line["plans"] for line in others) == PLANS - first["plans"]


async def test_time_in_state_is_that_of_the_events(season: House) -> None:
    told = await numbers(await season.person(ADMIN))
    events = await season.sql('SELECT ptk_id, version, "to", at FROM plan_event ORDER BY ptk_id, version')
    ended: dict[str, list[float]] = {}
    at: dict[Any, tuple[str, datetime]] = {}
    for event in events:
        state, since = at.get(event["ptk_id"], (event["to"], event["at"]))
        if state != event["to"]:
            ended.setdefault(state, []).append((event["at"] - since).total_seconds())
            since = event["at"]
        at[event["ptk_id"]] = event["to"], since
    for state in told["states"]:
        spans = ended.get(state["name"])
        assert state["ended"] == (spans and _told(spans)), state["name"]
        waits = [(NOW - since).total_seconds() for name, since in at.values() if name == state["name"]]
        final = state["name"] == "in_implementation"
        assert state["goingOn"] == (None if final else _told(waits)), state["name"]


def _told(seconds: Sequence[float]) -> dict[str, int]:
    return {
        "stays": len(seconds), "p50Seconds": percentile(seconds, 0.5), "p95Seconds": percentile(seconds, 0.95),
    }  # fmt: skip


async def test_stays_are_those_of_the_plans_that_were_chosen(season: House) -> None:
    admin, plans = await season.person(ADMIN), await stored(season)
    npsn = plans[0]["npsn"]
    told = await numbers(admin, npsn=npsn)
    rows = await season.sql(
        "SELECT ended, count(*) AS stays FROM plan_event JOIN plan USING (ptk_id, period) "
        "WHERE npsn = $1 AND ended IS NOT NULL GROUP BY 1", npsn,
    )  # fmt: skip
    assert {s["name"]: s["ended"]["stays"] for s in told["states"] if s["ended"]} == {
        row["ended"]: row["stays"] for row in rows if row["ended"] in {s["name"] for s in told["states"]}
    }
    sha256 = (await season.sql("SELECT DISTINCT workflow FROM plan"))[0]["workflow"]
    whole, same = await numbers(admin), await numbers(admin, workflow=sha256)
    assert whole == same


async def test_for_whom_plans_wait_is_what_the_plans_themselves_say(
    registry: Database, own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a school with a principal, one under a Plt, and one that nobody leads."""
    monkeypatch.setattr(
        kept, "WRITE_SECONDS", 3600
    )  # what identity said is kept when planning ends, not before
    async with house_at(registry, own) as house:
        people = [await submitted(house, PNS), await submitted(house, OF_SMA)]
        people += [await submitted(house, OF_TK, indikator=SUB_INDIKATOR)]
        turns = Counter([(await turn(one))["who"] for one in people])
        before = await numbers(await house.person(ADMIN))
        assert [(one["who"], one["plans"]) for one in before["waiting"]] == [(None, 3)]
    async with house_at(registry, own) as house:
        told = await numbers(await house.person(ADMIN))
        lines = await listed(await house.person(ADMIN))
    assert Counter({one["who"]: one["plans"] for one in told["waiting"]}) == turns
    assert set(turns) == {"HEAD", "DINAS"}
    assert {line["npsn"]: line["waiting"] for line in lines} == {SD: 1, TK: 1, SMA: 1}


async def test_the_worker_notices_who_leads_a_school_now(changing: Database, own: Database) -> None:
    async with house_at(changing, own) as house:
        teacher = await submitted(house, PNS)
        await follow(house)
    async with house_at(changing, own, datetime(2024, 1, 16, 2, tzinfo=UTC)) as house:
        assert (await house.sql("SELECT kind FROM school_head WHERE npsn = $1", SD)) == [
            {"kind": "definitif"}
        ]
        await led_by_plt(changing, PLT_OF_TK, at=house.now)
        await follow(house)
        heads = await house.sql("SELECT kind, ptk_id::text FROM school_head WHERE npsn = $1", SD)
        assert heads == [{"kind": "plt", "ptk_id": str(ptk(PLT_OF_TK))}]
        told = await numbers(await house.person(ADMIN))
        assert [(one["who"], one["plans"]) for one in told["waiting"]] == [("HEAD", 1)]
        assert (await turn(await house.person(PNS)))["who"] == "HEAD"
        assert (await teacher_state(house, teacher)) == "auto_approved"


async def teacher_state(house: House, teacher: Person) -> str:
    rows = await house.sql("SELECT state FROM plan WHERE ptk_id = $1::text::uuid", teacher.ptk_id)
    return str(rows[0]["state"])


@pytest.mark.parametrize("who", [PNS, HEAD_OF_SD, None], ids=["teacher", "head", "nobody"])
async def test_nobody_but_an_admin_is_shown_anything(season: House, who: int | None) -> None:
    person = await season.person(who) if who else season.nobody()
    status, answer = await person.send({"query": DOCUMENT, "variables": {"period": "2024-1"}})
    assert answer.get("data") is None
    (error,) = answer["errors"]
    assert error["extensions"]["problem"]["code"] == (
        "actor.not_admin" if who else "auth.sign_in_required"
    ), status


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"period": "2031-1"}, "period.unknown"),
        ({"workflow": "f" * 64}, "workflow.unknown"),
        ({"first": 0}, "page.size"),
        ({"first": 101}, "page.size"),
        ({"after": "x"}, "cursor.invalid"),
        ({"after": cursor("97000001", "97000001")}, None),
        ({"after": cursor("Guru Contoh 1", "97000001")}, "cursor.invalid"),
        ({"after": cursor(str(2**63), "97000001")}, "cursor.invalid"),
    ],
)
async def test_what_cannot_be_told_is_refused_in_both_languages(
    season: House, wanted: dict[str, object], code: str | None
) -> None:
    admin, told = await season.person(ADMIN), set()
    for language in ("id", "en"):
        _, answer = await admin.send(
            {"query": DOCUMENT, "variables": {"period": "2024-1", **wanted}}, language
        )
        told |= {error["message"] for error in answer.get("errors", ())}
        assert [error["extensions"]["problem"]["code"] for error in answer.get("errors", ())] == (
            [code] if code else []
        )
    assert len(told) == (2 if code else 0)


async def test_the_command_tells_the_same(season: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await numbers(await season.person(ADMIN), "en")
    first = told["parts"]["edges"][0]["node"]
    result = await command(
        season, monkeypatch, "period", "numbers", "2024-1", "--first", "1", "--language", "en"
    )
    done = result.stdout.splitlines()
    assert result.exit_code == 0, result.output
    assert done[0] == f"2024-1: {PLANS} plans at 2024-02-20T03:00:00Z"
    for state, line in zip(told["states"], done[1:], strict=False):
        assert line.startswith(f"  {state['label']} ({state['name']}): {state['plans']}")
    assert any(line.startswith(f"{first['npsn']} {first['nama']}") for line in done)
    assert done[-1] == "…"


async def test_stays_in_a_state_that_only_a_former_version_has_are_told_after_all_plans_have_moved(
    registry: Database, own: Database
) -> None:
    async with house_at(registry, own) as house:
        await submitted(house, PNS)
        sha = await publish_text(own, RENAMED)
        await moved(house, SHIPPED, sha, states=[{"from": "submitted", "to": "handed_in"}])
        states = (await numbers(await house.person(ADMIN)))["states"]
    told = {state["name"]: (state["plans"], (state["ended"] or {}).get("stays")) for state in states}
    assert told == {"draft": (0, 1), "submitted": (0, 1), "handed_in": (1, None)}
