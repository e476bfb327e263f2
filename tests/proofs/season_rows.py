"""The plans of a synthetic season as rows of planning's database, by COPY: `await plant(url, Season(200_000))`.

From the command line, into a migrated database with the shipped workflow, catalogue and period:
`python -m tests.proofs.season_rows asyncpg://… 200000`. Worker processes make and copy some schools at a time, so
memory holds these; the tables must be empty of the season's plans.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import asyncpg
import click
from pydantic import TypeAdapter

from services.kit.process import show_progress
from services.planning.people.model import School
from services.planning.plan.events import HashedEvent
from services.planning.plan.model import Plan
from services.planning.plan.profile import Profile
from services.planning.plan.store import event_row, school_columns
from services.planning.plan.tabs import Content
from tests.proofs.season import Season, SeasonSchool, caller_of, school_of
from tests.proofs.season_course import course

TOGETHER = 100  # schools
JSON: Mapping[str, TypeAdapter[Any]] = {
    "school": TypeAdapter(School),
    "profile": TypeAdapter(Profile),
    "content": TypeAdapter(Content),
}
Rows = dict[str, list[Mapping[str, Any]]]


async def plant(url: str, season: Season) -> None:
    """Write the plans of a season, their events and texts, and who leads the schools, as far as asked."""
    dsn, last = url.replace("asyncpg://", "postgresql://", 1), season.schools
    parts = [range(first, min(first + TOGETHER, last)) for first in range(0, last, TOGETHER)]
    if len(parts) > 1:
        await _side_by_side(dsn, season, parts)
    else:
        await _copy(dsn, _rows(season, range(last)))
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("VACUUM ANALYZE plan, plan_event, plan_text")
    finally:
        await connection.close()


async def _side_by_side(dsn: str, season: Season, parts: Sequence[range]) -> None:
    spawning = multiprocessing.get_context("spawn")  # a fork would share the caller's connections
    loop = asyncio.get_running_loop()
    with (
        ProcessPoolExecutor(min(len(parts), os.cpu_count() or 1), spawning) as pool,
        show_progress("schools, by the hundred", len(parts)) as advance,
    ):
        making = [loop.run_in_executor(pool, _make, dsn, season, part) for part in parts]
        for made in asyncio.as_completed(making):
            await made
            advance()


def _make(dsn: str, season: Season, schools: range) -> None:
    asyncio.run(_copy(dsn, _rows(season, schools)))


async def _copy(dsn: str, rows: Rows) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for table, some in rows.items():
                if some:
                    columns = list(some[0])
                    records = [tuple(row[column] for column in columns) for row in some]
                    await connection.copy_records_to_table(table, columns=columns, records=records)
    finally:
        await connection.close()


def _rows(season: Season, schools: range) -> Rows:
    rows: Rows = {"plan": [], "plan_event": [], "plan_text": [], "plt_confirmation": []}
    for school in (school_of(season, number) for number in schools):
        for number in season.plans_of(school.number):
            change = course(season, school, number)
            rows["plan"].append(_plan_row(change.plan))
            for link in change.events:
                rows["plan_event"].append(_event_row(link))
                rows["plan_text"].extend(_text_rows(link))
        rows["plt_confirmation"].extend(_confirmation(season, school))
    return rows


def _plan_row(plan: Plan) -> Mapping[str, Any]:
    row = {field.name: getattr(plan, field.name) for field in fields(Plan)}
    parts = {name: adapter.dump_json(row[name]).decode() for name, adapter in JSON.items()}
    return {**row, **parts, **school_columns(plan)}


def _event_row(link: HashedEvent) -> Mapping[str, Any]:
    row = event_row(link)
    return {**_plan_of(link), **row, "at": datetime.fromisoformat(row["at"])}


def _text_rows(link: HashedEvent) -> Iterator[Mapping[str, Any]]:
    for text in link.texts:
        yield {**_plan_of(link), "version": link.event.version, **asdict(text)}


def _plan_of(link: HashedEvent) -> Mapping[str, Any]:
    return {"ptk_id": link.event.ptk_id, "period": link.event.period}


def _confirmation(season: Season, school: SeasonSchool) -> Iterator[Mapping[str, Any]]:
    at = school.plt_confirmed_at
    if at and at <= season.now and school.head is not None:
        plt = caller_of(school.head)
        given = {"npsn": school.school.npsn, "period": "2024-1"}
        yield {**given, "ptk_id": plt.ptk_id, "account": plt.account, "at": at}


@click.command()
@click.argument("url")
@click.argument("plans", type=int)
def main(url: str, plans: int) -> None:
    """Write a season of so many plans into a database."""
    asyncio.run(plant(url, Season(plans)))


if __name__ == "__main__":
    main()
