"""The Tortoise models describe the tables that the migrations make."""

from __future__ import annotations

import asyncpg
import pytest
from tortoise.utils import get_schema_sql

from services.kit.database import Database
from tests.conftest import Fresh

_COLUMNS = """
SELECT relname AS table, attname AS column, format_type(atttypid, atttypmod) AS type, attnotnull AS required
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND attnum > 0
"""
# Without the names of the index and of its schema.
_INDEXES = """
SELECT relname AS table, indisprimary AS primary, indisunique AS unique,
  split_part(pg_get_indexdef(indexrelid), ' USING ', 2) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = $1::regnamespace
"""


async def _describe(connection: asyncpg.Connection, schema: str) -> dict[str, set[tuple[object, ...]]]:
    tables: dict[str, set[tuple[object, ...]]] = {}
    for query in (_COLUMNS, _INDEXES):
        for table, *rest in await connection.fetch(query, schema):
            tables.setdefault(table, set()).add(tuple(rest))
    return tables


@pytest.mark.parametrize("package", ["services.identity", "services.planning"])
async def test_models_and_migrated_tables_agree(fresh_url: Fresh, package: str) -> None:
    database = Database(await fresh_url(package), package)
    await database.connect()
    with database.active():
        model_tables = get_schema_sql(database.context.db(), safe=False)
    await database.close()

    connection = await asyncpg.connect(database.dsn)
    await connection.execute(f"CREATE SCHEMA models; SET search_path TO models; {model_tables}")
    models = await _describe(connection, "models")
    migrated = await _describe(connection, "public")
    await connection.close()

    assert {name: migrated[name] for name in models} == models
