"""What admins do with timers of plans: always with a reason, and without a change of the plan."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_timer_id
from services.planning.api.inputs import Given, TimerActInput
from services.planning.api.types.result import Refused
from services.planning.api.types.timers import ArmedTimer, armed_timer_of
from services.planning.callers.model import require_admin
from services.planning.timers.commands import TIMER, TimerCommand, retry_timer, skip_timer

TimerResult = Annotated[
    ArmedTimer | Refused,
    strawberry.union("TimerResult", description="The timer as it goes on, or every reason why not."),
]


@strawberry.type
class Timers:
    """Merged into Mutation."""

    @mutation("Have a timer that failed tried again, within moments. For admins.")
    async def retry_timer(self, info: Info, input: Given[TimerActInput]) -> TimerResult:
        """After the cause is repaired."""
        context, by = info.context, require_admin(info.context.signed_in())
        done = await retry_timer(context.services, by, _command(input), context.connection)
        return armed_timer_of(done, context)

    @mutation("Pass over the next firing of a timer, whether it failed or not. For admins.")
    async def skip_timer(self, info: Info, input: Given[TimerActInput]) -> TimerResult:
        """A repeated timer goes on with the firing after it."""
        context, by = info.context, require_admin(info.context.signed_in())
        done = await skip_timer(context.services, by, _command(input), context.connection)
        return armed_timer_of(done, context)


def _command(given: TimerActInput) -> TimerCommand:
    return TimerCommand(parse_timer_id(given.timer, TIMER), given.expected_count, given.reason)
