"""Mutations on the timers of plans, for admins."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.planning.api import admin_inputs as inputs
from services.planning.api.context import Info
from services.planning.api.fields import CommandInput, mutation, result
from services.planning.api.ids import parse_timer_id
from services.planning.api.types.problems import Rejection
from services.planning.api.types.timers import Timer, render_timer
from services.planning.timers.commands import TIMER, TimerCommand, retry_timer, skip_timer
from services.planning.timers.model import TimerKey


@strawberry.type
class TimerPayload:
    timer: Timer = strawberry.field(description="The timer after the mutation.")


@strawberry.type(description="Payload of `retryTimer`.")
class RetryTimerPayload(TimerPayload):
    pass


@strawberry.type(description="Payload of `skipTimer`.")
class SkipTimerPayload(TimerPayload):
    pass


RetryTimerResult = Annotated[RetryTimerPayload | Rejection, result("RetryTimerResult")]
SkipTimerResult = Annotated[SkipTimerPayload | Rejection, result("SkipTimerResult")]


@strawberry.type
class TimerMutations:
    @mutation("Try a failed timer again, within seconds. For admins.")
    async def retry_timer(self, info: Info, input: CommandInput[inputs.RetryTimerInput]) -> RetryTimerResult:
        context, actor = info.context, info.context.require_admin()
        timer = await retry_timer(context.services, actor, _parse_timer(input), context.connection)
        return RetryTimerPayload(timer=render_timer(timer, context))

    @mutation(
        "Skip the next firing of a timer. A timer that repeats goes on with the firing after it. For admins."
    )
    async def skip_timer(self, info: Info, input: CommandInput[inputs.SkipTimerInput]) -> SkipTimerResult:
        context, actor = info.context, info.context.require_admin()
        timer = await skip_timer(context.services, actor, _parse_timer(input), context.connection)
        return SkipTimerPayload(timer=render_timer(timer, context))


def _parse_timer(input: inputs.OnTimer) -> TimerCommand:
    return TimerCommand(
        TimerKey(*parse_timer_id(input.timer_id, TIMER)),
        input.expected_firing_count,
        input.reason,
    )
