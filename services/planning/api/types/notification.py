"""Notifications as GraphQL shows them: a keyset connection, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.planning.api.context import Context
from services.planning.api.ids import cursor, notification_id, parse_place, plan_id
from services.planning.api.types.page import PageInfo
from services.planning.api.types.result import Refused
from services.planning.storage.notification import NEWEST
from services.planning.usecases.notifications import Shown, notifications_of


@strawberry.type(description="Something that you were told of a plan, by one of its timers.")
class Notification:
    """In the reader's language, with the names of now."""

    id: strawberry.ID = strawberry.field(description="Opaque and global.")
    at: datetime = strawberry.field(description="When.")
    title: str = strawberry.field(description="What its timer is called.")
    sentence: str = strawberry.field(description="What it says.")
    plan_id: strawberry.ID = strawberry.field(
        description="The plan it is about. What you may see of it, facts of now decide."
    )
    read_at: datetime | None = strawberry.field(description="When you read it; null: not yet.")


@strawberry.type(description="A notification and its place in the list.")
class NotificationEdge:
    """As in Relay's connections."""

    cursor: str = strawberry.field(description="For `after`, to go on from here.")
    node: Notification = strawberry.field(description="The notification.")


@strawberry.type(description="What you were told, newest first.")
class NotificationConnection:
    """A page of it."""

    edges: list[NotificationEdge] = strawberry.field(description="The notifications of this page.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")
    unread_count: int = strawberry.field(
        description="How many of all you have not read; 1000: so many or more."
    )


@strawberry.type(description="The notifications are marked as read.")
class NotificationsRead:
    """Marking them again changes nothing."""

    unread_count: int = strawberry.field(
        description="How many of all you have not read now; 1000: so many or more."
    )


NotificationsReadResult = Annotated[
    NotificationsRead | Refused,
    strawberry.union("NotificationsReadResult", description="Marked, or every reason why not."),
]


async def shown_notifications(context: Context, first: int, after: str | None) -> NotificationConnection:
    """A page of the caller's notifications; Refused for a page out of bounds or a cursor of something else."""
    place = NEWEST
    if after:
        at, names = parse_place(after, ("after",), 1)
        place = at, names[0]
    found, more, unread = await notifications_of(context.planning, context.signed_in(), place, first)
    edges = [
        NotificationEdge(cursor=cursor(one.told.at.isoformat(), one.told.id), node=_shown(one, context))
        for one in found
    ]
    end = edges[-1].cursor if edges else None
    page = PageInfo(has_next_page=more, end_cursor=end)
    return NotificationConnection(edges=edges, page_info=page, unread_count=unread)


def _shown(one: Shown, context: Context) -> Notification:
    told = one.told
    return Notification(
        id=strawberry.ID(notification_id(told.id, told.at)),
        at=told.at,
        title=getattr(one.label, context.language),
        sentence=context.messages.text(one.sentence, context.language),
        plan_id=strawberry.ID(plan_id(told.ptk_id, told.period)),
        read_at=told.read_at,
    )
