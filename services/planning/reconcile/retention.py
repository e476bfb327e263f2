"""Deletion of old idempotency keys: a page in each round, and a look for new ones every hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from prometheus_client import Counter

from services.planning.people.services import Services
from services.planning.plan.store import delete_keys

DELETED_KEYS = Counter("rencana_worker_deleted_keys", "Idempotency keys deleted because of their age")
PAGE_SIZE = 5000
INTERVAL = timedelta(hours=1)


class KeyRetention:
    """Deletes idempotency keys that are older than `max_age`."""

    def __init__(self, services: Services, max_age: timedelta) -> None:
        self._services, self._max_age = services, max_age
        self._next_at: datetime | None = None

    async def delete_page(self, now: datetime) -> bool:
        """Delete a page of old keys. Returns whether there may be more."""
        if self._next_at and now < self._next_at:
            return False
        count = await delete_keys(now - self._max_age, PAGE_SIZE, self._services.connection)
        DELETED_KEYS.inc(count)
        if count == PAGE_SIZE:
            return True
        self._next_at = now + INTERVAL
        return False
