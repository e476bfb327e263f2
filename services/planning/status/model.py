"""The status of a plan for partners: its state and dates, without its content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.planning.people.model import School
from workflows.model.definition import Phase

_DECISION_PHASES = (Phase.APPROVED, Phase.AUTO_APPROVED)


@dataclass(frozen=True, slots=True)
class StateChange:
    """The state of a workflow version that a plan entered, and when."""

    to: str
    at: datetime
    workflow: str


@dataclass(frozen=True, slots=True)
class StoredStatus:
    """The stored status of a plan. `changes` are its state changes, oldest first."""

    ptk_id: str
    school: School
    workflow: str
    state: str
    submitted_at: datetime | None
    changes: tuple[StateChange, ...]


@dataclass(frozen=True, slots=True)
class PlanDates:
    """When a plan was started, decided and began its implementation; None for what has not happened or was undone."""

    started_at: datetime | None
    decided_at: datetime | None
    began_at: datetime | None
    state_since: datetime | None


def find_dates(changes: Sequence[StateChange], phase_of: Callable[[StateChange], Phase]) -> PlanDates:
    """Find the dates of a plan in its state changes. A plan that was reopened counts as not decided."""
    decided_at = began_at = None
    for change in changes:
        phase = phase_of(change)
        if phase in _DECISION_PHASES:
            decided_at, began_at = decided_at or change.at, None
        elif phase is Phase.IN_IMPLEMENTATION:
            began_at = began_at or change.at
        else:
            decided_at = began_at = None
    started_at, state_since = (changes[0].at, changes[-1].at) if changes else (None, None)
    return PlanDates(started_at, decided_at, began_at, state_since)
