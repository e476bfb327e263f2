"""The questions of admins about trials."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import described
from services.planning.api.ids import parse_trial_id
from services.planning.api.types.trial import Trial, shown_trial
from services.planning.storage.trial import find
from services.planning.usecases.admin import admin_of


@strawberry.type
class TrialQueries:
    """Merged into Query."""

    @described("A trial of a version; null where there is none. For admins.")
    async def trial(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Trial | None:
        """One statement, and one more for each of its lists."""
        context = info.context
        admin_of(context.signed_in())
        tried = await find(parse_trial_id(id, ("id",)))
        return shown_trial(tried, context) if tried else None
