"""The Plt of a school confirms: one fact per school and period, after which its teachers can begin (Guide 11)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people import access as plt
from services.planning.people import store
from services.planning.people.access import check_freshness
from services.planning.people.services import Services
from services.planning.people.store import PltConfirmation
from services.planning.period.model import resolve_parameters
from services.planning.period.queries import FALLBACK_ZONE, get_period


async def confirm_as_plt(
    services: Services, caller: Caller, npsn: str, period: str | None
) -> tuple[PltConfirmation, bool]:
    """The fact, and whether it stood already; who heads the school is asked now. RequestRefused with every reason."""
    if not plt.NPSN_PATTERN.fullmatch(npsn):
        raise RequestRefused(Problem("npsn.malformed", {}, ("npsn",)))
    setup = await get_period(services, period)
    school = await services.identity.school(npsn)
    facts = school.facts if school else None
    now = services.clock.now()
    today = now.astimezone(ZoneInfo((facts and facts.zone.value) or FALLBACK_ZONE)).date()
    revision = setup.period.parameters_at(now)
    if school and (
        problem := check_freshness(school.as_of, now, resolve_parameters(setup.workflow.definition, revision))
    ):
        raise RequestRefused(problem)
    if problems := tuple(plt.find_plt_problems(caller.ptk_id, facts, revision, today)):
        raise RequestRefused(problems)
    assert caller.ptk_id is not None, "a Plt is a person"
    code, connection = setup.period.code, services.connection
    if existing := await store.load_confirmation(npsn, code, connection):
        return existing, True
    confirmation = PltConfirmation(npsn, code, caller.ptk_id, caller.account, now)
    if await store.insert_confirmation(confirmation, connection):
        return confirmation, False
    return await store.load_confirmation(npsn, code, connection) or confirmation, True
