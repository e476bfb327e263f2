"""The database of the commands of planning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.kit.clock import Clock
    from services.kit.database import Connection


@asynccontextmanager
async def planning_database() -> AsyncIterator[tuple[Clock, Connection]]:
    """Open planning's database and make it current in the body. Yields the clock and the connection."""
    from services.kit.clock import Clock
    from services.kit.database import open_database
    from services.kit.settings import load_settings
    from services.planning.settings import PACKAGE, PlanningSettings

    settings = load_settings(PlanningSettings)
    async with open_database(settings.planning_database_url, PACKAGE) as database:
        yield Clock(settings.now), database.connection
