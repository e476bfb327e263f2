"""Questions about a plan's history: a page of events, and what changed since the last submission."""

from __future__ import annotations

from dataclasses import dataclass

from services.kit.database import Connection
from services.kit.paging import check_page_size
from services.planning.history import store
from services.planning.history.model import HistoryContext, HistoryEvent, moved_from
from services.planning.people.services import Services
from services.planning.plan.content_change import ChangeDescription, compare_submissions, describe_change
from services.planning.plan.erasable_text import Submission
from services.planning.plan.model import Plan
from services.planning.plan.queries import PlanView
from workflows.model.definition import Phase


@dataclass(frozen=True, slots=True)
class History:
    """A page of events, newest first; whether older ones follow; and what their sentences need."""

    events: tuple[HistoryEvent, ...]
    has_more: bool
    context: HistoryContext


async def load_history(services: Services, plan: Plan, size: int, before: int | None) -> History:
    """Up to `size` events before a version (None: the newest first). Refused for a page out of bounds.

    Two statements at most, and one where the plan never moved to another school.
    """
    check_page_size(size)
    newest = plan.version + 1
    rows = await store.select_events(
        plan.ptk_id, plan.period, min(before or newest, newest), size + 1, services.connection
    )
    shown = rows[:size]
    schools = {plan.school.npsn: plan.school}
    if any(row.event.npsn != plan.school.npsn or moved_from(row.event) for row in shown):
        stood_at = await store.select_schools(plan.ptk_id, plan.period, services.connection)
        schools = {school.npsn: school for school in stood_at} | schools
    workflows = {
        sha256: await services.workflows.get(sha256, services.connection)
        for sha256 in {r.event.workflow for r in shown}
    }
    events = tuple(
        HistoryEvent(row.event, row.texts, row.is_erased, workflows[row.event.workflow].definition)
        for row in shown
    )
    return History(events, len(rows) > size, HistoryContext(plan.ptk_id, plan.profile.nama.value, schools))


async def changes_since_last_submission(
    view: PlanView, connection: Connection
) -> tuple[ChangeDescription, ...] | None:
    """A draft against the last submission, any other plan's last submission against the one before it, in words.

    None where there is nothing to compare with: no submission yet, only one, or its text was erased.
    """
    plan = view.plan
    states = await store.select_last_submissions(plan.ptk_id, plan.period, connection)
    if view.state.phase is Phase.DRAFT:
        states = [Submission(plan.content, plan.profile, plan.school), *states]
    match states:
        case [Submission() as new, Submission() as old, *_]:
            return tuple(describe_change(change, view.catalog) for change in compare_submissions(old, new))
    return None
