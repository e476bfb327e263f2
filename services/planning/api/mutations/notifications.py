"""What a person does with what they were told."""

from __future__ import annotations

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_notification_id
from services.planning.api.inputs import Given, MarkNotificationsReadInput
from services.planning.api.types.notification import NotificationsRead, NotificationsReadResult
from services.planning.usecases.notifications import mark_read


@strawberry.type
class Notifications:
    """Merged into Mutation."""

    @mutation(
        "Mark notifications of yours as read. Of what the dinas is told, every admin does so for themselves."
    )
    async def mark_notifications_read(
        self, info: Info, input: Given[MarkNotificationsReadInput]
    ) -> NotificationsReadResult:
        """All of them, or none."""
        context = info.context
        caller = context.signed_in()
        asked = [
            parse_notification_id(id, ("input", "ids", str(place)))
            for place, id in enumerate(input.ids[:101])
        ]
        return NotificationsRead(unread_count=await mark_read(context.planning, caller, asked))
