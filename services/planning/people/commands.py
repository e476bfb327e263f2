"""The Plt of a school confirms: one fact per school and period, after which its teachers can begin (Guide 11)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import Caller
from services.planning.people import access as plt
from services.planning.people import store
from services.planning.people.access import stale
from services.planning.people.services import Services
from services.planning.people.store import PltConfirmation
from services.planning.period.model import read_by
from services.planning.period.queries import UNKNOWN_ZONE, period_of


async def confirm_as_plt(
    services: Services, caller: Caller, npsn: str, period: str | None
) -> tuple[PltConfirmation, bool]:
    """The fact, and whether it stood already; who heads the school is asked now. RequestRefused with every reason."""
    if not plt.NPSN.fullmatch(npsn):
        raise RequestRefused(Problem("npsn.malformed", {}, ("npsn",)))
    used = await period_of(services, period)
    school = await services.identity.school(npsn)
    facts = school.facts if school else None
    now = services.clock.now()
    today = now.astimezone(ZoneInfo((facts and facts.zone.value) or UNKNOWN_ZONE)).date()
    revision = used.period.parameters_at(now)
    if school and (too_old := stale(school.as_of, now, read_by(used.workflow.definition, revision))):
        raise RequestRefused(too_old)
    if problems := tuple(plt.refusals(caller.ptk_id, facts, revision, today)):
        raise RequestRefused(problems)
    assert caller.ptk_id is not None, "a Plt is a person"
    code, connection = used.period.code, services.connection
    if standing := await store.select_confirmation(npsn, code, connection):
        return standing, True
    given = PltConfirmation(npsn, code, caller.ptk_id, caller.account, now)
    if await store.insert_confirmation(given, connection):
        return given, False
    return await store.select_confirmation(npsn, code, connection) or given, True
