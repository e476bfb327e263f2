"""The last second of a deadline and the first one after it in each time zone, and a deadline that moves.

Services with a fixed clock run for each instant on the same databases, and each command is tried at every instant.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.reference_data import store_shipped_workflow
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    TABLES,
    Client,
    Environment,
    connect_database,
    environment_at,
    problem_codes,
)
from tests.integration.planning.imports import import_catalog, import_period
from tests.integration.planning.plans import INDIKATOR, NOTE, SUB_INDIKATOR, complete_plan, decide_as_head
from tests.integration.planning.test_plt_confirmation import confirm_plt
from tests.integration.planning.test_reopen import reopen
from tests.small_registry import (
    COLLEAGUE,
    HEAD_OF_SD,
    OF_SMA,
    OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    PPPK,
    SMA,
    SMP,
    TK,
    appoint_plt,
    import_one_school,
    import_registry,
)
from tests.unit.planning.reference import CATALOG, PERIOD, dump_changed

BEFORE_ALL = datetime(2023, 12, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# The hour of UTC on the day before at which a day begins in each zone.
WIT, WITA, WIB = 15, 16, 17
TEACHERS = {WIB: OF_SMP, WITA: OF_TK, WIT: OF_SMA}
ACTING = {WIB: (COLLEAGUE, SMP), WITA: (PLT_OF_TK, TK), WIT: (PPPK, SMA)}
Houses = Mapping[datetime, Environment]


def first_second(zone: int, year: int, month: int, day: int) -> datetime:
    """Return the instant at which a day begins in a zone."""
    return datetime(year, month, day, zone, tzinfo=UTC) - timedelta(days=1)


# Planning closes on 31 January. A plan reopened on 1 February is due on the 15th. A Plt confirms from the 16th on.
FEBRUARY = {zone: first_second(zone, 2024, 2, 1) for zone in TEACHERS}
SIXTEENTH = {zone: first_second(zone, 2024, 2, 16) for zone in TEACHERS}
BETWEEN = datetime(2024, 2, 1, 3, tzinfo=UTC)


def around(days: Mapping[int, datetime]) -> list[datetime]:
    """Return the last second before a day and its first one in each zone, in order."""
    return sorted(instant for begins in days.values() for instant in (begins - SECOND, begins))


@pytest.fixture(scope="module")
async def country(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with a school led by a Plt in each of the three zones."""
    async with connect_database(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry(BEFORE_ALL)
            await import_one_school(TK, BEFORE_ALL, school={"provinsi": "Prov. Bali"})
            await import_one_school(SMP, BEFORE_ALL, p39={"jenis_ptk_id": "3", "jabatan_ptk_id": None})
            await appoint_plt(COLLEAGUE, SMP, at=BEFORE_ALL)
            await appoint_plt(PPPK, SMA, at=BEFORE_ALL)
        yield database


async def only_the_first_revision(database: Database) -> None:
    """The period as it was before the extension."""
    with database.active():
        clock = Clock(BEFORE_ALL)
        await store_shipped_workflow(clock, database.connection)
        await import_catalog(CATALOG.read_bytes(), clock)
        await import_period(dump_changed(PERIOD, lambda data: data["revisions"].pop()))


@pytest.fixture(scope="module")
async def every_instant(country: Database, fresh_url: Fresh) -> AsyncIterator[Houses]:
    """Both services at every tested instant."""
    async with (
        connect_database(await fresh_url("services.planning"), "services.planning") as database,
        AsyncExitStack() as running,
    ):
        await only_the_first_revision(database)
        yield {
            now: await running.enter_async_context(environment_at(country, database, now))
            for now in (*around(FEBRUARY), BETWEEN, *around(SIXTEENTH))
        }


@pytest.fixture
async def environments(every_instant: Houses) -> Houses:
    """Both services at every tested instant, without plans."""
    await every_instant[BETWEEN].sql(f"TRUNCATE {', '.join(TABLES)}")
    return every_instant


async def first_success(
    environments: Houses,
    instants: Iterable[datetime],
    user: int,
    attempt: Callable[[Client], Awaitable[list[str]]],
) -> tuple[datetime | None, set[str]]:
    """Return the first of these instants at which the attempt succeeds, and the codes of the refusals before."""
    codes: set[str] = set()
    for now in instants:
        codes_now = await attempt(await environments[now].sign_in(user))
        if not codes_now:
            return now, codes
        codes |= set(codes_now)
    return None, codes


def refusals(answer: Mapping[str, Any]) -> list[str]:
    return problem_codes(answer) if "problems" in answer else []


async def start_plan(person: Client) -> list[str]:
    return refusals(await person.mutate("startPlan", {}))


async def submit_plan(person: Client) -> list[str]:
    version = (await person.load_plan())["version"]
    return refusals(await person.mutate("submitPlan", {"planId": person.plan_id, "expectedVersion": version}))


def backwards(days: Mapping[int, datetime]) -> list[datetime]:
    """The instants from last to first: the first success is the last possible instant."""
    return around(days)[::-1]


async def complete_new_plan(environments: Houses, user: int) -> Client:
    """Complete a plan while planning is open in every zone."""
    teacher = await environments[around(FEBRUARY)[0]].sign_in(user)
    await complete_plan(teacher, indikator=SUB_INDIKATOR if user == OF_TK else INDIKATOR)
    return teacher


async def test_mulai_ends_with_the_last_second_of_the_last_day(environments: Houses) -> None:
    for zone, user in TEACHERS.items():
        success = await first_success(environments, backwards(FEBRUARY), user, start_plan)
        assert success == (FEBRUARY[zone] - SECOND, {"window.closed"})


async def test_the_first_submission_ends_with_the_last_second_of_the_last_day(environments: Houses) -> None:
    for zone, user in TEACHERS.items():
        await complete_new_plan(environments, user)
        success = await first_success(environments, backwards(FEBRUARY), user, submit_plan)
        assert success == (FEBRUARY[zone] - SECOND, {"window.closed"})


async def test_reopened_plan_has_its_own_last_second(environments: Houses) -> None:
    for zone, user in TEACHERS.items():
        assert await submit_plan(await complete_new_plan(environments, user)) == []
        await reopen(environments[BETWEEN], await environments[BETWEEN].sign_in(user))
        success = await first_success(environments, backwards(SIXTEENTH), user, submit_plan)
        assert success == (SIXTEENTH[zone] - SECOND, {"window.closed", "revision.passed"})


async def test_returned_plan_has_its_own_last_second(environments: Houses) -> None:
    assert await submit_plan(await complete_new_plan(environments, PNS)) == []
    between = environments[BETWEEN]
    returned = await decide_as_head(between, HEAD_OF_SD, await between.sign_in(PNS), "returnPlan", note=NOTE)
    assert returned["revisionDueOn"] == "2024-02-15"
    success = await first_success(environments, backwards(SIXTEENTH), PNS, submit_plan)
    assert success == (SIXTEENTH[WIB] - SECOND, {"window.closed", "revision.passed"})


async def test_plt_confirms_from_the_first_second_at_the_school(environments: Houses) -> None:
    for zone, (user, npsn) in ACTING.items():

        async def confirm(person: Client, npsn: str = npsn) -> list[str]:
            return refusals(await confirm_plt(person, npsn))

        success = await first_success(environments, around(SIXTEENTH), user, confirm)
        assert success == (SIXTEENTH[zone], {"plt.too_early"})


async def test_extension_takes_effect_at_once(country: Database, fresh_url: Fresh) -> None:
    window_query = """{ period { window { closesOn reason }
      revisions { nodes { number author { nama } approver { nama } reason effectiveFrom } } } }"""
    async with connect_database(await fresh_url("services.planning"), "services.planning") as database:
        await only_the_first_revision(database)
        async with environment_at(country, database, FEBRUARY[WIB]) as environment:
            teacher = await environment.sign_in(PNS)
            assert await start_plan(teacher) == ["window.closed"]
            before = (await teacher.execute(window_query))["period"]
            assert (before["window"]["closesOn"], len(before["revisions"]["nodes"])) == ("2024-01-31", 1)
            with database.active():
                await import_period(PERIOD.read_bytes())
            assert await start_plan(teacher) == []
            after = (await teacher.execute(window_query))["period"]
    extension, first = after["revisions"]["nodes"]
    assert [first] == before["revisions"]["nodes"]
    assert extension == {
        "number": 2,
        "author": {"nama": "Direktorat Jenderal GTK"},
        "approver": {"nama": "Direktorat Jenderal GTK, penyetuju kedua"},
        "reason": "Perpanjangan masa Perencanaan Kinerja sampai 31 Maret 2024 berdasarkan surat edaran.",
        "effectiveFrom": "2024-01-30T15:00:00+00:00",
    }
    assert after["window"] == {"closesOn": "2024-03-31", "reason": extension["reason"]}
