"""Migrations of plans to another version of the workflow, and the runs that migrate them batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.kit.problems import Problem
from services.planning.callers import model as admin
from services.planning.people.model import School
from services.planning.plan.event_kinds import (
    MigrationUndone,
    PlanMigrated,
    ProfileConfirmed,
    ProfileCorrected,
    ProfileRefreshed,
    TabSaved,
    TextsErased,
)
from services.planning.plan.events import SYSTEM, EventActor
from services.planning.plan.model import Change, Plan
from workflows.model.definition import Definition, Label

FIRST_KEY = ("00000000-0000-0000-0000-000000000000", "")


class RunKind(StrEnum):
    """What a run does to each plan."""

    MIGRATE = "migrate"
    ROLLBACK = "rollback"
    DRY_RUN = "dry_run"


@dataclass(frozen=True, slots=True)
class Run:
    """The progress of a migration, of its rollback or of a dry run.

    `plan_count` is the number of plans at the start, `after` the key (ptk_id, period) of the last processed plan,
    `counts` the number of plans by outcome, `seconds` the time spent in batches. `pass_moved_plans` says whether the
    current pass over the plans has moved one.
    """

    kind: RunKind
    number: int  # of the migration, or of the dry run
    plan_count: int
    began_at: datetime
    after: tuple[str, str] = FIRST_KEY
    counts: Mapping[str, int] = field(default_factory=dict)
    pass_moved_plans: bool = False
    seconds: float = 0.0
    stopped: bool = False
    ended_at: datetime | None = None

    @property
    def processed_plans(self) -> int:
        """Number of plans that were processed."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float | None:
        """Plans per second of work; None before the first batch."""
        return self.processed_plans / self.seconds if self.seconds else None

    def with_counts(self, increments: Mapping[str, int]) -> Run:
        """Return the run with these increments of its counts. An increment can be negative."""
        names = self.counts.keys() | increments.keys()
        return replace(
            self, counts={name: self.counts.get(name, 0) + increments.get(name, 0) for name in sorted(names)}
        )


MOVED_COUNT, SKIPPED_COUNT = "moved", "skipped"  # keys of `Run.counts`
ID = ("plan_migration_id",)


class ActKind(StrEnum):
    """The kinds of acts on a migration."""

    STOP = "stop"
    RESUME = "resume"
    ROLL_BACK = "roll_back"


class MigrationStatus(StrEnum):
    """The status of a migration."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class MigrationAct:
    """An act of an admin on a migration."""

    kind: ActKind
    by: admin.AdminActor
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Migration:
    """An order to move plans from one version to another.

    `states` maps states whose name or phase differs. `period` and `npsn` restrict the plans; None means all.
    """

    number: int
    old_version: str
    new_version: str
    states: Mapping[str, str]
    period: str | None
    npsn: str | None
    by: admin.AdminActor
    reason: str
    at: datetime
    acts: tuple[MigrationAct, ...] = field(default=(), kw_only=True)

    def overlaps(self, other: Migration) -> bool:
        """Whether both migrations can concern the same plan."""
        filters = ((self.period, other.period), (self.npsn, other.npsn))
        return self.old_version == other.old_version and all(
            len({*values} - {None}) < 2 for values in filters
        )


@dataclass(frozen=True, slots=True)
class MigrationRuns:
    """A migration with its run, and the run of its rollback if there is one."""

    migration: Migration
    forward: Run
    backward: Run | None = None

    @property
    def run(self) -> Run:
        """The current or last run."""
        return self.backward or self.forward

    @property
    def status(self) -> MigrationStatus:
        """The status by the current or last run."""
        if self.run.ended_at:
            return MigrationStatus.ROLLED_BACK if self.backward else MigrationStatus.DONE
        if self.run.stopped:
            return MigrationStatus.STOPPED
        return MigrationStatus.ROLLING_BACK if self.backward else MigrationStatus.RUNNING


def list_act_problems(runs: MigrationRuns, act: ActKind) -> Iterator[Problem]:
    """List the problems of an act on a migration in its current status."""
    run = runs.run
    if act is ActKind.ROLL_BACK:
        if runs.backward:
            yield Problem("migration.rolled_back_already", {}, ID)
    elif run.ended_at:
        yield Problem("migration.over", {}, ID)
    elif run.stopped is (act is ActKind.STOP):
        yield Problem("migration.stopped_already" if run.stopped else "migration.not_stopped", {}, ID)


def move_plan(plan: Plan, migration: Migration, state: str, is_rename: bool, at: datetime) -> Change:
    """Move a plan to the new version, into this state."""
    version = migration.new_version
    return _change(PlanMigrated, plan, migration.number, version, migration, state, is_rename, at)


def move_plan_back(plan: Plan, migration: Migration, state: str, is_rename: bool, at: datetime) -> Change:
    """Move a plan back to the old version, into this state, in the name of the admin who ordered the rollback."""
    rollback = next(act for act in migration.acts if act.kind is ActKind.ROLL_BACK)
    version = migration.old_version
    return _change(MigrationUndone, plan, migration.number, version, rollback, state, is_rename, at)


def is_rename(old: Definition, before: str, new: Definition, after: str) -> bool:
    """Return whether a state of one version is the same in the other under another name: of the same phase."""
    return before != after and old.state(before).phase is new.state(after).phase


def _change(
    event_type: type[PlanMigrated | MigrationUndone],
    plan: Plan,
    number: int,
    workflow: str,
    order: Migration | MigrationAct,
    state: str,
    is_rename: bool,
    at: datetime,
) -> Change:
    is_admin = order.by.kind is admin.ActorKind.ADMIN
    data = event_type(
        migration=number,
        former_workflow=plan.workflow,
        reason=order.reason,
        is_rename=is_rename,
        ordered_by=None if is_admin else order.by.account,  # an operator has no account to be the actor
    )
    actor = EventActor(order.by.ptk_id, order.by.account) if is_admin else SYSTEM
    return Change(replace(plan, workflow=workflow), ()).with_event(
        data, actor, at, to_state=state, is_rename=is_rename
    )


EVENT_LABELS = {
    ProfileRefreshed.KIND: Label("data diri mengikuti Dapodik", "data diri followed Dapodik"),
    ProfileConfirmed.KIND: Label("data diri dikonfirmasi", "data diri confirmed"),
    ProfileCorrected.KIND: Label("data diri diperbaiki", "data diri corrected"),
    TabSaved.KIND: Label("tab disimpan", "tab saved"),
    PlanMigrated.KIND: Label("pindah versi", "moved to another version"),
    TextsErased.KIND: Label("teks pribadi dihapus", "personal texts erased"),
}


def describe_later_event(new: Definition, kind: str, trigger: str | None, at: datetime) -> Problem:
    """Say why a plan does not move back: this event happened after it had moved."""
    labels = {row.trigger: row.label for row in new.transitions}
    event_label = labels.get(trigger, trigger) if trigger else EVENT_LABELS.get(kind, kind)
    return Problem("migration.changed_since", {"change": event_label, "at": at})


@dataclass(frozen=True, slots=True)
class SkippedPlan:
    """A plan that a migration did not move. `code` and `params` are those of the problem."""

    ptk_id: str
    period: str
    school: School
    state: str
    code: str
    params: Mapping[str, Any]
