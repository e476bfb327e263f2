"""The questions of admins about what goes by the clock: what falls due when, and what failed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.kit.problems import Problem, Refused
from services.planning.api.context import Info
from services.planning.api.describe import described
from services.planning.api.ids import parse_place
from services.planning.api.types.timers import ArmedTimerConnection, timers_shown
from services.planning.callers.commands import admin_of
from services.planning.period.queries import period_of
from services.planning.timers.commands import Shown, Wanted, due_until, incidents
from services.planning.timers.store import FIRST, LATEST

AFTER = ("after",)


@strawberry.type
class TimerQueries:
    """Merged into Query."""

    @described(
        "The timers of plans that fall due, the first due first, without those that failed. For admins."
    )
    async def timers_due(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None, strawberry.argument(description="The period's code; today's if left out.")
        ] = None,
        npsn: Annotated[
            str | None, strawberry.argument(description="Plans of one school; all if left out.")
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="Only what falls due until then.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> ArmedTimerConnection:
        """A constant number of statements, whatever there is."""
        context = info.context
        admin_of(context.signed_in())
        at, names = parse_place(after, AFTER, 2) if after else (FIRST[0], [*FIRST[1:]])
        used = await period_of(context.planning, period)
        last = _aware(until) if until else LATEST
        wanted = Wanted(used.period.code, npsn, last, first, (at, names[0], names[1]))
        found, more = await due_until(context.planning.workflows, wanted)
        return timers_shown(found, more, _by_due, context)

    @described(
        "The timers that failed and wait for an admin, those that failed first at the beginning. For admins."
    )
    async def incidents(
        self,
        info: Info,
        period: Annotated[
            strawberry.ID | None, strawberry.argument(description="The period's code; all if left out.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Go on after this cursor.")] = None,
    ) -> ArmedTimerConnection:
        """Two statements."""
        context = info.context
        admin_of(context.signed_in())
        at, names = parse_place(after, AFTER, 3) if after else (FIRST[0], [FIRST[1], "", ""])
        place = at, names[0], names[1], names[2]
        found, more = await incidents(context.planning.workflows, period, place, first)
        return timers_shown(found, more, _by_failure, context)


def _by_due(one: Shown) -> tuple[datetime | None, str]:
    timer = one.listed.timer
    return timer.armed.due, f"{timer.ptk_id} {timer.armed.timer}"


def _by_failure(one: Shown) -> tuple[datetime | None, str]:
    timer = one.listed.timer
    return one.listed.tried_at, f"{timer.ptk_id} {timer.period} {timer.armed.timer}"


def _aware(until: datetime) -> datetime:
    if until.tzinfo is None:
        raise Refused(Problem("timer.without_zone", {}, ("until",)))
    return until
