"""Settings of the whole suite, and real PostgreSQL for every test that asks for it."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator

import asyncpg
import pytest
from _pytest.fixtures import FixtureDef
from hypothesis import HealthCheck, Phase, settings

from devtools.postgres import PrivatePostgres, create_roles
from tests.databases import DatabaseCopies, temporary_postgres

# no deadlines: a loaded machine is no failure; no explanations: they repeat a failed example very often
settings.register_profile(
    "suite", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)  # fmt: skip
settings.register_profile("full", settings.get_profile("suite"), max_examples=1_000)
settings.load_profile("suite")
os.environ["RENCANA_ENV"] = "dev"
# settings need a URL, also where a test brings a database of its own; nobody serves this port
for name in ("identity", "planning"):
    os.environ[f"RENCANA_{name}_DATABASE_URL".upper()] = f"asyncpg://127.0.0.1:9/{name}"
# a loaded machine is no outage; tests of outages set their own deadline
os.environ["RENCANA_REQUEST_SECONDS"] = "60"
os.environ["RENCANA_DRAIN_SECONDS"] = "0"  # no proxy stands before the services of tests
# tests sign the same few in as fast as they can; the limits have tests of their own, which set them
os.environ |= {"RENCANA_SIGN_INS_PER_ADDRESS": "100000", "RENCANA_SIGN_INS_PER_ACCOUNT": "100000"}

Fresh = DatabaseCopies

# The garbage collector took a fifth of the time of the tests: it walked the loaded modules over and over. It rests
# until all are loaded, and leaves them out afterwards.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes longest first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.parent.name not in {"journeys", "proofs"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the proofs in their full size (make prove)")


DATABASES = pytest.StashKey[DatabaseCopies]()


class FixtureScopes:
    """The scopes of the fixtures that are being set up, each by the one before it; the last creates databases.

    A plugin of its own, because hooks of a conftest are not called for fixtures of the session.
    """

    def __init__(self) -> None:
        self.scopes = ["function"]

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: FixtureDef[object]) -> Generator[None, object, object]:
        self.scopes.append(fixturedef.scope)
        try:
            return (yield)
        finally:
            self.scopes.pop()


FIXTURE_SCOPES = FixtureScopes()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FIXTURE_SCOPES)
    if config.getoption("--full"):
        settings.load_profile("full")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Cancel what a failed test has begun. Otherwise a test that ran into its time limit goes on during the next one.

    That was the foreign-key error of the races under load: an earlier proof still sent commands while the races
    replaced the plans.
    """
    databases = item.config.stash.get(DATABASES, None)
    begun_before = asyncio.all_tasks(databases.loop) if databases else set()
    try:
        return (yield)
    except BaseException:
        if databases:
            for task in asyncio.all_tasks(databases.loop) - begun_before:
                task.cancel()
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Drop the databases of a test after it, and those of a module after its last test."""
    result = yield
    if databases := item.config.stash.get(DATABASES, None):
        databases.loop.run_until_complete(databases.drop("function"))
        if nextitem is not None and nextitem.path != item.path:
            databases.loop.run_until_complete(databases.drop("module"))
    return result


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """The PostgreSQL of this run, or of this worker of it."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
async def fresh_url(postgres: PrivatePostgres, pytestconfig: pytest.Config) -> AsyncIterator[Fresh]:
    """`await fresh_url("services.planning")`: the URL of a new, migrated database of that service."""
    administration = await asyncpg.connect(postgres.url("postgres").replace("asyncpg", "postgresql", 1))
    await create_roles(postgres, administration)
    pytestconfig.stash[DATABASES] = databases = DatabaseCopies(
        postgres, administration, FIXTURE_SCOPES.scopes
    )
    yield databases
    del pytestconfig.stash[DATABASES]
    await administration.close()
