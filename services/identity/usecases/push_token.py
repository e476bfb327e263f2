"""The credential by which a school pushes its data: a random bearer token, stored as its hash only."""

from __future__ import annotations

from datetime import datetime

from services.identity.domain.secret import hash_of, new_secret
from services.identity.storage import changes, push_credentials
from services.kit.unit_of_work import in_unit_of_work


async def issue_push_token(npsn: str, at: datetime) -> str:
    """A new token for the school, shown this once; earlier ones stop working."""
    token = f"rencana_push_{new_secret()}"

    async def work(_: object) -> str:
        await changes.hold([f"push {npsn}"])
        await push_credentials.revoke(npsn, at)
        await push_credentials.add(npsn, hash_of(token), at)
        return token

    return await in_unit_of_work(work)


async def revoke_push_tokens(npsn: str, at: datetime) -> int:
    """Stop every token of the school; the number that were alive."""
    return await push_credentials.revoke(npsn, at)


async def may_push(token: str, npsn: str) -> bool:
    """Whether the token is alive and of this school."""
    return await push_credentials.npsn_of(hash_of(token)) == npsn
