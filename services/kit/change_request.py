"""Change requests: their states, who may decide on one, and when it expires."""

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
    """A decision on a change request."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"

    @property
    def state(self) -> State:
        """The state that the decision leads to."""
        return {"approve": State.APPROVED, "reject": State.REJECTED, "withdraw": State.WITHDRAWN}[self]


def find_state(state: State, expires_at: datetime, now: datetime) -> State:
    """Return the state at an instant. A proposed request expires at `expires_at`."""
    return State.EXPIRED if state is State.PROPOSED and now >= expires_at else state


def find_refusal(state: State, decision: Decision, *, is_proposer: bool) -> str | None:
    """Return the problem code that forbids a decision, or None.

    A second person approves or rejects a proposed request. Anyone may withdraw it until it is executed, because that
    only stops a change.
    """
    if state is not State.PROPOSED and (decision, state) != (Decision.WITHDRAW, State.APPROVED):
        return f"change_request.{state}"
    if is_proposer and decision is not Decision.WITHDRAW:
        return "change_request.is_yours"
    return None
