"""The Tortoise models describe the tables that the migrations make."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest
from tortoise.models import Model
from tortoise.utils import get_schema_sql

import services
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
    migrated_tables = await _describe(connection, "public")
    await connection.close()

    assert {name: migrated_tables[name] for name in models} == models


@pytest.mark.parametrize("package", ["services.identity", "services.planning"])
def test_database_loads_the_models_of_every_feature(package: str) -> None:
    folder = Path(services.__file__).parent / package.rpartition(".")[2]
    features = [import_module(f"{package}.{file.parent.name}.tables") for file in folder.glob("*/tables.py")]
    models = {
        member
        for feature in features
        for _, member in inspect.getmembers(feature, inspect.isclass)
        if issubclass(member, Model) and member is not Model
    }

    assert set(import_module(f"{package}.tables").__models__) == models
