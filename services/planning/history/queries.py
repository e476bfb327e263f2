"""Questions about the history of a plan: a page of events, and the changes since the last submission."""

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
    """A page of events, newest first, whether older ones follow, and the context of their sentences."""

    events: tuple[HistoryEvent, ...]
    has_more: bool
    context: HistoryContext


async def load_history(services: Services, plan: Plan, size: int, before: int | None) -> History:
    """Load up to `size` events before a version (None: from the newest), with one or two statements.

    Raises RequestRefused `page.size` if `size` is out of bounds.
    """
    check_page_size(size)
    end = plan.version + 1
    rows = await store.select_events(
        plan.ptk_id, plan.period, min(before or end, end), size + 1, services.connection
    )
    page = rows[:size]
    schools = {plan.school.npsn: plan.school}
    if any(row.event.npsn != plan.school.npsn or moved_from(row.event) for row in page):
        former = await store.select_schools(plan.ptk_id, plan.period, services.connection)
        schools = {school.npsn: school for school in former} | schools
    workflows = {
        sha256: await services.workflows.get(sha256, services.connection)
        for sha256 in {row.event.workflow for row in page}
    }
    events = tuple(
        HistoryEvent(row.event, row.texts, row.is_erased, workflows[row.event.workflow].definition)
        for row in page
    )
    return History(events, len(rows) > size, HistoryContext(plan.ptk_id, plan.profile.nama.value, schools))


async def changes_since_last_submission(
    view: PlanView, connection: Connection
) -> tuple[ChangeDescription, ...] | None:
    """Compare a draft with the last submission, and the last submission of any other plan with the one before it.

    Returns None if there is nothing to compare with: too few submissions, or erased texts.
    """
    plan = view.plan
    submissions = await store.select_last_submissions(plan.ptk_id, plan.period, connection)
    if view.state.phase is Phase.DRAFT:
        submissions = [Submission(plan.content, plan.profile, plan.school), *submissions]
    match submissions:
        case [Submission() as new, Submission() as old, *_]:
            return tuple(describe_change(change, view.catalog) for change in compare_submissions(old, new))
    return None
