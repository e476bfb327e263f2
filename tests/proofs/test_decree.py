"""The decree: everything is approved automatically, on and off again, and the window is moved by two months.

Over a season of living plans, with the services and the worker as processes of their own: nobody is stuck, nothing is
lost, and the numbers before and after agree.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import click
import pytest

from services.identity.accounts.commands import grant_scope, import_accounts
from services.kit.database import Database
from services.planning.plan.queries import verify_plans
from services.planning.reconcile import store as reconcile_store
from tests.conftest import Fresh
from tests.contract.sdl import GRAPHQL
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    import_reference_data,
    sql,
)
from tests.integration.planning.revisions import SECOND_ADMIN, close_proposal, propose
from tests.proofs.processes import RENCANA, Serving
from tests.proofs.season import NOW, TEACHERS_FROM, Season, ptk_of, schools_of
from tests.proofs.season_people import import_people
from tests.proofs.season_rows import plant
from tests.small_registry import ADMIN, AS_OF, email_of
from tests.until import until
from workflows.model.facts import HeadKind

DOCUMENT = (GRAPHQL / "operations" / "admin" / "PlanNumbers.graphql").read_text()
CLOSES = "2024-05-31"  # two months after the 31 March of the decree before
ON, OFF = {"bool": True}, {"bool": False}
SMALL, FULL = 320, 10_000
SAMPLE = 5
TURN = "query Q($id: ID!) { plan(id: $id) { turn { who until } } }"


@dataclass(frozen=True)
class Country:
    """A season in both databases, the services and the worker beside it."""

    season: Season
    house: Environment
    worker: Serving

    async def numbers(self) -> dict[str, Any]:
        admin = await self.house.sign_in(ADMIN)
        return dict((await admin.execute(DOCUMENT, period="2024-1"))["planNumbers"])

    async def teacher(self, number: int) -> Client:
        """Whose plan has this number."""
        person = await self.house.sign_in(email_of(TEACHERS_FROM + number))
        return replace(person, ptk_id=ptk_of(TEACHERS_FROM + number))


@pytest.fixture
async def country(request: pytest.FixtureRequest, fresh_url: Fresh, tmp_path: Path) -> AsyncIterator[Country]:
    season = Season(FULL if request.config.getoption("--full") else SMALL)
    known, plans = await fresh_url("services.identity"), await fresh_url("services.planning")
    common = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")} | {
        "RENCANA_ENV": "dev", "RENCANA_NOW": NOW.isoformat(), "RENCANA_WORKER_INTERVAL_SECONDS": "0.2",
        "RENCANA_IDENTITY_DATABASE_URL": known, "RENCANA_PLANNING_DATABASE_URL": plans,
    }  # fmt: skip
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        registry = await stack.enter_async_context(connect_database(known, "services.identity"))
        store = await stack.enter_async_context(connect_database(plans, "services.planning"))
        await _fill(registry, store, season)
        click.echo(f"\n{season.plans} plans, {season.schools} schools after {time.monotonic() - began:.0f} s")
        identity = Serving(
            (RENCANA, "identity", "serve"), "RENCANA_IDENTITY_PORT", common, tmp_path / "identity"
        )
        common["RENCANA_IDENTITY_URL"] = identity.environment["RENCANA_IDENTITY_URL"] = identity.url
        planning = Serving(
            (RENCANA, "planning", "serve"), "RENCANA_PLANNING_PORT", common, tmp_path / "planning"
        )
        worker = Serving((RENCANA, "worker"), "RENCANA_WORKER_PORT", common, tmp_path / "worker")
        for one in (identity, planning, worker):
            stack.push_async_callback(one.stop)
            await one.start()
        door = await stack.enter_async_context(aiohttp.ClientSession(identity.url))
        session = await stack.enter_async_context(aiohttp.ClientSession(planning.url))
        yield Country(season, Environment(NOW, door, session, store), worker)


async def _fill(registry: Database, store: Database, season: Season) -> None:
    with registry.active():
        await import_people(season)
        rows = "".join(f"{email},,,,\n" for email in (ADMIN, SECOND_ADMIN))
        await import_accounts(f"email,ptk_id,npsn,opened,closed\n{rows}".encode(), "admins", AS_OF)
        for email in (ADMIN, SECOND_ADMIN):
            await grant_scope(email, "admin", "test", AS_OF)
    await import_reference_data(store)
    await plant(store.url, season)
    await sql(registry, "ANALYZE")
    (last,) = await sql(registry, "SELECT max(seq) AS seq FROM changes")
    # the worker has followed all this while
    await reconcile_store.advance_feed_positions(last["seq"], last["seq"], NOW, store.connection)
    await reconcile_store.store_decided_revision("2024-1", 2, NOW, store.connection)


async def _decreed(country: Country, **values: object) -> int:
    """The revision by which one admin's proposal came into force, approved by another."""
    proposal = await propose(await country.house.sign_in(ADMIN), **values)
    answer = await close_proposal(await country.house.sign_in(SECOND_ADMIN), "approveRevision", proposal)
    return int(answer["ended"]["revisions"][0])


