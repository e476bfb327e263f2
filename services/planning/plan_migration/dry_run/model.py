"""Dry runs: the recorded commands of a plan, and the counts of commands with the same result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.planning.callers.model import AdminActor
from services.planning.plan.event_kinds import TransitionFired
from services.planning.plan.events import Event
from services.planning.plan.timers import time_zone
from services.planning.plan_migration.model import Run
from workflows.diff.replay import Outcome, RecordedCommand, ReplayResult, read_facts
from workflows.diff.state_map import map_state
from workflows.engine.guards import value_to_json
from workflows.engine.machine import Workflow
from workflows.model.facts import SYSTEM, Actor, CommandInput, ParamValue, Refusal

MAX_SAMPLES = 5  # of one count
Step = tuple[Event, TransitionFired]
CommandSortKey = tuple[str, int, str, str, str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DryRun:
    """Who tries which version on which period. `states` maps states of other versions to states of this one."""

    number: int
    sha256: str
    period: str
    states: Mapping[str, str]
    by: AdminActor
    at: datetime


@dataclass(frozen=True, slots=True)
class DryRunProgress:
    """A dry run with its progress over plans, and the number of commands by outcome."""

    dry_run: DryRun
    run: Run
    command_counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """A command that was counted: the plan, the version of the event, the refusals by the version of the dry run."""

    ptk_id: str
    version: int
    refusals: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class CommandCountKey:
    """What the commands of a count have in common.

    `next_state` is the state by the version of the dry run, or a possible one if the outcome is unknown. It is empty if
    the version refuses.
    `reasons` are the codes of its refusals, or the facts that were not recorded.
    """

    trigger: str
    from_state: str
    to_state: str
    outcome: Outcome
    next_state: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class CommandCount:
    """The number of commands with the same result, and some of them as samples."""

    key: CommandCountKey
    command_count: int = 0
    samples: list[Sample] = field(default_factory=list)

    @property
    def sort_key(self) -> CommandSortKey:
        """The place in the list: by outcome, the largest first."""
        key = self.key
        names = key.trigger, key.from_state, key.to_state, key.next_state
        return key.outcome.value, -self.command_count, *names, key.reasons


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """Plans of one version in one state. `new_state` is their state after a move, or `refusal` says why not."""

    workflow: str
    state: str
    plans: int
    samples: Sequence[str]
    new_state: str | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """The transition events of a plan in their order, with the school of the plan today."""

    ptk_id: str
    zone: str | None
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class PeriodHistory:
    """The values of the period by revision, and when the Plt of each school confirmed."""

    values: Mapping[int, Mapping[str, ParamValue]]
    confirmed_at: Mapping[str, datetime]


def check_move(
    old: Workflow | None, new: Workflow, states: Mapping[str, str], state: str
) -> tuple[str | None, Refusal | None]:
    """Return the state that plans in `state` get by the new version, or why they cannot move."""
    if old is None:
        return None, Refusal("workflow.beyond_release")
    to = map_state(old.definition, new.definition, states, state)
    return (None, to) if isinstance(to, Refusal) else (to, None)


def read_commands(
    history: PlanHistory, workflows: Mapping[str, Workflow], period: PeriodHistory
) -> Iterator[tuple[int, RecordedCommand]]:
    """Yield each command with the version of its first event.

    Leaves out commands by a version that this release cannot read.
    """
    for steps in _group_steps(history.events):
        first, _ = steps[0]
        workflow = workflows.get(first.workflow)
        if workflow is not None:
            yield first.version, _read_command(steps, workflow, history, period)


def count_commands(results: Iterable[tuple[str, int, RecordedCommand, ReplayResult]]) -> list[CommandCount]:
    """Group the results of commands, each with its plan and version, and count them."""
    counts: dict[CommandCountKey, CommandCount] = {}
    for ptk_id, version, command, result in results:
        key = _key_of(command, result)
        count = counts.setdefault(key, CommandCount(key))
        count.command_count += 1
        if result.outcome is not Outcome.SAME and len(count.samples) < MAX_SAMPLES:
            refusals = tuple(
                {"code": one.code, "params": value_to_json(one.params)} for one in result.refusals
            )
            count.samples.append(Sample(ptk_id, version, refusals))
    return list(counts.values())


def _key_of(command: RecordedCommand, result: ReplayResult) -> CommandCountKey:
    first, last = command.transitions[0], command.transitions[-1]
    codes = {refusal.code for refusal in result.refusals}
    reasons = tuple(sorted({*codes, *result.unknown_facts}))
    return CommandCountKey(
        first.trigger, command.from_state, last.to_state, result.outcome, result.state or "", reasons
    )


def _group_steps(events: Iterable[Event]) -> Iterator[list[Step]]:
    """Yield each command with the automatic steps that followed by the same facts."""
    steps: list[Step] = []
    for event in events:
        if not isinstance(event.data, TransitionFired):
            continue
        step = event, event.data
        if steps and not _follows(step, steps[-1]):
            yield steps
            steps = []
        steps.append(step)
    if steps:
        yield steps


def _follows(step: Step, before: Step) -> bool:
    (event, transition), (event_before, transition_before) = step, before
    decided_anew = transition.cause or transition_before.moved_from
    adjacent = event.at == event_before.at and event.version == event_before.version + 1
    return transition.trigger.startswith("@") and adjacent and not decided_anew


def _read_command(
    steps: Sequence[Step], workflow: Workflow, history: PlanHistory, period: PeriodHistory
) -> RecordedCommand:
    first, command = steps[0]
    npsn = command.moved_from or first.npsn
    confirmed_at = period.confirmed_at.get(npsn)
    facts: dict[str, Any] = {"plt_confirmed": confirmed_at is not None and confirmed_at <= first.at}
    for _, transition in steps:
        facts |= read_facts(transition.evidence)
    rows = {row.id: row for row in workflow.definition.transitions}
    reason = "…" if "reason" in first.digests else None  # guards ask only whether there is one
    assert first.from_state is not None, "a plan is started before it moves"
    return RecordedCommand(
        workflow=workflow,
        from_state=first.from_state,
        transitions=tuple(rows[fired.transition] for _, fired in steps),
        actor=_read_actor(first, rows[command.transition].authority.role),
        command_input=CommandInput(
            reason, frozenset(code for _, fired in steps for code in fired.acknowledged_warnings)
        ),
        owner=history.ptk_id,
        npsn=npsn,
        at=first.at,
        zone=time_zone(history.zone),
        params=period.values.get(command.parameters, {}),
        facts=facts,
    )


def _read_actor(event: Event, role: str) -> Actor:
    """The actor in the role of the row that fired: an admin may be the owner or the head as well."""
    if event.actor.is_system:
        return SYSTEM
    return Actor(event.actor.ptk_id, frozenset({"admin"}) if role in {"admin", "dinas"} else frozenset())
