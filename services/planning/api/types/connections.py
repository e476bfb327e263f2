"""Pages of lists: Relay connections, forward only."""

from __future__ import annotations

from typing import Any, Generic, Self, TypeVar

import strawberry

Node = TypeVar("Node")


@strawberry.type(description="Whether more entries follow a page, and the cursor of its last entry.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more entries follow.")
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last entry of this page; null if the page is empty."
    )


@strawberry.type(description="An entry of a page with its cursor.")
class Edge(Generic[Node]):
    cursor: str = strawberry.field(description="Pass it as `after` to continue after this entry.")
    node: Node = strawberry.field(description="The entry.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Whether more follow, and the last cursor.")

    @classmethod
    def create(cls, edges: list[Edge[Node]], has_next_page: bool, **fields: Any) -> Self:
        """Return the page with these entries. `fields` are those that a subclass adds."""
        end_cursor = edges[-1].cursor if edges else None
        return cls(
            edges=edges, page_info=PageInfo(has_next_page=has_next_page, end_cursor=end_cursor), **fields
        )
