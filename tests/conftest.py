"""Real PostgreSQL for every test that asks: one private server per run, a fresh copy of a template per test."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import settings

from devtools.postgres import PrivatePostgres, private_postgres
from services.kit.database import Database

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")
os.environ["RENCANA_ENV"] = "dev"
# settings need a URL, also where a test brings a database of its own; nobody serves this port
for name in ("identity", "planning"):
    os.environ[f"RENCANA_{name}_DATABASE_URL".upper()] = f"asyncpg://127.0.0.1:9/{name}"
# tests sign the same few in as fast as they can; the limits have tests of their own, which set them
os.environ |= {"RENCANA_SIGN_INS_PER_ADDRESS": "100000", "RENCANA_SIGN_INS_PER_ACCOUNT": "100000"}

Fresh = Callable[[str], Awaitable[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the proofs in their full size (make prove)")


LOOP = pytest.StashKey[asyncio.AbstractEventLoop]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Cancel what a failed test has begun. Otherwise a test that ran into its time limit goes on during the next one.

    That was the foreign-key error of the races under load: an earlier proof still sent commands while the races
    replaced the plans.
    """
    loop = item.config.stash.get(LOOP, None)
    begun_before = asyncio.all_tasks(loop) if loop else set()
    try:
        return (yield)
    except BaseException:
        if loop:
            for task in asyncio.all_tasks(loop) - begun_before:
                task.cancel()
        raise


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    folder = Path(tempfile.mkdtemp(prefix="rencana-"))
    folder.chmod(0o711)
    try:
        with private_postgres(folder, durable=False) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def fresh_url(postgres: PrivatePostgres, pytestconfig: pytest.Config) -> AsyncIterator[Fresh]:
    """`await fresh_url("services.planning")`: the URL of a new, migrated, empty database of that service."""
    pytestconfig.stash[LOOP] = asyncio.get_running_loop()
    administration = await asyncpg.connect(postgres.url("postgres").replace("asyncpg", "postgresql", 1))
    templates: dict[str, str] = {}
    turn = asyncio.Lock()

    async def fresh(package: str) -> str:
        async with turn:
            if package not in templates:
                templates[package] = name = f"template_{package.rsplit('.', 1)[-1]}"
                await administration.execute(f"CREATE DATABASE {name}")
                template = Database(postgres.url(name), package)
                await template.connect()
                await template.migrate()
                await template.close()
            name = f"t{uuid4().hex}"
            await administration.execute(f"CREATE DATABASE {name} TEMPLATE {templates[package]}")
        return postgres.url(name)

    yield fresh
    await administration.close()
