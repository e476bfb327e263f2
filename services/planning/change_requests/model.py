"""Change requests and admin acts. A change request knows its kind by name only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.change_request import Decision, State, find_refusal, find_state
from services.kit.problems import Problem
from services.planning.callers.model import AdminActor


@dataclass(frozen=True, slots=True)
class AdminAct:
    """Something that an admin, an operator or a release did: never edited, never deleted.

    `subject` is what it was done to, such as `period 2024-1`. `detail` is JSON.
    """

    subject: str
    act: str
    actor: AdminActor
    reason: str
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)
    change_request: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A change of one subject. `before` and `after` are JSON in the form that `kind` and `kind_version` name.

    `state` is the stored state; `state_at` knows whether the request has expired. `acts` begins with the proposal.
    """

    id: int
    kind: str
    kind_version: int
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    state: State
    expires_at: datetime
    acts: tuple[AdminAct, ...]

    @property
    def proposal(self) -> AdminAct:
        """The act that proposed the change."""
        return self.acts[0]

    @property
    def decision(self) -> AdminAct | None:
        """The act that approved, rejected or withdrew the change, or None."""
        return self.acts[1] if len(self.acts) > 1 else None

    def state_at(self, now: datetime) -> State:
        """Return the state at an instant."""
        return find_state(self.state, self.expires_at, now)


def find_problems(
    request: ChangeRequest, decision: Decision, actor: AdminActor, now: datetime, path: tuple[str, ...]
) -> Iterator[Problem]:
    """Find why this person may not decide so: the request is no longer open, or it is the person's own."""
    is_proposer = actor.is_same_person(request.proposal.actor)
    if code := find_refusal(request.state_at(now), decision, is_proposer=is_proposer):
        yield Problem(code, {}, path)


def is_repeat(request: ChangeRequest, decision: Decision, actor: AdminActor) -> bool:
    """Tell whether the same person decided the same before, after a lost answer perhaps."""
    former = request.decision
    return former is not None and former.act == decision.state and former.actor.is_same_person(actor)
