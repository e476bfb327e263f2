"""What a plan says now and did not say before: what the superior has not seen yet."""

from __future__ import annotations

from tortoise.backends.base.client import BaseDBAsyncClient

from services.planning.domain.content_change import ContentChange, changes, in_words
from services.planning.domain.kept import HandedIn
from services.planning.history import store
from services.planning.usecases.view import PlanView
from workflows import Phase


async def changes_since_last_submission(
    view: PlanView, connection: BaseDBAsyncClient
) -> tuple[ContentChange, ...] | None:
    """A draft against the last submission, any other plan's last submission against the one before it, in words.

    None where there is nothing to compare with: no submission yet, only one, or its text was erased.
    """
    plan = view.plan
    states = await store.select_last_submissions(plan.ptk_id, plan.period, connection)
    if view.state.phase is Phase.DRAFT:
        states = [HandedIn(plan.content, plan.profile, plan.school), *states]
    match states:
        case [HandedIn() as new, HandedIn() as old, *_]:
            return tuple(in_words(change, view.catalog) for change in changes(old, new))
    return None