def _states(told: dict[str, Any]) -> Counter[str]:
    return Counter({state["name"]: state["plans"] for state in told["states"]})


def _adds_up(told: dict[str, Any], country: Country) -> None:
    states = _states(told)
    assert told["plans"] == states.total() == country.season.plans


async def _in_state(country: Country, state: str, kind: HeadKind) -> list[int]:
    """The numbers of some plans, never returned, filled in to the last tab, at schools that are led in this way."""
    rows = await country.house.sql(
        "SELECT ptk_id::text FROM plan WHERE state = $1 AND revision_due IS NULL "
        "AND content #> '{perilaku_kerja,pilihan,KL}' IS NOT NULL",
        state,
    )
    complete, season = {row["ptk_id"] for row in rows}, country.season
    return [
        number
        for school in schools_of(season)
        if school.kind is kind
        for number in season.plans_of(school.number)
        if ptk_of(TEACHERS_FROM + number) in complete
    ][:SAMPLE]


async def _nothing_waits_for_a_head(country: Country) -> None:
    """The worker has done with the revision."""

    async def none_submitted() -> bool:
        return not await country.house.sql("SELECT FROM plan WHERE state = 'submitted' LIMIT 1")

    await until(none_submitted, 600)


async def test_a_decree_comes_and_goes_and_nobody_is_stuck(country: Country) -> None:
    before, house = await country.numbers(), country.house
    states = _states(before)
    _adds_up(before, country)
    began = time.monotonic()
    number = await _decreed(country, approve_automatically=ON, planning_closes={"date": CLOSES})
    await _nothing_waits_for_a_head(country)
    click.echo(f"{states['submitted']} plans approved after {time.monotonic() - began:.1f} s")
    after = await country.numbers()
    _adds_up(after, country)
    moved = Counter(submitted=-states["submitted"], auto_approved=states["submitted"])
    assert _states(after) == +Counter({name: states[name] + moved[name] for name in states | moved})
    # each by one event of the system that names the revision, and no other plan has an event more
    (told,) = await house.sql(
        "SELECT count(*) AS events, count(DISTINCT ptk_id) AS plans, "
        "count(*) FILTER (WHERE body::jsonb @> $2::jsonb) AS decreed FROM plan_event WHERE at >= $1",
        NOW, json.dumps({"detail": {"cause": {"parameters": number}}, "parameters": number}),
    )  # fmt: skip
    assert told["events"] == told["plans"] == told["decreed"] == states["submitted"]

    submits, at_once = (await _in_state(country, "draft", HeadKind.DEFINITIF))[:2]
    teacher = await country.teacher(submits)
    turn = (await teacher.execute(TURN, id=teacher.plan_id))["plan"]["turn"]
    assert turn == {"who": "OWNER", "until": CLOSES}
    assert (await _submitted(teacher))["state"]["phase"] == "AUTO_APPROVED"
    assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"

    await _decreed(country, approve_automatically=OFF)
    assert (await _submitted(await country.teacher(at_once)))["state"]["phase"] == "SUBMITTED"
    (under_plt, *_) = await _in_state(country, "draft", HeadKind.PLT)
    assert (await _submitted(await country.teacher(under_plt)))["state"]["phase"] == "AUTO_APPROVED"
    last = await country.numbers()
    _adds_up(last, country)
    assert _states(last)["submitted"] == 1

    # whoever was approved without a decision can go on, as far as the Plt has confirmed
    for begun in await _in_state(country, "auto_approved", HeadKind.DEFINITIF):
        plan = await (await country.teacher(begun)).mutate_plan("beginImplementation")
        assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
    found = [one async for one in verify_plans(None, None, house.database.connection) if one.findings]
    assert found == []


async def _submitted(teacher: Client) -> dict[str, Any]:
    return await teacher.mutate_plan("submitPlan", acknowledge=["points.below_minimum"])
