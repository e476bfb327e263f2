"""Timers of plans as they are stored, how they continue, and what admins see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from services.kit.problems import Problem
from services.planning.notifications.model import Address
from workflows.engine.machine import Workflow
from workflows.engine.timers import TimerState
from workflows.model.definition import Label, State, Timer

FIRST = datetime.min.replace(tzinfo=UTC), "00000000-0000-0000-0000-000000000000"  # before every timer
RETRIED, SKIPPED = "retried", "skipped"  # acts of an admin on a timer


class TimerKey(NamedTuple):
    """The plan of a timer, and the name of the timer in the workflow."""

    ptk_id: str
    period: str
    timer: str


@dataclass(frozen=True, slots=True)
class PlanTimer:
    """A timer of a plan, with the school, the state and the version of the workflow that decide about it.

    `zone` is the time zone of the school, `since` the instant at which the plan entered its state.
    """

    ptk_id: str
    period: str
    npsn: str
    zone: str | None
    workflow: str
    state: str
    since: datetime
    current: TimerState

    @property
    def key(self) -> TimerKey:
        """The key of the stored timer."""
        return TimerKey(self.ptk_id, self.period, self.current.timer)


@dataclass(frozen=True, slots=True)
class TimerUpdate:
    """How a timer continues, and the address of its notification, if any. Applies only to the timer as it was read."""

    timer: PlanTimer
    next: TimerState
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class TimerFailure:
    """A timer that could not do its work, and every reason."""

    timer: PlanTimer
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Incident:
    """Why a timer failed, how often it was tried, and the instant of the last try. It waits for an admin."""

    problems: tuple[Problem, ...]
    tries: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AdminTimer:
    """A timer as admins see it.

    `label` and `plan_state` are None if this release cannot read the plan's version of the workflow.
    """

    timer: PlanTimer
    incident: Incident | None
    label: Label | None = None
    plan_state: State | None = None

    @property
    def will_fire(self) -> bool:
        """Whether it fires by itself: it has a due date and no incident."""
        return self.timer.current.due is not None and self.incident is None


def act_subject(ptk_id: str, period: str) -> str:
    """Return the subject of acts on the timers of a plan, in the record of admin acts."""
    return f"plan {ptk_id} {period}"


def find_timer(plan_timer: PlanTimer, workflow: Workflow) -> Timer:
    """Return the definition of a timer. Raises LookupError if the version of the workflow has none of this name."""
    for timer in workflow.definition.timers:
        if timer.id == plan_timer.current.timer:
            return timer
    raise LookupError(f"{plan_timer.current.timer} is not a timer of {plan_timer.workflow}")
