"""What types of several features use: pages, scalars, addresses of actors."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

import strawberry

from services.planning.api.context import Context


@strawberry.type(description="Where a page ends.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last entry of this page.")


WarningCode = NewType("WarningCode", str)
WARNING_CODE = strawberry.scalar(
    name="WarningCode",
    description="The code of a warning, as an `UnacknowledgedWarning` carries it.",
    serialize=str,
    parse_value=str,
)


ADDRESS = (
    "The belajar.id address, where it is an admin's account. For admins; null for others, for operators and releases, "
    "and while identity is away."
)


async def find_address(account: str, context: Context) -> str | None:
    """The address of an account's id; None for anything else, and for whoever is no admin."""
    if "admin" not in context.require_caller().scopes or not _is_id(account):
        return None
    return await context.services.identity.address(account)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
