"""The confirmation by which the Plt of a school lets its teachers begin: one per school and period (Guide 11)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.kit.problems import RequestRefused
from services.planning.callers.model import Caller
from services.planning.people import store
from services.planning.people.access import check_freshness, find_plt_problems
from services.planning.people.services import Services
from services.planning.people.store import PltConfirmation
from services.planning.period.model import read_contract_values
from services.planning.period.queries import FALLBACK_ZONE, get_period


async def confirm_as_plt(
    services: Services, caller: Caller, npsn: str, period: str | None
) -> tuple[PltConfirmation, bool]:
    """Store the confirmation of a school's Plt. Asks identity who heads the school now.

    Returns the confirmation, and whether it was stored before. Raises RequestRefused with every reason.
    """
    setup = await get_period(services, period)
    school = await services.identity.school(npsn)
    facts = school.facts if school else None
    now = services.clock.now()
    today = now.astimezone(ZoneInfo((facts and facts.zone.value) or FALLBACK_ZONE)).date()
    values = read_contract_values(setup.workflow.definition, setup.period.parameters_at(now))
    if school and (problem := check_freshness(school.as_of, now, values.facts_max_age)):
        raise RequestRefused(problem)
    if problems := [*find_plt_problems(caller.ptk_id, facts, values.plt_confirmation_from, today)]:
        raise RequestRefused(problems)
    assert caller.ptk_id is not None, "a Plt is a person"
    code, connection = setup.period.code, services.connection
    if existing := await store.load_confirmation(npsn, code, connection):
        return existing, True
    confirmation = PltConfirmation(npsn, code, caller.ptk_id, caller.account, now)
    if await store.insert_confirmation(confirmation, connection):
        return confirmation, False
    return await store.load_confirmation(npsn, code, connection) or confirmation, True
