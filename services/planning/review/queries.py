"""The queue of a head (definitif or Plt): the plans of the headed schools, with counts by phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.paging import check_page_size
from services.kit.problems import Problem
from services.planning.callers.model import Caller, CallerNotAllowed
from services.planning.people.services import Services
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period, local_today
from services.planning.review import store
from services.planning.review.model import QueueEntry, QueuePlace, QueueScope
from workflows.model.definition import Phase


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Filters and page of a queue. `after` is the position of the last plan of the page before."""

    period: str | None = None
    phase: Phase | None = None
    name: str = ""
    size: int = 20
    after: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of plans, and the number of plans in each phase.

    has_more: whether more plans follow the page
    arriving_count: number of plans of teachers who came from another school, whose head still decides them
    earlier_period_count: number of plans that wait for the head in earlier periods
    cached_as_of: instant of the cached facts about the caller, if identity does not answer
    """

    setup: PeriodSetup
    entries: tuple[QueueEntry, ...]
    has_more: bool
    counts: Mapping[Phase, int]
    arriving_count: int
    earlier_period_count: int
    cached_as_of: datetime | None


async def load_queue(services: Services, caller: Caller, npsn: str | None, request: QueueRequest) -> Queue:
    """Load a page of the caller's queue, of the school `npsn` or of all schools that the caller heads.

    Raises CallerNotAllowed if the caller heads no school, or not this one, and RequestRefused as `load_school_queue`.
    """
    answer = await services.identity.teacher(caller.ptk_id) if caller.ptk_id else None
    npsns = answer.facts.heads if answer else ()
    if answer is None or not npsns:
        raise CallerNotAllowed(Problem("review.heads_no_school"))
    if npsn is not None and npsn not in npsns:
        raise CallerNotAllowed(Problem("actor.not_head", {"npsn": npsn}, ("filter", "npsn")))
    cached_as_of = answer.as_of if answer.is_cached else None
    return await load_school_queue(
        services, answer.facts.ptk_id, [npsn] if npsn else npsns, cached_as_of, request
    )


async def load_school_queue(
    services: Services,
    reviewer: str,
    npsns: Sequence[str],
    cached_as_of: datetime | None,
    request: QueueRequest,
) -> Queue:
    """Load a page of the plans of schools that the reviewer heads.

    Raises RequestRefused `page.size`, `period.unknown` or `period.none_now`.
    """
    check_page_size(request.size)
    setup = await get_period(services, request.period, ("filter", "period"))
    is_running = local_today(services, None) <= setup.period.ends
    scope = QueueScope(setup.period.code, sorted(npsns), reviewer, is_running)
    rows = await store.count_queue(scope, setup.period.starts, services.connection)
    counts: dict[QueuePlace, Counter[Phase]] = {place: Counter() for place in QueuePlace}
    states = set()
    for row in rows:
        workflow = await services.workflows.get(row.workflow, services.connection)
        phase = workflow.definition.state(row.state).phase
        counts[row.place][phase] += row.plan_count
        if request.phase in {None, phase} and row.place is not QueuePlace.EARLIER_PERIOD:
            states.add((row.workflow, row.state))
    entries = await store.select_queue(
        scope, sorted(states), request.name.strip(), request.after, request.size + 1, services.connection
    )
    return Queue(
        setup=setup,
        entries=tuple(entries[: request.size]),
        has_more=len(entries) > request.size,
        counts=counts[QueuePlace.SCHOOL],
        arriving_count=counts[QueuePlace.ARRIVING].total(),
        earlier_period_count=counts[QueuePlace.EARLIER_PERIOD][Phase.SUBMITTED],
        cached_as_of=cached_as_of,
    )
