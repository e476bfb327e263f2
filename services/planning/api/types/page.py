"""Where a page of a list ends, the same for every connection."""

from __future__ import annotations

import strawberry


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """As in Relay's connections; forward only."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last entry of this page.")
