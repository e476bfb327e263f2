"""The plans of a population as rows of planning's database, inserted by COPY.

`python -m tests.proofs.population.rows asyncpg://… 200000` inserts one into a migrated database that has the shipped
workflow, catalogue and period, and no plan of the population. Several processes create and insert the plans of some
schools at a time, which bounds their memory.
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
from services.planning.plan.store import derived_columns, event_row
from services.planning.plan.tabs import Content
from tests.proofs.population.history import make_plan
from tests.proofs.population.model import Population, PopulationSchool, caller_of, school_of

SCHOOLS_PER_BATCH = 100
JSON: Mapping[str, TypeAdapter[Any]] = {
    "school": TypeAdapter(School),
    "profile": TypeAdapter(Profile),
    "content": TypeAdapter(Content),
}
Rows = dict[str, list[Mapping[str, Any]]]


async def insert_population(url: str, population: Population) -> None:
    """Insert plans, events, texts and confirmations of Plts."""
    dsn, school_count = url.replace("asyncpg://", "postgresql://", 1), population.school_count
    batches = [
        range(first, min(first + SCHOOLS_PER_BATCH, school_count))
        for first in range(0, school_count, SCHOOLS_PER_BATCH)
    ]
    if len(batches) > 1:
        await _insert_in_parallel(dsn, population, batches)
    else:
        await _copy(dsn, _rows(population, range(school_count)))
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("VACUUM ANALYZE plan, plan_event, plan_text")
    finally:
        await connection.close()


async def _insert_in_parallel(dsn: str, population: Population, batches: Sequence[range]) -> None:
    context = multiprocessing.get_context("spawn")  # a fork would share the caller's connections
    loop = asyncio.get_running_loop()
    with (
        ProcessPoolExecutor(min(len(batches), os.cpu_count() or 1), context) as pool,
        show_progress("batches of 100 schools", len(batches)) as advance,
    ):
        futures = [loop.run_in_executor(pool, _insert_batch, dsn, population, batch) for batch in batches]
        for future in asyncio.as_completed(futures):
            await future
            advance()


def _insert_batch(dsn: str, population: Population, schools: range) -> None:
    asyncio.run(_copy(dsn, _rows(population, schools)))


async def _copy(dsn: str, rows: Rows) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for table, table_rows in rows.items():
                if table_rows:
                    columns = list(table_rows[0])
                    records = [tuple(row[column] for column in columns) for row in table_rows]
                    await connection.copy_records_to_table(table, columns=columns, records=records)
    finally:
        await connection.close()


def _rows(population: Population, schools: range) -> Rows:
    rows: Rows = {"plan": [], "plan_event": [], "plan_text": [], "plt_confirmation": []}
    for school in (school_of(population, number) for number in schools):
        for number in population.plan_numbers(school.number):
            change = make_plan(population, school, number)
            rows["plan"].append(_plan_row(change.plan))
            for event in change.events:
                rows["plan_event"].append(_event_row(event))
                rows["plan_text"].extend(_text_rows(event))
        rows["plt_confirmation"].extend(_confirmation(population, school))
    return rows


def _plan_row(plan: Plan) -> Mapping[str, Any]:
    row = {field.name: getattr(plan, field.name) for field in fields(Plan)}
    parts = {name: adapter.dump_json(row[name]).decode() for name, adapter in JSON.items()}
    return {**row, **parts, **derived_columns(plan)}


def _event_row(hashed_event: HashedEvent) -> Mapping[str, Any]:
    row = event_row(hashed_event)
    return {**_plan_key(hashed_event), **row, "at": datetime.fromisoformat(row["at"])}


def _text_rows(hashed_event: HashedEvent) -> Iterator[Mapping[str, Any]]:
    for text in hashed_event.texts:
        yield {**_plan_key(hashed_event), "version": hashed_event.event.version, **asdict(text)}


def _plan_key(hashed_event: HashedEvent) -> Mapping[str, Any]:
    return {"ptk_id": hashed_event.event.ptk_id, "period": hashed_event.event.period}


def _confirmation(population: Population, school: PopulationSchool) -> Iterator[Mapping[str, Any]]:
    at = school.plt_confirmed_at
    if at and at <= population.now and school.head is not None:
        plt = caller_of(school.head)
        confirmation = {"npsn": school.school.npsn, "period": "2024-1"}
        yield {**confirmation, "ptk_id": plt.ptk_id, "account": plt.account, "at": at}


@click.command()
@click.argument("url")
@click.argument("plans", type=int)
def main(url: str, plans: int) -> None:
    """Insert a population of this many plans into a database."""
    asyncio.run(insert_population(url, Population(plans)))


if __name__ == "__main__":
    main()
