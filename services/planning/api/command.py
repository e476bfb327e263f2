"""Mutations on a plan: parse the input into a command, render the outcome or the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from services.kit.measurement import REJECTED, get_request_stats
from services.kit.problems import Problem, RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.ids import parse_plan_id
from services.planning.api.inputs import OnPlan
from services.planning.api.types.plan import PlanRejection, resolve_plan
from services.planning.api.types.problems import Rejection, render_rejection
from services.planning.plan.commands import Command
from services.planning.plan.model import PlanRefused


def parse_command(info: Info, input: OnPlan) -> Command:
    """Return the command in an input.

    Raises ApiError without a caller, and RequestRefused `id.invalid`, `version.malformed` or `key.malformed`.
    """
    info.context.require_caller()
    key, version = input.idempotency_key, input.expected_version
    if problems := [*check_idempotency_key(key), *check_expected_version(version, ("expected_version",))]:
        raise RequestRefused(problems)
    ptk_id, period = parse_plan_id(input.plan_id, ("plan_id",))
    return Command(info.field_name, ptk_id, period, version, input_as_json(input), key)


class PlanRejectionHandler(strawberry.ExceptionHandler[RequestRefused, PlanRejection]):
    """Turns RequestRefused into `PlanRejection`, in every field whose union has that type."""

    async def handle(self, exception: RequestRefused, *, field: StrawberryField, info: Info) -> PlanRejection:
        """Render every problem, and the plan if the exception has one."""
        get_request_stats().code = REJECTED
        context: Context = info.context
        plan = await resolve_plan(exception.plan, context) if isinstance(exception, PlanRefused) else None
        problems = [render_rejection(problem, context) for problem in exception.problems]
        return PlanRejection(problems=problems, current_plan=plan)


class RejectionHandler(strawberry.ExceptionHandler[RequestRefused, Rejection]):
    """Turns RequestRefused into `Rejection`, in every field whose union has that type."""

    def handle(self, exception: RequestRefused, *, field: StrawberryField, info: Info) -> Rejection:
        """Render every problem."""
        get_request_stats().code = REJECTED
        return Rejection(problems=[render_rejection(problem, info.context) for problem in exception.problems])


def check_idempotency_key(key: str | None) -> Iterator[Problem]:
    """Check the form of an idempotency key. Yields `key.malformed`."""
    if key is not None and not (8 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        yield Problem("key.malformed", {}, ("idempotency_key",))


def check_expected_version(version: int, path: tuple[str, ...]) -> Iterator[Problem]:
    """Check that an expected version is at least 1. Yields `version.malformed`."""
    if version < 1:
        yield Problem("version.malformed", {}, path)


def input_as_json(input: object) -> dict[str, Any]:
    """Return an input without its idempotency key, as values of canonical JSON."""
    return {name: _as_json(value) for name, value in vars(input).items() if name != "idempotency_key"}


def _as_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return {name: _as_json(item) for name, item in vars(value).items()}
    return value
