"""The status of a plan as outsiders may hear it: where it stands and since when, never what is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.planning.people.model import School
from workflows.model.definition import Phase

_DECIDED = (Phase.APPROVED, Phase.AUTO_APPROVED)


@dataclass(frozen=True, slots=True)
class StateChange:
    """A plan came to a state."""

    to: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredStatus:
    """What the database knows of one plan's course, its moves from the first to the last."""

    ptk_id: str
    school: School
    workflow: str
    state: str
    submitted_at: datetime | None
    moves: tuple[StateChange, ...]


@dataclass(frozen=True, slots=True)
class PlanDates:
    """When it began, was decided and went on; None for what has not happened, or was taken back."""

    started_at: datetime | None
    decided_at: datetime | None
    began_at: datetime | None
    state_since: datetime | None


def find_dates(moves: Sequence[StateChange], phase_of: Callable[[str], Phase]) -> PlanDates:
    """The dates in a plan's moves. A plan that was opened again is not decided, whatever was decided before."""
    decided_at = began_at = None
    for move in moves:
        phase = phase_of(move.to)
        if phase in _DECIDED:
            decided_at, began_at = decided_at or move.at, None
        elif phase is Phase.IN_IMPLEMENTATION:
            began_at = began_at or move.at
        else:
            decided_at = began_at = None
    ends = (moves[0].at, moves[-1].at) if moves else (None, None)
    return PlanDates(ends[0], decided_at, began_at, ends[1])
