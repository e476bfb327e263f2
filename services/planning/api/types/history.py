"""A plan's history as GraphQL shows it: a keyset connection of sentences, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import strawberry

from services.kit.problems import Messages, Problem
from services.planning.api.context import Context
from services.planning.api.ids import encode_cursor, parse_numbered_cursor
from services.planning.api.types.connections import Edge, PageInfo
from services.planning.api.types.people import HeadKind, PlanRole
from services.planning.api.types.plan_state import PlanState, render_state
from services.planning.api.types.problems import WarningCode
from services.planning.history.model import (
    HistoryContext,
    HistoryEvent,
    compose_sentences,
    find_actor_name,
    find_actor_role,
)
from services.planning.history.queries import load_history
from services.planning.plan.event_kinds import KINDS, TransitionFired
from services.planning.plan.model import Plan
from workflows.model.definition import Label
from workflows.model.messages import Language

PLACE = "history"  # beside the version, so that a cursor of another list is none of this one


*_KINDS, _LAST_KIND = KINDS


@strawberry.type(description="Who changed a plan.")
class HistoryActor:
    role: PlanRole = strawberry.field(description="As whom.")
    nama: str | None = strawberry.field(
        description="The teacher's name, or the head's as it was then; null for admins and the system, and once erased."
    )


@strawberry.type(description="On whose behalf the head of a school acted.")
class OnBehalfOf:
    npsn: str = strawberry.field(description="The school.")
    head: HeadKind = strawberry.field(description="By whom it was headed.")


@strawberry.type(description="One event of a plan: what happened, once and for all.")
class HistoryEntry:
    version: int = strawberry.field(description="The version that the plan had from then on.")
    at: datetime = strawberry.field(description="When.")
    kind: str = strawberry.field(
        description=f"{', '.join(f'`{kind}`' for kind in _KINDS)} or `{_LAST_KIND}`; others may be added."
    )
    sentence: str = strawberry.field(
        description="Who, on whose behalf, what, why, and when where the school stands (WIB, WITA, WIT)."
    )
    actor: HistoryActor = strawberry.field(description="Who.")
    on_behalf_of: OnBehalfOf | None = strawberry.field(description="Null unless the head of a school acted.")
    reason: str | None = strawberry.field(
        description="What was written with it, to the letter; null if nothing was, or once erased."
    )
    erased: bool = strawberry.field(description="Whether a personal text of this event was erased.")
    from_state: PlanState | None = strawberry.field(description="The state before; null for the first event.")
    to_state: PlanState | None = strawberry.field(
        description="The state from then on; null where its workflow no longer names it."
    )
    exceptional: bool = strawberry.field(description="Not part of the normal course.")
    acknowledged: list[WarningCode] = strawberry.field(description="The warnings that were accepted.")


@strawberry.type(description="An event and its place in the history.")
class HistoryEdge(Edge[HistoryEntry]):
    pass


@strawberry.type(description="What happened to a plan, newest first.")
class PlanHistory:
    edges: list[HistoryEdge] = strawberry.field(description="The events of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


async def resolve_history(plan: Plan, context: Context, first: int, after: str | None) -> PlanHistory:
    """Resolve a page of a plan's history. Raises RequestRefused `page.size` or `cursor.invalid`."""
    history = await load_history(context.services, plan, first, parse_numbered_cursor(after, PLACE))
    edges = [
        HistoryEdge(
            cursor=encode_cursor(PLACE, str(entry.event.version)),
            node=_render_entry(entry, history.context, context),
        )
        for entry in history.events
    ]
    page_info = PageInfo(has_next_page=history.has_more, end_cursor=edges[-1].cursor if edges else None)
    return PlanHistory(edges=edges, page_info=page_info)


def _render_entry(entry: HistoryEvent, setting: HistoryContext, context: Context) -> HistoryEntry:
    event, language, behalf = entry.event, context.language, entry.event.by.on_behalf_of
    before, after = entry.from_state, entry.to_state
    transition = event.data if isinstance(event.data, TransitionFired) else None
    sentences = (
        compose_sentence(problem, context.messages, language) for problem in compose_sentences(entry, setting)
    )
    return HistoryEntry(
        version=event.version,
        at=event.at,
        kind=event.kind,
        sentence=" ".join(sentences),
        actor=HistoryActor(
            role=PlanRole(find_actor_role(entry, setting).value), nama=find_actor_name(entry, setting)
        ),
        on_behalf_of=OnBehalfOf(npsn=behalf.npsn, head=HeadKind(behalf.head.value)) if behalf else None,
        reason=entry.reason,
        erased=entry.is_erased,
        from_state=render_state(before, language) if before else None,
        to_state=render_state(after, language) if after else None,
        exceptional=transition is not None and transition.exceptional,
        acknowledged=[WarningCode(code) for code in (transition.acknowledged_warnings if transition else ())],
    )


def compose_sentence(problem: Problem, messages: Messages, language: Language) -> str:
    """A sentence whose values may be phrases and labels themselves."""
    values: Mapping[str, object] = {
        name: compose_sentence(value, messages, language)
        if isinstance(value, Problem)
        else getattr(value, language)
        if isinstance(value, Label)
        else value
        for name, value in problem.params.items()
    }
    return messages.text(Problem(problem.code, values), language)
