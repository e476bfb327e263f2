"""The rule of two persons: the states of a change request, who may decide on it, and when it expires."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

EXPIRES_AFTER = timedelta(days=30)
MESSAGES = Path(__file__).with_suffix(".yaml")


class State(StrEnum):
    """The state of a change request. `expired` is computed from its instant and never stored."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXECUTED = "executed"
    FAILED = "failed"
    EXPIRED = "expired"


class Decision(StrEnum):
    """What somebody decides about a change request that is proposed."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"

    @property
    def state(self) -> State:
        """The state that the decision leads to."""
        return {"approve": State.APPROVED, "reject": State.REJECTED, "withdraw": State.WITHDRAWN}[self]


def find_state(stored: State, expires_at: datetime, now: datetime) -> State:
    """Return the state at an instant: a request that nobody decided in time has expired."""
    return State.EXPIRED if stored is State.PROPOSED and now >= expires_at else stored


def find_refusal(state: State, decision: Decision, *, is_proposer: bool) -> str | None:
    """Return the problem code that forbids a decision, or None.

    A second person approves or rejects. Withdrawing takes no second person, for it only stops a change, and is possible
    until the change is executed.
    """
    if state is not State.PROPOSED and (decision, state) != (Decision.WITHDRAW, State.APPROVED):
        return f"change_request.{state}"
    if is_proposer and decision is not Decision.WITHDRAW:
        return "change_request.is_yours"
    return None
