"""Queries on change requests for admins."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.kit.change_request import State
from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.change_requests import store
from services.planning.change_requests.commands import ChangeKind
from services.planning.change_requests.model import ChangeRequest


async def list_change_requests(
    kinds: Collection[str], subject: str | None, before_id: int | None, size: int, connection: Connection
) -> tuple[list[ChangeRequest], bool]:
    """List a page of requests, newest first, and whether more follow. Without `before_id` it is the first page."""
    check_page_size(size)
    requests = await store.list_change_requests(kinds, subject, before_id, size + 1, connection)
    return requests[:size], len(requests) > size


async def is_stale(request: ChangeRequest, kind: ChangeKind, now: datetime, connection: Connection) -> bool:
    """Tell whether an open request can no longer be approved, because its subject has changed."""
    return request.state_at(now) is State.PROPOSED and bool(
        await kind.find_staleness(request, now, connection)
    )
