"""A client: a machine with credentials of its own, planning first of all. What its scopes open is said once, here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.identity.domain.secret import new_secret
from services.identity.domain.within import Within
from services.kit.access_token import IDENTITY, PLANNING

# scope → the service that answers to it
AUDIENCES = {"status:read": PLANNING, "registry:read": IDENTITY}
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Registration:
    """What is asked for when a client is registered."""

    name: str
    contact: str
    scopes: tuple[str, ...]
    within: Within = field(default_factory=Within)


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client; revoked, never deleted, so that it stays known who could see what when."""

    id: UUID
    name: str
    contact: str
    scopes: tuple[str, ...]
    within: Within
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of a client, by its hash; it opens until `ends_at`, or without end."""

    id: UUID
    client_id: UUID
    hash: str
    created_at: datetime
    ends_at: datetime | None = None

    def lives(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.ends_at is None or now < self.ends_at


def new_client_secret() -> str:
    """A secret that is recognisable to whoever scans for leaked ones."""
    return f"rencana_secret_{new_secret()}"


def ends_after_rotation(live: Iterable[Secret], now: datetime, overlap: timedelta) -> dict[UUID, datetime]:
    """When each live secret ends once a new one is there: the last one after `overlap` at most, all others now.

    So two of them open at most, and a client has the time of `overlap` to change to the new one without an outage.
    """
    in_order = sorted(live, key=lambda secret: (secret.ends_at is None, secret.created_at), reverse=True)
    if not in_order:
        return {}
    youngest, *others = in_order
    last = min(now + overlap, youngest.ends_at or now + overlap)
    return {youngest.id: last} | {secret.id: now for secret in others}
