"""Change requests, admin acts and the rules that decide who may decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kit.change_request import Decision, State, find_refusal, find_state
from services.kit.problems import Problem
from services.planning.callers.model import AdminActor, find_reason_problems


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who proposes or decides a change, why and when. `path` is the path of problems with the change request."""

    actor: AdminActor
    reason: str
    at: datetime
    path: tuple[str, ...] = ("change_request_id",)

    def build_act(
        self, subject: str, act: str, detail: Mapping[str, Any], change_request: int | None = None
    ) -> AdminAct:
        """Build the admin act that this person does."""
        return AdminAct(subject, act, self.actor, self.reason, self.at, detail, change_request)


@dataclass(frozen=True, slots=True)
class AdminAct:
    """An act of an admin, an operator or a release. Acts are never edited or deleted.

    `subject` names the object of the act, such as `period 2024-1`. `detail` is JSON.
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
    """A proposed change of one subject.

    `before` and `after` are JSON in the form that `kind` and `kind_version` name. `state` is the stored state;
    `state_at` tells whether the request has expired. `acts` starts with the proposal.
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


def find_problems(request: ChangeRequest, decision: Decision, attribution: Attribution) -> Iterator[Problem]:
    """Find why a person may not decide so: the request is closed or the person's own, or the reason is not usable."""
    is_proposer = attribution.actor.is_same_person(request.proposal.actor)
    if code := find_refusal(request.state_at(attribution.at), decision, is_proposer=is_proposer):
        yield Problem(code, {}, attribution.path)
    yield from find_reason_problems(attribution.reason)


def is_repeat(request: ChangeRequest, decision: Decision, actor: AdminActor) -> bool:
    """Tell whether the same person has made the same decision before, for example because an answer was lost."""
    act = request.decision
    return act is not None and act.act == decision.state and act.actor.is_same_person(actor)
