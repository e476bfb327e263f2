"""Queries on change requests for admins."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.change_requests import store
from services.planning.change_requests.model import ChangeRequest


async def list_change_requests(
    kinds: Collection[str], subject: str | None, before_id: int | None, size: int, connection: Connection
) -> tuple[list[ChangeRequest], bool]:
    """List a page of requests, newest first, and whether more follow. Without `before_id` it is the first page."""
    check_page_size(size)
    requests = await store.list_change_requests(kinds, subject, before_id, size + 1, connection)
    return requests[:size], len(requests) > size


async def find_change_requests(
    ids: Collection[int], kinds: Collection[str], connection: Connection
) -> Mapping[int, ChangeRequest]:
    """Find the requests of these ids that are of one of these kinds."""
    requests = await store.load_change_requests(ids, connection)
    return {id: request for id, request in requests.items() if request.kind in kinds}
