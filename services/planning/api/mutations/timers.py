"""What admins do with timers of plans: always with a reason that stays on record, and no plan is changed by it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Context, Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_timer_id
from services.planning.api.inputs import Given, RescheduleTimerInput, TimerActInput
from services.planning.api.types.result import Refused
from services.planning.api.types.timers import ArmedTimer, armed_timer_of
from services.planning.callers.commands import admin_of
from services.planning.timers.commands import TIMER, Desk, Key, reschedule, retry, skip

TimerResult = Annotated[
    ArmedTimer | Refused,
    strawberry.union("TimerResult", description="The timer as it goes on, or every reason why not."),
]


@strawberry.type
class Timers:
    """Merged into Mutation."""

    @mutation("Have a timer that failed tried again, within moments. For admins.")
    async def retry_timer(self, info: Info, input: Given[TimerActInput]) -> TimerResult:
        """Once what kept it has been mended."""
        context, by = info.context, admin_of(info.context.signed_in())
        return armed_timer_of(await retry(_desk(context), by, _key(input), input.reason), context)

    @mutation("Pass over the next firing of a timer, whether it failed or not. For admins.")
    async def skip_timer(self, info: Info, input: Given[TimerActInput]) -> TimerResult:
        """A repeated one goes on with the firing after it."""
        context, by = info.context, admin_of(info.context.signed_in())
        return armed_timer_of(await skip(_desk(context), by, _key(input), input.reason), context)

    @mutation(
        "Have the next firing of a timer fall due at another instant, whether it failed or not. For admins."
    )
    async def reschedule_timer(self, info: Info, input: Given[RescheduleTimerInput]) -> TimerResult:
        """Those that follow a repeated one stay where they are."""
        context, by = info.context, admin_of(info.context.signed_in())
        done = await reschedule(_desk(context), by, _key(input), input.due, input.reason)
        return armed_timer_of(done, context)


def _desk(context: Context) -> Desk:
    return Desk(context.planning.clock, context.planning.workflows)


def _key(given: TimerActInput) -> Key:
    return Key(*parse_timer_id(given.timer, TIMER), given.expected_count)
