"""Planning as a client of identity without being registered. Development only: in prod nobody is told of it.

It stands in no database, so none can carry it from development into prod.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from services.identity.domain.client import Client
from services.identity.domain.within import Within
from services.identity.usecases.client_token import DevClient
from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET

DEV_CLIENT = DevClient(
    Client(
        id=UUID(DEV_CLIENT_ID),
        name="planning",
        contact="development",
        scopes=("registry:read",),
        within=Within(nationwide=True),
        registered_at=datetime(2024, 1, 1, tzinfo=UTC),
        registered_by="development",
    ),
    DEV_CLIENT_SECRET,
)
