"""The services that commands and queries of planning use. `app.py` and `worker.py` create them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tortoise.connection import get_connection

from services.kit.clock import Clock
from services.kit.concurrency import Shares
from services.kit.database import Connection
from services.planning.period.store import CatalogCache
from services.planning.versions.store import WorkflowCache

if TYPE_CHECKING:
    from services.planning.people.identity.client import IdentityClient


COMMANDS_PER_PLAN = 2  # at once in one process


@dataclass(frozen=True, slots=True)
class Services:
    """The clock, the client of identity, caches of catalogues and workflows, and the commands of each plan.

    Commands on one plan wait for each other anyway. Waiting for their row, many of them would take the whole pool.
    """

    clock: Clock
    identity: IdentityClient
    catalogs: CatalogCache = field(default_factory=CatalogCache)
    workflows: WorkflowCache = field(default_factory=WorkflowCache)
    plan_shares: Shares = field(default_factory=lambda: Shares(COMMANDS_PER_PLAN))

    @property
    def connection(self) -> Connection:
        """The connection pool. Each statement takes its own connection."""
        return get_connection("default")
