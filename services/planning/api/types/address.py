"""Whose act it was, as admins know each other: by address, which identity tells and planning does not store."""

from __future__ import annotations

from uuid import UUID

from services.planning.api.context import Context

ADDRESS = (
    "The belajar.id address, where it is an admin's account. For admins; null for others, for operators and releases, "
    "and while identity is away."
)


async def address_of(account: str, context: Context) -> str | None:
    """The address of an account's id; None for anything else, and for whoever is no admin."""
    if "admin" not in context.signed_in().scopes or not _is_id(account):
        return None
    return await context.planning.identity.address(account)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
