"""The interface of every object that has a global id."""

from __future__ import annotations

import strawberry


@strawberry.interface(description="An object with a global id. `node(id)` loads it again.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque global id. It belongs to this object only and never changes."
    )
