"""Rencana as it runs: identity, planning processes side by side, offices, all of them on one PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg

from tests.conftest import Fresh
from tests.integration.planning.environment import connect_database, import_reference_data
from tests.proofs import office
from tests.proofs.house import House
from tests.proofs.processes import RENCANA, Serving
from tests.proofs.registry import import_lanes, lanes

NOW = "2024-02-20T03:00:00Z"  # the window is open again, and a Plt may confirm


@asynccontextmanager
async def house_of(
    fresh_url: Fresh, folder: Path, width: int, planning_processes: int, office_processes: int
) -> AsyncIterator[House]:
    """The house with so many lanes, nobody having a plan; every process is stopped at the end."""
    known, plans = await fresh_url("services.identity"), await fresh_url("services.planning")
    common = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")} | {
        "RENCANA_ENV": "dev",
        "RENCANA_NOW": NOW,
        "RENCANA_IDENTITY_DATABASE_URL": known,
        "RENCANA_PLANNING_DATABASE_URL": plans,
    }
    identity = Serving(
        (RENCANA, "identity", "serve"), "RENCANA_IDENTITY_PORT", common, folder / "identity.log"
    )
    common["RENCANA_IDENTITY_URL"] = identity.url
    identity.environment["RENCANA_IDENTITY_URL"] = identity.url
    plannings = [
        Serving((RENCANA, "planning", "serve"), "RENCANA_PLANNING_PORT", common, folder / f"planning-{n}.log")
        for n in range(planning_processes)
    ]
    offices = [
        Serving((sys.executable, "-m", office.__name__), office.PORT, common, folder / f"office-{n}.log")
        for n in range(office_processes)
    ]
    everybody = [identity, *plannings, *offices]
    async with (
        connect_database(known, "services.identity") as registry,
        connect_database(plans, "services.planning") as db,
    ):
        with registry.active():
            await import_lanes(lanes(width))
        await import_reference_data(db)
        store = await asyncpg.connect(db.dsn)
        try:
            for outcome in await asyncio.gather(*(one.start() for one in everybody), return_exceptions=True):
                if outcome is not None:
                    raise outcome
            # shorter than the servers' own: else one is closed now and then as a command goes out on it
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
            async with aiohttp.ClientSession(connector=connector) as session:
                yield House(lanes(width), identity, plannings, offices, session, registry, store)
        finally:
            await asyncio.gather(*(one.stop() for one in everybody))
            await store.close()
