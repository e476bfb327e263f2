"""The queue of a head (definitif or Plt): the plans of the headed schools, with counts by phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.kit.paging import check_page_size
from services.kit.problems import Problem
from services.planning.callers.model import Caller, CallerNotAllowed
from services.planning.people.services import Services
from services.planning.period.queries import get_period, local_today
from services.planning.review import store
from services.planning.review.model import QueuedPlan, QueueScope
from workflows.model.definition import Phase, State


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Filters and page of a queue. `after` is the name and ptk_id of the last plan of the page before."""

    period: str | None = None
    npsn: str | None = None
    phase: Phase | None = None
    name: str = ""
    size: int = 20
    after: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of plans, their states, and the number of plans in each phase.

    has_more: whether more plans follow the page
    arriving: number of plans of teachers who came from another school; the old school's head still decides them
    cached_as_of: age of the cached facts about the caller, if identity does not answer
    """

    period: str
    plans: tuple[QueuedPlan, ...]
    has_more: bool
    states: Mapping[tuple[str, str], State]
    counts: Mapping[Phase, int]
    arriving: int
    cached_as_of: datetime | None


async def load_queue(services: Services, caller: Caller, request: QueueRequest) -> Queue:
    """Load a page of the caller's queue.

    Raises RequestRefused if the caller heads no school, or not the one of the request, and `page.size`.
    """
    check_page_size(request.size)
    npsns, cached_as_of = await _load_headed_schools(services, caller, request.npsn)
    setup = await get_period(services, request.period)
    is_running = local_today(services, None) <= setup.period.ends
    scope = QueueScope(setup.period.code, sorted(npsns), str(caller.ptk_id), is_running)
    rows = await store.count_queue(scope, services.connection)
    states, counts = {}, Counter[Phase]()
    for row in rows:
        workflow = await services.workflows.get(row.workflow, services.connection)
        state = states[row.workflow, row.state] = workflow.definition.state(row.state)
        if row.is_at_school:
            counts[state.phase] += row.plans
    arriving = sum(row.plans for row in rows if not row.is_at_school)
    phase_states = [key for key, state in states.items() if request.phase in {None, state.phase}]
    plans = await store.select_queue(
        scope, phase_states, request.name.strip(), request.after, request.size + 1, services.connection
    )
    page, has_more = tuple(plans[: request.size]), len(plans) > request.size
    return Queue(scope.period, page, has_more, states, counts, arriving, cached_as_of)


async def _load_headed_schools(
    services: Services, caller: Caller, npsn: str | None
) -> tuple[tuple[str, ...], datetime | None]:
    """Return the schools that the caller heads, only `npsn` if given, and the age of the facts if they are cached."""
    answer = await services.identity.teacher(caller.ptk_id) if caller.ptk_id else None
    npsns = answer.facts.heads if answer else ()
    if answer is None or not npsns:
        raise CallerNotAllowed(Problem("review.heads_no_school"))
    if npsn is not None and npsn not in npsns:
        raise CallerNotAllowed(Problem("actor.not_head", {"npsn": npsn}, ("npsn",)))
    return (npsn,) if npsn else npsns, answer.as_of if answer.is_cached else None
