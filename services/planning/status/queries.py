"""The question of a partner: the status of the plans of given teachers.

An unknown teacher, a teacher without a plan and a plan outside the partner's territory have the same answer, after the
same statements: the territory is checked before anything else is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Territory
from services.planning.people.model import TeacherKey
from services.planning.people.services import Services
from services.planning.period.model import PeriodSetup
from services.planning.period.queries import get_period
from services.planning.status.model import PlanDates, StoredStatus, find_dates
from services.planning.status.store import select_statuses
from workflows.model.definition import State

MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """The status of a plan, with its state as its workflow version defines it."""

    plan: StoredStatus
    state: State
    dates: PlanDates


async def list_statuses(
    services: Services, territory: Territory, keys: Sequence[TeacherKey], period: str | None
) -> tuple[PeriodSetup, list[PlanStatus | None]]:
    """Return the period, and the status for each key in their order.

    Raises RequestRefused for more than MAX_KEYS keys and for an unknown period.
    """
    if len(keys) > MAX_KEYS:
        raise RequestRefused(Problem("status.too_many", {"most": MAX_KEYS}, ("keys",)))
    setup = await get_period(services, period)
    ptk_ids = await _find_teachers(services, keys)
    rows = await select_statuses(
        setup.period.code, {ptk_id for ptk_id in ptk_ids if ptk_id}, services.connection
    )
    statuses = {
        ptk_id: await _load_status(services, row)
        for ptk_id, row in rows.items()
        if territory.covers(row.school.npsn, row.school.provinsi, row.school.kabupaten_kota)
    }
    return setup, [statuses.get(ptk_id) if ptk_id else None for ptk_id in ptk_ids]


async def _find_teachers(services: Services, keys: Sequence[TeacherKey]) -> list[str | None]:
    """Return the ptk_id of each key. Identity is asked once, and only for keys that hold another number."""
    numbers = [key.as_number for key in keys if key.as_number]
    people = iter(await services.identity.people(numbers) if numbers else ())
    return [next(people) if key.as_number else key.ptk_id for key in keys]


async def _load_status(services: Services, row: StoredStatus) -> PlanStatus:
    definitions = {
        sha256: (await services.workflows.get(sha256, services.connection)).definition
        for sha256 in {row.workflow, *(change.workflow for change in row.changes)}
    }
    dates = find_dates(row.changes, lambda change: definitions[change.workflow].state(change.to).phase)
    return PlanStatus(row, definitions[row.workflow].state(row.state), dates)
