"""The partner's question: where the plans of these teachers stand.

Whoever is unknown, has no plan, or has one beyond the asker's limits is answered alike, and after the same statements:
limits are held against what was found before anything else is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Territory
from services.planning.people.model import School, TeacherKey
from services.planning.people.services import Services
from services.planning.period.queries import get_period
from services.planning.status.model import PlanDates, StoredStatus, find_dates
from services.planning.status.store import select_statuses
from workflows.model.definition import State

MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """One plan of a period, its state as its own workflow names it."""

    period: str
    stored: StoredStatus
    state: State
    dates: PlanDates


async def list_statuses(
    services: Services, within: Territory, keys: Sequence[TeacherKey], code: str | None
) -> list[PlanStatus | None]:
    """One answer for each key, in their order. RequestRefused for too many keys and for a period that there is not."""
    if len(keys) > MAX_KEYS:
        raise RequestRefused(Problem("status.too_many", {"most": MAX_KEYS}, ("keys",)))
    used = await get_period(services, code)
    people = await _people(services, keys)
    found = await select_statuses(
        used.period.code, {ptk_id for ptk_id in people if ptk_id}, services.connection
    )
    seen = {
        ptk_id: await _status(services, used.period.code, stored)
        for ptk_id, stored in found.items()
        if _is_within(within, stored.school)
    }
    return [seen.get(ptk_id) if ptk_id else None for ptk_id in people]


async def _people(services: Services, keys: Sequence[TeacherKey]) -> list[str | None]:
    """Whom each key means; identity is asked once, and only where a key is a number of its."""
    numbers = [key.as_number for key in keys if key.as_number]
    named = iter(await services.identity.people(numbers) if numbers else ())
    return [next(named) if key.as_number else key.ptk_id for key in keys]


async def _status(services: Services, period: str, stored: StoredStatus) -> PlanStatus:
    workflow = await services.workflows.get(stored.workflow, services.connection)  # kept in memory
    definition = workflow.definition
    course = find_dates(stored.moves, lambda name: definition.state(name).phase)
    return PlanStatus(period, stored, definition.state(stored.state), course)


def _is_within(within: Territory, school: School) -> bool:
    return within.covers(school.npsn, school.provinsi, school.kabupaten_kota)
