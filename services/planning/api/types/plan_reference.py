"""References from other objects to a plan, by its key. The plans of an answer are loaded in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from services.planning.api.context import Context

if TYPE_CHECKING:
    from services.planning.api.types.plan import Plan

PlanReference = Annotated["Plan", strawberry.lazy("services.planning.api.types.plan")]


async def resolve_reference(ptk_id: str, period: str, context: Context) -> Plan | None:
    """Resolve a plan, or None if the caller cannot see it."""
    # The type of the plan has fields of the types that refer to it.
    from services.planning.api.types.plan import resolve_plan

    plan = await context.loaders.plans.load((ptk_id, period))
    return await resolve_plan(plan, context) if plan else None
