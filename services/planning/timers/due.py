"""What to do about timers that are due, decided by the values in force and without a question to anybody."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.problems import Problem, RequestRefused
from services.planning.notifications.model import DINAS_ADDRESS, Address, address_head, address_owner
from services.planning.people.model import Head
from services.planning.period.model import Revision, resolve_parameters
from services.planning.plan.timers import time_zone
from services.planning.timers.model import PlanTimer, TimerFailure, TimerUpdate, find_timer
from workflows.engine.machine import Workflow
from workflows.engine.timers import TimerState, advance_timer, reschedule_timer
from workflows.model.definition import Recipient, Remind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due, the role of its recipient, and how its timer continues."""

    timer: PlanTimer
    role: Recipient
    next: TimerState

    def update(self, head: Head | None = None) -> TimerUpdate:
        """Return the update that sends the reminder. A reminder to the head needs the head of the school."""
        return TimerUpdate(self.timer, self.next, self._address(head))

    def _address(self, head: Head | None) -> Address:
        if self.role is Recipient.OWNER:
            return address_owner(self.timer.ptk_id)
        if self.role is Recipient.HEAD and head:
            return address_head(head, self.timer.ptk_id)
        return DINAS_ADDRESS


@dataclass(frozen=True, slots=True)
class DueTimers:
    """Timers by what to do: move to another date, remind, remind a head, fire a transition, or report a failure."""

    moves: list[TimerUpdate] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    head_reminders: list[Reminder] = field(default_factory=list)
    transitions: list[PlanTimer] = field(default_factory=list)
    failures: list[TimerFailure] = field(default_factory=list)


def sort_due_timers(
    timers: Iterable[PlanTimer], workflows: Mapping[str, Workflow], revision: Revision, now: datetime
) -> DueTimers:
    """Sort timers by what to do now. A timer that is too early by the values in force moves and never fires."""
    due = DueTimers()
    for timer in timers:
        try:
            _sort(timer, workflows[timer.workflow], revision, now, due)
        except RequestRefused as refused:
            due.failures.append(TimerFailure(timer, refused.problems))
        except Exception:
            log.exception("timer %s of plan %s %s", timer.armed.timer, timer.ptk_id, timer.period)
            due.failures.append(TimerFailure(timer, [Problem("timer.failed")]))
    return due


def _sort(timer: PlanTimer, workflow: Workflow, revision: Revision, now: datetime, due: DueTimers) -> None:
    definition, params = find_timer(timer, workflow), resolve_parameters(workflow.definition, revision)
    zone = time_zone(timer.zone)
    armed = reschedule_timer(definition, timer.armed, timer.since, params, zone)
    if armed.due is None or armed.due > now:
        due.moves.append(TimerUpdate(timer, armed))
    elif isinstance(definition.action, Remind):
        reminder = Reminder(
            timer, definition.action.recipient, advance_timer(definition, armed, params, zone, now)
        )
        (due.head_reminders if reminder.role is Recipient.HEAD else due.reminders).append(reminder)
    else:
        due.transitions.append(timer)
