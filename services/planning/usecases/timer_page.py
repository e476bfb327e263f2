"""What is to be done about a page of timers that are due: decided without asking anybody."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.kit.problem import Problem, Refused
from services.planning.domain.parameters import read_by
from services.planning.domain.period import Revision
from services.planning.domain.school import SchoolFacts
from services.planning.domain.timer import zone_of
from services.planning.identity.client import Known
from services.planning.notifications.model import DINAS_ADDRESS, Address, address_head, address_owner
from services.planning.storage.timer import PlanTimer, Settled
from workflows import Armed, Recipient, Remind, Timer, Workflow, after_firing, replanned

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due, and how its timer goes on after it."""

    timer: PlanTimer
    who: Recipient
    then: Armed

    def told(self, school: Known[SchoolFacts] | None = None) -> Settled:
        """Told to whom it is for; `school` says who heads it, where the head is meant."""
        return Settled(self.timer, self.then, self._address(school))

    def _address(self, school: Known[SchoolFacts] | None) -> Address:
        if self.who is Recipient.OWNER:
            return address_owner(self.timer.ptk_id)
        if self.who is Recipient.HEAD and school:
            return address_head(school.facts.head, self.timer.ptk_id)
        return DINAS_ADDRESS


@dataclass(frozen=True, slots=True)
class Page:
    """Timers by what is to be done: those whose date moved, reminders that need nobody's answer, those for heads,
    those that fire a transition, and what is wrong with the others."""

    moved: list[Settled] = field(default_factory=list)
    plain: list[Reminder] = field(default_factory=list)
    heads: list[Reminder] = field(default_factory=list)
    fires: list[PlanTimer] = field(default_factory=list)
    failed: list[tuple[PlanTimer, Sequence[Problem]]] = field(default_factory=list)


def sorted_out(
    found: Iterable[PlanTimer], workflows: Mapping[str, Workflow], revision: Revision, now: datetime
) -> Page:
    """Each timer held against the values in force: too early is planned anew, never fired."""
    page = Page()
    for one in found:
        try:
            _sort(page, one, workflows[one.workflow], revision, now)
        except Refused as refused:
            page.failed.append((one, refused.problems))
        except Exception:
            log.exception("timer %s of plan %s %s", one.armed.timer, one.ptk_id, one.period)
            page.failed.append((one, [Problem("timer.failed")]))
    return page


def _sort(page: Page, one: PlanTimer, workflow: Workflow, revision: Revision, now: datetime) -> None:
    timer, params = timer_of(one, workflow), read_by(workflow.definition, revision)
    zone = zone_of(one.zone)
    was = one.armed if one.fixed else replanned(timer, one.armed, one.since, params, zone)
    if was.due is None or was.due > now:
        page.moved.append(Settled(one, was))
    elif isinstance(timer.does, Remind):
        reminder = Reminder(one, timer.does.who, after_firing(timer, was, params, zone, now))
        (page.heads if reminder.who is Recipient.HEAD else page.plain).append(reminder)
    else:
        page.fires.append(one)


def timer_of(one: PlanTimer, workflow: Workflow) -> Timer:
    """The timer as the plan's version of the workflow has it; LookupError where it has none."""
    found = (timer for timer in workflow.definition.timers if timer.id == one.armed.timer)
    if (timer := next(found, None)) is None:
        raise LookupError(f"{one.armed.timer} is no timer of {one.workflow}")
    return timer
