"""The history of a plan: its events in sentences, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import strawberry

from services.kit.problems import Messages, Problem
from services.planning.api.context import Context
from services.planning.api.ids import encode_cursor, parse_numbered_cursor
from services.planning.api.types.connections import Edge, PageInfo, create_page_info
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

HISTORY_LIST = "history"  # names the list in a cursor, so that it is invalid in another list


*_KINDS, _LAST_KIND = KINDS


@strawberry.type(description="The person or system that changed a plan.")
class HistoryActor:
    role: PlanRole = strawberry.field(description="The role in which they acted.")
    nama: str | None = strawberry.field(
        description="Name of the teacher, or of the head at that time. Null for admins and the system, and after "
        "erasure."
    )


@strawberry.type(description="The school on whose behalf a head acted.")
class OnBehalfOf:
    npsn: str = strawberry.field(description="NPSN of the school.")
    head: HeadKind = strawberry.field(description="How the school was headed.")


@strawberry.type(description="An event of a plan. It never changes.")
class HistoryEntry:
    version: int = strawberry.field(description="Version of the plan after the event.")
    at: datetime = strawberry.field(description="When it happened.")
    kind: str = strawberry.field(
        description=f"{', '.join(f'`{kind}`' for kind in _KINDS)} or `{_LAST_KIND}`; others may be added."
    )
    sentence: str = strawberry.field(
        description="The event as a sentence, with its time in the time zone of the school."
    )
    actor: HistoryActor = strawberry.field(description="Who acted.")
    on_behalf_of: OnBehalfOf | None = strawberry.field(
        description="The school, if its head acted; null otherwise."
    )
    reason: str | None = strawberry.field(
        description="The reason or note as it was written. Null without one, and after erasure."
    )
    erased: bool = strawberry.field(description="Whether a personal text of the event was erased.")
    from_state: PlanState | None = strawberry.field(
        description="State before the event; null for the first event."
    )
    to_state: PlanState | None = strawberry.field(
        description="State after the event; null if the workflow version does not have it."
    )
    exceptional: bool = strawberry.field(description="Whether the transition is outside the normal course.")
    acknowledged: list[WarningCode] = strawberry.field(
        description="Codes of the warnings that were accepted."
    )


@strawberry.type(description="An event with its cursor.")
class HistoryEdge(Edge[HistoryEntry]):
    pass


@strawberry.type(description="A page of the events of a plan, newest first.")
class PlanHistory:
    edges: list[HistoryEdge] = strawberry.field(description="The events of this page.")
    page_info: PageInfo = strawberry.field(description="Whether more follow, and the last cursor.")


async def resolve_history(plan: Plan, context: Context, first: int, after: str | None) -> PlanHistory:
    """Resolve a page of a plan's history. Raises RequestRefused `page.size` or `cursor.invalid`."""
    history = await load_history(context.services, plan, first, parse_numbered_cursor(after, HISTORY_LIST))
    edges = [
        HistoryEdge(
            cursor=encode_cursor(HISTORY_LIST, str(entry.event.version)),
            node=_render_entry(entry, history.context, context),
        )
        for entry in history.events
    ]
    page_info = create_page_info(edges, history.has_more, after)
    return PlanHistory(edges=edges, page_info=page_info)


def _render_entry(entry: HistoryEvent, setting: HistoryContext, context: Context) -> HistoryEntry:
    event, language, behalf = entry.event, context.language, entry.event.actor.on_behalf_of
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
    """Return the sentence of a problem. Its values can be problems and labels, which are rendered first."""
    values: Mapping[str, object] = {
        name: compose_sentence(value, messages, language)
        if isinstance(value, Problem)
        else getattr(value, language)
        if isinstance(value, Label)
        else value
        for name, value in problem.params.items()
    }
    return messages.text(Problem(problem.code, values), language)
