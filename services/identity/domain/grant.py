"""A grant: a platform scope given to an account. What a scope allows, planning decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# `admin`: workflows, periods, catalogues, clients. `status:read`: the status of every plan in the country; machines
# have it as clients, within their limits.
PLATFORM_SCOPES = ("admin", "status:read")


@dataclass(frozen=True, slots=True)
class Grant:
    """Who holds which scope since when, and who gave it; `revoked_at` None while it holds."""

    account: UUID
    email: str
    scope: str
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None = None
