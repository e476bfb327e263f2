"""Every named statement fits the migrated schema, and each table is written by one feature."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

import services
from services.identity import tables as identity
from services.kit.sql import Statement, load_statements
from services.planning import tables as planning
from tests.conftest import Fresh

ROOT = Path(services.__file__).parent
FILES = sorted(file for file in ROOT.rglob("*.sql") if file.parent.name != "migrations")
STATEMENTS = [
    pytest.param(file, statement, id=f"{file.relative_to(ROOT)}:{statement.name}")
    for file in FILES
    for statement in load_statements(file).values()
]
# `DO UPDATE SET` belongs to an INSERT, and `FOR UPDATE` locks.
WRITE = re.compile(r"\b(?:INSERT INTO|(?<!DO )(?<!FOR )(?<!KEY )UPDATE|DELETE FROM) (\w+)")
# Features that write a table of another feature, and why.
GUESTS = {
    ("moved_teacher", "plan"): "only the head of a plan's school finds it once it is at its teacher's school",
    ("command_key", "review"): "a comment and its idempotency key are stored together or not at all",
    ("plan_timer", "plan"): "the commit of a plan replaces the timers of the state that it leaves",
    ("notification", "timers"): "a worker that stops between two statements would hold row locks",
}


@pytest.fixture(scope="module")
async def connections(fresh_url: Fresh) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    """A connection to a migrated, empty database of each service."""
    connections = {}
    for name in ("planning", "identity"):
        url = await fresh_url(f"services.{name}")
        connections[name] = await asyncpg.connect(url.replace("asyncpg", "postgresql", 1))
    yield connections
    for connection in connections.values():
        await connection.close()


@pytest.mark.parametrize(("file", "statement"), STATEMENTS)
async def test_statement_can_be_prepared(
    connections: dict[str, asyncpg.Connection], file: Path, statement: Statement
) -> None:
    connection = connections[file.relative_to(ROOT).parts[0]]
    prepared_statement = await connection.prepare(statement.text)
    assert len(prepared_statement.get_parameters()) == len(statement.parameters)


def test_each_table_is_written_by_one_feature() -> None:
    writers = defaultdict(set)
    for file in FILES:
        for statement in load_statements(file).values():
            for table in WRITE.findall(statement.text):
                writers[table].add(file.parent.name)
    for model in (*identity.__models__, *planning.__models__):
        writers[str(model._meta.db_table)].add(model.__module__.split(".")[-2])
    guests = defaultdict(set)
    for table, feature in GUESTS:
        guests[table].add(feature)

    owners = {table: features - guests[table] for table, features in writers.items()}

    assert {table: features for table, features in owners.items() if len(features) > 1} == {}
    assert {
        table: features - writers[table] for table, features in guests.items() if features - writers[table]
    } == {}
