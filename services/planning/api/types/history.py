"""The history of a plan: its events in sentences, newest first."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from services.planning.api.context import Context
from services.planning.api.ids import encode_cursor, parse_numbered_cursor
from services.planning.api.types.actors import Actor, ActorRole
from services.planning.api.types.connections import Connection, Edge
from services.planning.api.types.people import HeadKind, SatuanPendidikan, reference_school, render_school
from services.planning.api.types.plan_state import PlanState, render_state
from services.planning.api.types.problems import WarningCode
from services.planning.callers.model import Caller
from services.planning.history.model import (
    HistoryContext,
    HistoryEvent,
    compose_sentences,
    find_actor_name,
    find_actor_role,
)
from services.planning.history.queries import load_history
from services.planning.plan.event_kinds import TransitionFired, UnknownEvent
from services.planning.plan.model import Plan

HISTORY_LIST = "history"  # names the list in a cursor, so that it is invalid in another list


@strawberry.enum(
    description="The kind of an event. Values can be added: show the sentence of an unknown one."
)
class HistoryEntryKind(Enum):
    STARTED = strawberry.enum_value("started", description="The owner started the plan (*Mulai*).")
    PROFILE_REFRESHED = strawberry.enum_value(
        "profile_refreshed", description="Data diri or the school followed a change in Dapodik."
    )
    PROFILE_CONFIRMED = strawberry.enum_value(
        "profile_confirmed", description="The owner confirmed data diri."
    )
    PROFILE_CORRECTED = strawberry.enum_value(
        "profile_corrected", description="The owner corrected data diri."
    )
    TAB_SAVED = strawberry.enum_value("tab_saved", description="The owner saved a tab.")
    TRANSITION = strawberry.enum_value("transition", description="A person or the system fired a transition.")
    MIGRATED = strawberry.enum_value("migrated", description="The plan got another workflow version.")
    MIGRATION_UNDONE = strawberry.enum_value(
        "migration_undone", description="The plan got its former workflow version again."
    )
    TEXTS_ERASED = strawberry.enum_value("texts_erased", description="Personal texts were erased.")
    OTHER = strawberry.enum_value("other", description="An event of a later release.")


@strawberry.type(description="The school on whose behalf a head acted.")
class OnBehalfOf:
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="The school.")
    head_kind: HeadKind = strawberry.field(description="How the school was headed.")


@strawberry.type(description="An event of a plan. It never changes, but its texts can be erased.")
class HistoryEntry:
    version: int = strawberry.field(description="Version of the plan after the event.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    kind: HistoryEntryKind = strawberry.field(description="The kind of the event.")
    sentence: str = strawberry.field(
        description="The event as a sentence, with its time in the time zone of the school."
    )
    actor: Actor = strawberry.field(description="Who acted.")
    on_behalf_of: OnBehalfOf | None = strawberry.field(
        description="The school, if its head acted; null otherwise."
    )
    reason: str | None = strawberry.field(
        description="The reason or note as it was written. Null without one, and after erasure."
    )
    is_erased: bool = strawberry.field(description="Whether a personal text of the event was erased.")
    from_state: PlanState | None = strawberry.field(
        description="State before the event; null for the first event."
    )
    to_state: PlanState | None = strawberry.field(
        description="State after the event; null if the workflow version does not have it."
    )
    is_exceptional: bool = strawberry.field(
        description="Whether the transition is outside the normal course."
    )
    acknowledged_warnings: list[WarningCode] = strawberry.field(
        description="Codes of the warnings that were accepted."
    )


async def resolve_history(
    plan: Plan, context: Context, first: int, after: str | None
) -> Connection[HistoryEntry]:
    """Resolve a page of a plan's history. Raises RequestRefused `page.size` or `cursor.invalid`."""
    history = await load_history(context.services, plan, first, parse_numbered_cursor(after, HISTORY_LIST))
    edges = [
        Edge(
            cursor=encode_cursor(HISTORY_LIST, str(entry.event.version)),
            node=_render_entry(entry, history.context, context),
        )
        for entry in history.events
    ]
    return Connection.create(edges, history.has_more, after)


def _render_entry(entry: HistoryEvent, setting: HistoryContext, context: Context) -> HistoryEntry:
    event, language, behalf = entry.event, context.language, entry.event.actor.on_behalf_of
    before, after = entry.from_state, entry.to_state
    transition = event.data if isinstance(event.data, TransitionFired) else None
    kind = "other" if isinstance(event.data, UnknownEvent) else event.kind
    sentences = (context.messages.text(problem, language) for problem in compose_sentences(entry, setting))
    return HistoryEntry(
        version=event.version,
        occurred_at=event.at,
        kind=HistoryEntryKind(kind),
        sentence=" ".join(sentences),
        actor=_render_actor(entry, setting, context.require_caller()),
        on_behalf_of=OnBehalfOf(
            satuan_pendidikan=_render_school(behalf.npsn, setting), head_kind=HeadKind(behalf.head.value)
        )
        if behalf
        else None,
        reason=entry.reason,
        is_erased=entry.is_erased,
        from_state=render_state(before, language) if before else None,
        to_state=render_state(after, language) if after else None,
        is_exceptional=transition is not None and transition.exceptional,
        acknowledged_warnings=[
            WarningCode(code) for code in (transition.acknowledged_warnings if transition else ())
        ],
    )


def _render_actor(entry: HistoryEvent, setting: HistoryContext, caller: Caller) -> Actor:
    actor, role = entry.event.actor, ActorRole(find_actor_role(entry, setting).value)
    is_same_person = actor.ptk_id is not None and actor.ptk_id == caller.ptk_id
    return Actor(
        account_id=actor.account if role in {ActorRole.DINAS, ActorRole.ADMIN} else None,
        role=role,
        nama=find_actor_name(entry, setting),
        is_viewer=is_same_person or actor.account == caller.account,
    )


def _render_school(npsn: str, setting: HistoryContext) -> SatuanPendidikan:
    school = setting.schools.get(npsn)
    return render_school(school) if school else reference_school(npsn)
