"""A version of the workflow tried on what really happened in a period: what would have gone otherwise, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.planning.callers.model import By
from services.planning.plan_migration.model import Run
from services.planning.plan_migration.past import Command
from workflows.diff.replay import Replay, Told, Verdict
from workflows.engine.guards import as_json

NAMED = 1_000  # of each outcome: the first ones are stored by name, the others only counted


class Outcome(StrEnum):
    """What became of a plan. `…_today`: told only by who heads the school today, as far as planning has heard."""

    SAME = "same"
    OTHERWISE = "otherwise"
    UNTOLD = "untold"
    SAME_TODAY = "same_today"
    OTHERWISE_TODAY = "otherwise_today"


@dataclass(frozen=True, slots=True)
class Trial:
    """Who tried which version on which period; `states` maps states of living versions to its own."""

    number: int
    sha256: str
    period: str
    states: Mapping[str, str]
    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial and how far it is; its counts go by outcome."""

    trial: Trial
    run: Run


@dataclass(frozen=True, slots=True)
class Found:
    """A plan that would have gone otherwise, or of which that cannot be told: the command where the ways part."""

    outcome: Outcome
    command: Command
    told: Told


@dataclass(frozen=True, slots=True)
class Touched:
    """How many plans of a period stand in a state of a version, and where they would come to stand, or why not."""

    workflow: str
    state: str
    plans: int
    to: str | None
    code: str | None
    params: Mapping[str, object]


def judged(replay: Replay, commands: Iterable[Command], today: Mapping[str, Any]) -> Found | None:
    """Where a plan parts from its history; None where it goes the same way all through.

    What cannot be told is passed over as it went: if a later command would surely have gone otherwise, the plan would
    have, whatever happened before. `today` are facts of today, by school, that are only believed where marked.
    """
    doubtful: Found | None = None
    for command in commands:
        told = replay.told(command.recorded)
        if told.verdict is Verdict.OTHERWISE:
            return Found(Outcome.OTHERWISE, command, told)
        if told.verdict is Verdict.UNTOLD:
            found = _by_today(replay, command, told, today)
            doubtful = found if doubtful is None or found.outcome is Outcome.UNTOLD else doubtful
    return doubtful


def _by_today(replay: Replay, command: Command, told: Told, today: Mapping[str, Any]) -> Found:
    head = today.get(command.recorded.npsn)
    if head is None or "head" not in told.unknown:
        return Found(Outcome.UNTOLD, command, told)
    again = replay.told(command.knowing({"head": head}).recorded)
    if again.verdict is Verdict.UNTOLD:
        return Found(Outcome.UNTOLD, command, told)
    same = again.verdict is Verdict.SAME
    return Found(Outcome.SAME_TODAY if same else Outcome.OTHERWISE_TODAY, command, again)


def detail_of(found: Found) -> dict[str, Any]:
    """What is stored of it, as JSON can hold it."""
    recorded, told = found.command.recorded, found.told
    return {
        "npsn": recorded.npsn,
        "at": recorded.at.isoformat(),
        "trigger": recorded.trigger,
        "workflow": recorded.workflow.sha256,
        "from": recorded.before,
        "to": recorded.states[-1],
        "would": told.states[-1] if told.states else None,
        "refusals": [{"code": one.code, "params": as_json(one.params)} for one in told.refusals],
        "unknown": list(told.unknown),
    }
