"""The superior's queue: the plans of the schools one heads, as definitif or as Plt, with counts by phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.kit.paging import check_page_size
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people.services import Services
from services.planning.period.queries import get_period, local_today
from services.planning.review import store
from services.planning.review.model import QueuedPlan, QueueScope
from workflows.model.definition import Phase, State


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """What is asked for: filters, and where to go on (`after` is the name and ptk_id of the last plan seen)."""

    period: str | None = None
    npsn: str | None = None
    phase: Phase | None = None
    name: str = ""
    size: int = 20
    after: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Queue:
    """A page, whether more follow it, the states of its plans, and how many plans there are in each phase.

    `arriving` counts those of teachers who came from elsewhere: in the pages, and for another head to decide.
    `kept_as_of`: identity is away, and this is how old what it last said of the caller is.
    """

    period: str
    plans: tuple[QueuedPlan, ...]
    has_more: bool
    states: Mapping[tuple[str, str], State]
    counts: Mapping[Phase, int]
    arriving: int
    kept_as_of: datetime | None


async def load_queue(services: Services, caller: Caller, wanted: QueueRequest) -> Queue:
    """The queue of this caller. Refused to whoever heads no school (or not this one), and for a page out of bounds."""
    check_page_size(wanted.size)
    headed, kept_as_of = await _headed(services, caller, wanted.npsn)
    used = await get_period(services, wanted.period)
    running = local_today(services, None) <= used.period.ends
    scope = QueueScope(used.period.code, headed, str(caller.ptk_id), running)
    counted = await store.count_queue(scope, services.connection)
    built = {row.workflow: await services.workflows.get(row.workflow, services.connection) for row in counted}
    states = {(row.workflow, row.state): built[row.workflow].definition.state(row.state) for row in counted}
    counts = Counter[Phase]()
    for row in counted:
        if row.is_here:
            counts[states[row.workflow, row.state].phase] += row.plans
    arriving = sum(row.plans for row in counted if not row.is_here)
    chosen = [key for key, state in states.items() if wanted.phase in {None, state.phase}]
    found = await store.select_queue(
        scope, chosen, wanted.name.strip(), wanted.after, wanted.size + 1, services.connection
    )
    more = len(found) > wanted.size
    return Queue(scope.period, tuple(found[: wanted.size]), more, states, counts, arriving, kept_as_of)


async def _headed(
    services: Services, caller: Caller, npsn: str | None
) -> tuple[tuple[str, ...], datetime | None]:
    """The schools that the caller heads, those of `npsn`; and as of when, where identity is away."""
    known = await services.identity.teacher(caller.ptk_id) if caller.ptk_id else None
    headed = known.facts.heads if known else ()
    if known is None or not headed:
        raise RequestRefused(Problem("review.heads_no_school"))
    if npsn is not None and npsn not in headed:
        raise RequestRefused(Problem("actor.not_head", {"npsn": npsn}, ("npsn",)))
    return (npsn,) if npsn else headed, known.as_of if known.is_cached else None
