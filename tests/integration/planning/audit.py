"""The histories of a house, checked as `rencana verify` checks them; and the command itself."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from services.cli import rencana
from services.kit.database import Database
from services.planning.plan.event_kinds import UnknownEvent
from services.planning.plan.events import canonical, dump_event, read_event, sha256
from services.planning.plan.queries import verify_plans
from tests.integration.planning.house import House, sql


async def findings_of(house: House) -> list[tuple[str, int]]:
    """What is wrong with any plan, and at which version."""
    return [
        (found.code.removeprefix("verify."), int(str(found.params["version"])))
        async for verdict in verify_plans(None, None, house.database.connection)
        for found in verdict.findings
    ]


async def unread_events(database: Database) -> list[str]:
    """The bodies of events that are of no kind, or that the dataclass of their kind would write otherwise.

    Bodies that a test forged, and that do not fit their hash, are left out.
    """
    rows = await sql(database, "SELECT body, hash FROM plan_event")
    return [row["body"] for row in rows if sha256(row["body"]) == row["hash"] and not _is_read(row["body"])]


def _is_read(body: str) -> bool:
    event = read_event(json.loads(body))
    return not isinstance(event.data, UnknownEvent) and canonical(dump_event(event)) == body


async def command(house: House, monkeypatch: pytest.MonkeyPatch, *words: str, answer: str = "") -> Result:
    """What `rencana …` answers on the database of a house, at its instant."""
    monkeypatch.setenv("RENCANA_PLANNING_DATABASE_URL", house.database.url)
    monkeypatch.setenv("RENCANA_NOW", house.now.isoformat())
    return await asyncio.to_thread(CliRunner().invoke, rencana, list(words), input=answer)
