"""Living plans moved to another version of the workflow, batch by batch, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.kit.problems import Problem
from services.planning.callers import model as admin
from services.planning.people.model import School
from services.planning.plan.event_kinds import MigrationUndone, PlanMigrated
from services.planning.plan.events import SYSTEM, EventActor
from services.planning.plan.model import Change, Plan
from workflows.model.definition import Definition

FIRST = ("00000000-0000-0000-0000-000000000000", "")


class Work(StrEnum):
    """What is done to each plan."""

    MIGRATE = "migrate"
    UNDO = "undo"
    TRY = "try"


@dataclass(frozen=True, slots=True)
class Run:
    """`plans` were there as it began; `after` is the last one dealt with (ptk_id, period); `counts` says what became of
    them; `found`: since it last began at the first plan something was moved; `seconds` is time spent in batches.
    """

    work: Work
    number: int  # of the migration, or of the dry run
    plans: int
    began_at: datetime
    after: tuple[str, str] = FIRST
    counts: Mapping[str, int] = field(default_factory=dict)
    found: bool = False
    seconds: float = 0.0
    stopped: bool = False
    ended_at: datetime | None = None

    @property
    def done(self) -> int:
        """How many plans were dealt with."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float | None:
        """Plans per second while at work; None before the first batch."""
        return self.done / self.seconds if self.seconds else None

    def with_counts(self, added: Mapping[str, int]) -> Run:
        """After a batch that came to so much more (or, of what was counted otherwise before, so much less)."""
        names = self.counts.keys() | added.keys()
        return replace(
            self, counts={name: self.counts.get(name, 0) + added.get(name, 0) for name in sorted(names)}
        )


MOVED, REFUSED = "moved", "refused"  # as a run counts
ID = ("id",)


class Act(StrEnum):
    """What an admin does with a migration that was ordered."""

    STOP = "stop"
    RESUME = "resume"
    UNDO = "undo"


class Status(StrEnum):
    """Where a migration stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Acted:
    """An act: who, when, why."""

    act: Act
    by: admin.AdminActor
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Migration:
    """An order. `states` maps where names alone do not tell; `period` and `npsn` narrow which plans it is about."""

    number: int
    old: str
    new: str
    states: Mapping[str, str]
    period: str | None
    npsn: str | None
    by: admin.AdminActor
    reason: str
    at: datetime
    acts: tuple[Acted, ...] = field(default=(), kw_only=True)

    def meets(self, other: Migration) -> bool:
        """Whether both are about some of the same plans."""
        apart = (
            mine is not None and theirs is not None and mine != theirs
            for mine, theirs in ((self.period, other.period), (self.npsn, other.npsn))
        )
        return self.old == other.old and not any(apart)


@dataclass(frozen=True, slots=True)
class Course:
    """A migration with how far it is, there and (once it is undone) back."""

    migration: Migration
    there: Run
    back: Run | None = None

    @property
    def run(self) -> Run:
        """What is worked on, or was last."""
        return self.back or self.there

    @property
    def status(self) -> Status:
        """Where it stands."""
        if self.run.ended_at:
            return Status.UNDONE if self.back else Status.DONE
        if self.run.stopped:
            return Status.STOPPED
        return Status.UNDOING if self.back else Status.RUNNING


def refusals(course: Course, wanted: Act) -> Iterator[Problem]:
    """Why this may not be done with a migration now, or nothing."""
    run = course.run
    if wanted is Act.UNDO:
        if course.back:
            yield Problem("migration.undone_already", {}, ID)
    elif run.ended_at:
        yield Problem("migration.over", {}, ID)
    elif run.stopped is (wanted is Act.STOP):
        yield Problem("migration.stopped_already" if run.stopped else "migration.not_stopped", {}, ID)


def moved(plan: Plan, migration: Migration, state: str, at: datetime) -> Change:
    """The plan under the new version, in this state of it, and the event that says so."""
    return _change(PlanMigrated, plan, migration, migration.new, state, at)


def moved_back(plan: Plan, migration: Migration, state: str, at: datetime) -> Change:
    """The plan under the former version again, in the state it had there. The undoing's own order tells it."""
    return _change(MigrationUndone, plan, migration, migration.old, state, at)


def _change(
    kind: type[PlanMigrated | MigrationUndone],
    plan: Plan,
    migration: Migration,
    workflow: str,
    state: str,
    at: datetime,
) -> Change:
    by, reason = _order(kind, migration)
    is_admin = by.kind is admin.ActorKind.ADMIN
    data = kind(
        migration=migration.number,
        former_workflow=plan.workflow,
        reason=reason,
        ordered_by=None if is_admin else by.account,  # a name at a command line is no account
    )
    actor = EventActor(by.ptk_id, by.account) if is_admin else SYSTEM
    return Change(replace(plan, workflow=workflow), ()).with_event(data, actor, at, to=state)


def _order(kind: type[PlanMigrated | MigrationUndone], migration: Migration) -> tuple[admin.AdminActor, str]:
    undo = next((act for act in migration.acts if act.act is Act.UNDO), None)
    return (undo.by, undo.reason) if undo and kind is MigrationUndone else (migration.by, migration.reason)


def happened_since(new: Definition, kind: str, trigger: str | None, at: datetime) -> Problem:
    """Why a plan does not go back by itself: this happened to it after it had come to the new version."""
    labels = {row.trigger: row.label for row in new.transitions}
    what = labels.get(trigger, trigger) if trigger else kind
    return Problem("migration.changed_since", {"what": what, "at": at})


@dataclass(frozen=True, slots=True)
class Left:
    """A plan that was left as it is: where it stands, and why (a code with its values)."""

    ptk_id: str
    period: str
    school: School
    state: str
    code: str
    params: Mapping[str, Any]
