"""From a mutation's input to a command, and from its outcome, or its refusal, to the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from services.kit.problems import Problem
from services.kit.problems import RequestRefused as NotDone
from services.planning.api.context import Context, Info
from services.planning.api.ids import parse_plan_id
from services.planning.api.inputs import OnPlan
from services.planning.api.types.plan import Plan, plan_of
from services.planning.api.types.problems import shown_rejection
from services.planning.api.types.result import Refused
from services.planning.plan import model as domain
from services.planning.plan.commands import Command, CommandResult
from services.planning.plan.model import PlanRefused
from services.planning.plan.queries import load_plan_view


def command_of(info: Info, given: OnPlan) -> Command:
    """The command in an input; ApiError for nobody, refused for a malformed id, version or key."""
    info.context.signed_in()
    key, version = given.idempotency_key, given.expected_version
    if problems := [*key_faults(key), *version_faults(version, ("expected_version",))]:
        raise NotDone(problems)
    ptk_id, period = parse_plan_id(given.plan_id, ("plan_id",))
    return Command(info.field_name, ptk_id, period, version, whole_of(given), key)


async def changed(outcome: CommandResult, context: Context) -> Plan:
    """The answer to a command that was carried out, now or before."""
    return await shown_plan(outcome.plan, context, replayed=outcome.replayed)


async def shown_plan(plan: domain.Plan, context: Context, *, replayed: bool = False) -> Plan:
    """A plan with its labels in the caller's language."""
    return plan_of(await load_plan_view(context.services, plan), context.language, replayed=replayed)


class RefusalIsData(strawberry.ExceptionHandler[NotDone, Refused]):
    """Whatever a use case refuses becomes `Refused`, in every field whose union has it."""

    async def handle(self, exception: NotDone, *, field: StrawberryField, info: Info) -> Refused:
        """Every reason, and the plan where there is one to show."""
        context: Context = info.context
        plan = await shown_plan(exception.plan, context) if isinstance(exception, PlanRefused) else None
        return Refused(
            problems=[shown_rejection(problem, context) for problem in exception.problems], plan=plan
        )


def key_faults(key: str | None) -> Iterator[Problem]:
    """What is wrong with an idempotency key."""
    if key is not None and not (8 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        yield Problem("key.malformed", {}, ("idempotency_key",))


def version_faults(version: int, path: tuple[str, ...]) -> Iterator[Problem]:
    """What is wrong with an expected version: none is below 1."""
    if version < 1:
        yield Problem("version.malformed", {}, path)


def whole_of(given: object) -> dict[str, Any]:
    """All of an input but its key, as canonical JSON can hold it."""
    return {name: _plain(value) for name, value in vars(given).items() if name != "idempotency_key"}


def _plain(value: Any) -> Any:
    """A value of an input as canonical JSON can hold it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(item) for name, item in vars(value).items()}
    return value
