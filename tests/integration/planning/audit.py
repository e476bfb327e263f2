"""The histories of a house, checked as `rencana verify` checks them; and the command itself."""

from __future__ import annotations

import asyncio

import pytest
from click.testing import CliRunner, Result

from services.cli import rencana
from services.planning.plan.verify import verdicts
from tests.integration.planning.house import House


async def findings_of(house: House) -> list[tuple[str, int]]:
    """What is wrong with any plan, and at which version."""
    return [
        (found.code.removeprefix("verify."), int(str(found.params["version"])))
        async for verdict in verdicts(None, None, house.database.connection)
        for found in verdict.findings
    ]


async def command(house: House, monkeypatch: pytest.MonkeyPatch, *words: str, answer: str = "") -> Result:
    """What `rencana …` answers on the database of a house, at its instant."""
    monkeypatch.setenv("RENCANA_PLANNING_DATABASE_URL", house.database.url)
    monkeypatch.setenv("RENCANA_NOW", house.now.isoformat())
    return await asyncio.to_thread(CliRunner().invoke, rencana, list(words), input=answer)
