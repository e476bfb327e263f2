"""A grant: a platform scope given to an account. What a scope allows, planning decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# `admin`: workflows, periods, catalogues. `partner`: a machine that asks for the status of plans.
PLATFORM_SCOPES = ("admin", "partner")


@dataclass(frozen=True, slots=True)
class Grant:
    """Who holds which scope since when, and who gave it; `revoked_at` None while it holds."""

    account: UUID
    email: str
    scope: str
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None = None
