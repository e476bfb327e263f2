"""The running services, shared by all tests of clients, and the figures that they print at the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from tests.clients.services import Services, start_services

FIGURES = pytest.StashKey[list[str]]()
Report = Callable[[str], None]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash[FIGURES]:
        terminalreporter.write_line(line)


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Report:
    """`report("graphql-request: 44 requests")` prints a line after the tests."""
    return pytestconfig.stash[FIGURES].append


@pytest.fixture(scope="session")
async def services() -> AsyncIterator[Services]:
    async with start_services() as services:
        yield services


@pytest.fixture(scope="session", autouse=True)
def generated_clients() -> None:
    """Generate the clients from the documents and the SDL of the checkout."""
    subprocess.run([sys.executable, "-m", "devtools.clients", "build"], check=True)
