"""The histories of an environment, checked as `rencana verify` checks them; and the command itself."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from devtools.service_process import restrict_roles
from services.cli import rencana
from services.kit.database import Database
from services.planning.plan.event_kinds import UnknownEvent
from services.planning.plan.events import canonical_json, dump_event, read_event, sha256
from services.planning.plan.queries import verify_plans
from tests.integration.planning.environment import Environment, sql


async def find_faults(environment: Environment) -> list[tuple[str, int]]:
    """What is wrong with any plan, and at which version."""
    return [
        (found.code.removeprefix("verify."), int(str(found.params["version"])))
        async for verdict in verify_plans(None, None, environment.now, environment.database.connection)
        for found in verdict.findings
    ]


async def find_unreadable_events(database: Database) -> list[str]:
    """The bodies of events that are of no kind, or that the dataclass of their kind would write otherwise.

    Bodies that a test forged, and that do not fit their hash, are left out.
    """
    rows = await sql(database, "SELECT body, hash FROM plan_event")
    return [
        row["body"] for row in rows if sha256(row["body"]) == row["hash"] and not _is_readable(row["body"])
    ]


def _is_readable(body: str) -> bool:
    event = read_event(json.loads(body))
    return not isinstance(event.data, UnknownEvent) and canonical_json(dump_event(event)) == body


async def run_command(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, *words: str, answer: str = ""
) -> Result:
    """What `rencana …` answers on the database of an environment, at its instant, as the role with the least rights."""
    url = {"RENCANA_PLANNING_DATABASE_URL": environment.database.url}
    for name, value in restrict_roles(url, planning="read" if words[0] == "verify" else "operate").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RENCANA_NOW", environment.now.isoformat())
    return await asyncio.to_thread(CliRunner().invoke, rencana, list(words), input=answer)
