"""Attempts to sign in that are under way. They are gone once they were answered, or their time is over."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from tortoise.connection import get_connection

from services.identity.domain.attempt import AppRequest, Attempt
from services.identity.storage import tables

# whoever has not the browser's secret takes nothing away from it
_TAKE = """
DELETE FROM sign_in_attempts WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3
RETURNING nonce, code_verifier, return_to, app::text
"""


async def add(state_hash: str, browser_hash: str, attempt: Attempt, expires_at: datetime) -> None:
    """Write an attempt."""
    app = asdict(attempt.app) if attempt.app else None
    await tables.SignInAttempt.create(
        state_hash=state_hash,
        browser_hash=browser_hash,
        nonce=attempt.nonce,
        code_verifier=attempt.code_verifier,
        return_to=attempt.return_to,
        app=app,
        expires_at=expires_at,
    )


async def take(state_hash: str, browser_hash: str, now: datetime) -> Attempt | None:
    """The attempt of this state in this browser, for this once. One statement: of two who take it, one gets it."""
    rows = await get_connection("default").execute_query_dict(_TAKE, [state_hash, browser_hash, now])
    if not rows:
        return None
    row = rows[0]
    app = AppRequest(**json.loads(row["app"])) if row["app"] else None
    return Attempt(row["nonce"], row["code_verifier"], row["return_to"], app)


async def forget_expired(now: datetime) -> None:
    """Delete what nobody can answer any more."""
    await tables.SignInAttempt.filter(expires_at__lte=now).delete()
