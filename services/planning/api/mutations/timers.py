"""What admins do with timers of plans: always with a reason, and without a change of the plan."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api.context import Info
from services.planning.api.describe import mutation
from services.planning.api.ids import parse_timer_id
from services.planning.api.inputs import CommandInput, TimerActInput
from services.planning.api.types.result import Refused
from services.planning.api.types.timers import ArmedTimer, render_timer
from services.planning.callers.model import require_admin
from services.planning.timers.commands import TIMER, TimerCommand, retry_timer, skip_timer
from services.planning.timers.model import TimerKey

TimerResult = Annotated[
    ArmedTimer | Refused,
    strawberry.union("TimerResult", description="The timer as it goes on, or every reason why not."),
]


@strawberry.type
class TimerMutations:
    @mutation("Have a timer that failed tried again, within moments. For admins.")
    async def retry_timer(self, info: Info, input: CommandInput[TimerActInput]) -> TimerResult:
        context, by = info.context, require_admin(info.context.require_caller())
        timer = await retry_timer(context.services, by, _parse_command(input), context.connection)
        return render_timer(timer, context)

    @mutation("Pass over the next firing of a timer, whether it failed or not. For admins.")
    async def skip_timer(self, info: Info, input: CommandInput[TimerActInput]) -> TimerResult:
        context, by = info.context, require_admin(info.context.require_caller())
        timer = await skip_timer(context.services, by, _parse_command(input), context.connection)
        return render_timer(timer, context)


def _parse_command(input: TimerActInput) -> TimerCommand:
    return TimerCommand(TimerKey(*parse_timer_id(input.timer, TIMER)), input.expected_count, input.reason)
