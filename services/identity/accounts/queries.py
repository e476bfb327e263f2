"""Whose act it was: the address behind an account's id."""

from __future__ import annotations

from uuid import UUID

from services.identity.people import store as people_store
from services.kit.database import Connection
from services.kit.problems import Problem, RequestRefused


async def answer_account(account_id: UUID, connection: Connection) -> dict[str, str]:
    """The account's id and belajar.id address, both for good, open or closed; RequestRefused `account.unknown`."""
    account = await people_store.find_account(account_id, connection)
    if account is None:
        raise RequestRefused(Problem("account.unknown", path=("account_id",)))
    return {"id": str(account.id), "email": account.email}
