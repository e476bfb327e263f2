"""The reasons that admins gave for acts on a plan's timers, as erasure needs them."""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from services.planning.change_requests import store
from services.planning.timers.model import subject_of


async def count_reasons(ptk_id: str, period: str, connection: BaseDBAsyncClient) -> int:
    """Count the reasons that are not erased."""
    return await store.count_reasons(subject_of(ptk_id, period), connection)


async def erase_reasons(ptk_id: str, period: str, connection: BaseDBAsyncClient) -> None:
    """Erase the reasons. The acts stay."""
    await store.erase_reasons(subject_of(ptk_id, period), connection)
