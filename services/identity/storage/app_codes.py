"""Codes that apps change for tokens. A used one is known until its time is over, so that a copy is recognised."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from services.identity.domain.app_code import AppCode
from services.identity.storage import tables
from services.identity.storage.rows import columns_of, facts_of


async def add(code_hash: str, code: AppCode) -> None:
    """Write a new code."""
    await tables.AppCode.create(code_hash=code_hash, **columns_of(code))


async def held(code_hash: str) -> AppCode | None:
    """The code, which nobody else uses until this transaction ends. One query."""
    row = await tables.AppCode.filter(code_hash=code_hash).select_for_update().get_or_none()
    return facts_of(row, AppCode) if row else None


async def used(code_hash: str, session_id: UUID) -> None:
    """Note for which session a code was used."""
    await tables.AppCode.filter(code_hash=code_hash).update(session_id=session_id)


async def forget_all_of(account_id: UUID) -> None:
    """Delete the codes of an account, used or not."""
    await tables.AppCode.filter(account_id=account_id).delete()


async def forget_before(instant: datetime) -> None:
    """Delete the codes that were made before."""
    await tables.AppCode.filter(created_at__lt=instant).delete()
