"""Objects by their global ids. Each type has one loader, with the access rules of its other entrances."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated

import strawberry

from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.ids import parse_plan_id, parse_type
from services.planning.api.types.catalog import Catalog, resolve_catalogs
from services.planning.api.types.comments import Comment, load_comment_nodes
from services.planning.api.types.node import Node
from services.planning.api.types.plan import Plan, resolve_plan

MAX_IDS = 100

Loader = Callable[[Context, Sequence[str]], Awaitable[Sequence[Node | None]]]


async def _load_plans(context: Context, ids: Sequence[str]) -> list[Node | None]:
    context.require_caller()
    plans = await context.loaders.plans.load_many([parse_plan_id(id, ("id",)) for id in ids])
    return [await resolve_plan(plan, context) if plan else None for plan in plans]


# A loader gets the ids of one type, so that it can load them in one statement.
LOADERS: Mapping[type[Node], Loader] = {
    Catalog: resolve_catalogs,
    Comment: load_comment_nodes,
    Plan: _load_plans,
}


@strawberry.type
class NodeQueries:
    @field(
        "An object by its global id. Null if it does not exist or you cannot see it; the answer does not tell which."
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Global id.")]
    ) -> Node | None:
        (node,) = await load_nodes(info.context, [id], lambda _: ("id",))
        return node

    @field("Up to 100 objects by their global ids, in the order of the ids. Entries are null as in `node`.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids.")]
    ) -> list[Node | None]:
        if len(ids) > MAX_IDS:
            raise RequestRefused(Problem("ids.too_many", {"most": MAX_IDS}, ("ids",)))
        return await load_nodes(info.context, ids, lambda index: ("ids", str(index)))


async def load_nodes(
    context: Context,
    ids: Sequence[str],
    path_of: Callable[[int], tuple[str, ...]],
) -> list[Node | None]:
    """Load objects in the order of their ids. Raises RequestRefused `id.invalid` for an id of no known type."""
    context.require_caller()
    kind_by_name = {kind.__name__: kind for kind in LOADERS}
    ids_by_kind: dict[type[Node], list[str]] = {}
    for index, id in enumerate(ids):
        kind = kind_by_name[parse_type(id, kind_by_name, path_of(index))]
        ids_by_kind.setdefault(kind, []).append(id)
    nodes: dict[str, Node | None] = {}
    for kind, ids_of_kind in ids_by_kind.items():
        nodes |= zip(ids_of_kind, await LOADERS[kind](context, ids_of_kind), strict=True)
    return [nodes[id] for id in ids]
