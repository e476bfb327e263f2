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

FIRST_KEY = ("00000000-0000-0000-0000-000000000000", "")


class RunKind(StrEnum):
    """What is done to each plan."""

    MIGRATE = "migrate"
    UNDO = "undo"
    DRY_RUN = "dry_run"


@dataclass(frozen=True, slots=True)
class Run:
    """`plans` were there as it began; `after` is the last one dealt with (ptk_id, period); `counts` says what became of
    them; `found`: since it last began at the first plan something was moved; `seconds` is time spent in batches.
    """

    kind: RunKind
    number: int  # of the migration, or of the dry run
    plans: int
    began_at: datetime
    after: tuple[str, str] = FIRST_KEY
    counts: Mapping[str, int] = field(default_factory=dict)
    has_moved: bool = False
    seconds: float = 0.0
    stopped: bool = False
    ended_at: datetime | None = None

    @property
    def processed_plans(self) -> int:
        """How many plans were dealt with."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float | None:
        """Plans per second while at work; None before the first batch."""
        return self.processed_plans / self.seconds if self.seconds else None

    def with_counts(self, increments: Mapping[str, int]) -> Run:
        """After a batch that came to so much more (or, of what was counted otherwise before, so much less)."""
        names = self.counts.keys() | increments.keys()
        return replace(
            self, counts={name: self.counts.get(name, 0) + increments.get(name, 0) for name in sorted(names)}
        )


MOVED_COUNT, REFUSED_COUNT = "moved", "refused"  # as a run counts
ID = ("id",)


class ActKind(StrEnum):
    """What an admin does with a migration that was ordered."""

    STOP = "stop"
    RESUME = "resume"
    UNDO = "undo"


class MigrationStatus(StrEnum):
    """Where a migration stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class MigrationAct:
    """An act: who, when, why."""

    kind: ActKind
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
    acts: tuple[MigrationAct, ...] = field(default=(), kw_only=True)

    def overlaps(self, other: Migration) -> bool:
        """Whether both are about some of the same plans."""
        apart = (
            mine is not None and theirs is not None and mine != theirs
            for mine, theirs in ((self.period, other.period), (self.npsn, other.npsn))
        )
        return self.old == other.old and not any(apart)


@dataclass(frozen=True, slots=True)
class MigrationRuns:
    """A migration with how far it is, there and (once it is undone) back."""

    migration: Migration
    forward: Run
    backward: Run | None = None

    @property
    def run(self) -> Run:
        """What is worked on, or was last."""
        return self.backward or self.forward

    @property
    def status(self) -> MigrationStatus:
        """Where it stands."""
        if self.run.ended_at:
            return MigrationStatus.UNDONE if self.backward else MigrationStatus.DONE
        if self.run.stopped:
            return MigrationStatus.STOPPED
        return MigrationStatus.UNDOING if self.backward else MigrationStatus.RUNNING


def list_act_problems(runs: MigrationRuns, act: ActKind) -> Iterator[Problem]:
    """Why this may not be done with a migration now, or nothing."""
    run = runs.run
    if act is ActKind.UNDO:
        if runs.backward:
            yield Problem("migration.undone_already", {}, ID)
    elif run.ended_at:
        yield Problem("migration.over", {}, ID)
    elif run.stopped is (act is ActKind.STOP):
        yield Problem("migration.stopped_already" if run.stopped else "migration.not_stopped", {}, ID)


def move_plan(plan: Plan, migration: Migration, state: str, at: datetime) -> Change:
    """The plan under the new version, in this state of it, and the event that says so."""
    return _change(PlanMigrated, plan, migration, migration.new, state, at)


def move_plan_back(plan: Plan, migration: Migration, state: str, at: datetime) -> Change:
    """The plan under the former version again, in the state it had there. The undoing's own order tells it."""
    return _change(MigrationUndone, plan, migration, migration.old, state, at)


def _change(
    event_type: type[PlanMigrated | MigrationUndone],
    plan: Plan,
    migration: Migration,
    workflow: str,
    state: str,
    at: datetime,
) -> Change:
    by, reason = _find_order(event_type, migration)
    is_admin = by.kind is admin.ActorKind.ADMIN
    data = event_type(
        migration=migration.number,
        former_workflow=plan.workflow,
        reason=reason,
        ordered_by=None if is_admin else by.account,  # a name at a command line is no account
    )
    actor = EventActor(by.ptk_id, by.account) if is_admin else SYSTEM
    return Change(replace(plan, workflow=workflow), ()).with_event(data, actor, at, to=state)


def _find_order(
    event_type: type[PlanMigrated | MigrationUndone], migration: Migration
) -> tuple[admin.AdminActor, str]:
    undo = next((act for act in migration.acts if act.kind is ActKind.UNDO), None)
    return (
        (undo.by, undo.reason) if undo and event_type is MigrationUndone else (migration.by, migration.reason)
    )


def describe_later_event(new: Definition, kind: str, trigger: str | None, at: datetime) -> Problem:
    """Why a plan does not go back by itself: this happened to it after it had come to the new version."""
    labels = {row.trigger: row.label for row in new.transitions}
    event_label = labels.get(trigger, trigger) if trigger else kind
    return Problem("migration.changed_since", {"what": event_label, "at": at})


@dataclass(frozen=True, slots=True)
class RefusedPlan:
    """A plan that was left as it is: where it stands, and why (a code with its values)."""

    ptk_id: str
    period: str
    school: School
    state: str
    code: str
    params: Mapping[str, Any]
