"""The services that commands and queries of planning use. `app.py` and `worker.py` create them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tortoise.connection import get_connection

from services.kit.clock import Clock
from services.kit.database import Connection
from services.planning.period.store import CatalogCache
from services.planning.versions.store import WorkflowCache

if TYPE_CHECKING:
    from services.planning.people.identity.client import IdentityClient


@dataclass(frozen=True, slots=True)
class Services:
    """The clock, the client of identity, and caches of catalogues and workflows."""

    clock: Clock
    identity: IdentityClient
    catalogs: CatalogCache = field(default_factory=CatalogCache)
    workflows: WorkflowCache = field(default_factory=WorkflowCache)

    @property
    def connection(self) -> Connection:
        """The connection pool. Each statement takes its own connection."""
        return get_connection("default")
