"""Pages of lists: Relay connections, forward only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Self, TypeVar

import strawberry
from strawberry.federation.schema_directives import Shareable

from services.planning.api.fields import field

Item = TypeVar("Item")


@strawberry.type(description="The place of a page in its list.", directives=[Shareable()])
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more entries follow.")
    has_previous_page: bool = strawberry.field(description="Whether entries come before this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first entry of this page; null if the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last entry of this page; null if the page is empty."
    )


@strawberry.type(description="An entry of a page with its cursor.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="Pass it as `after` to continue after this entry.")
    node: Item = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Item]):
    edges: list[Edge[Item]] = strawberry.field(description="The entries of this page with their cursors.")
    page_info: PageInfo = strawberry.field(description="The place of this page in the list.")

    @field("The entries of this page.")
    def nodes(self) -> list[Item]:
        return [edge.node for edge in self.edges]

    @classmethod
    def create(cls, edges: list[Edge[Item]], has_next_page: bool, after: str | None, **fields: Any) -> Self:
        """Return the page that follows the cursor `after`. `fields` are those that a subclass adds."""
        return cls(edges=edges, page_info=create_page_info(edges, has_next_page, after), **fields)


def create_page_info(edges: Sequence[Edge[Any]], has_next_page: bool, after: str | None) -> PageInfo:
    """Return the place of the page that follows the cursor `after`."""
    return PageInfo(
        has_next_page=has_next_page,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
