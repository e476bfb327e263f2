"""A command as a plan's history has it: what it led to, by which definition, and what is known of its moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from workflows.decide import decide
from workflows.decision import Decision
from workflows.facts import Actor, Facts, Given, Head, HeadKind, Missing, ParamValue, Snapshot, Withdrawn
from workflows.machine import Workflow

Known = Mapping[str, Any]  # values of `Facts` by name
NOTHING: Known = {"head": Head(HeadKind.KOSONG), "facts_as_of": None, "sekolah_induk": None}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a command led to by `workflow`: from the state `before` through `states`, where the last one is its end.

    `params` are the period's values of then, `known` those facts of which a record was kept.
    """

    workflow: Workflow
    trigger: str
    before: str
    states: tuple[str, ...]
    actor: Actor
    owner: str
    npsn: str
    at: datetime
    zone: tzinfo
    params: Mapping[str, ParamValue]
    known: Known
    given: Given = field(default_factory=Given)

    @property
    def today(self) -> date:
        """The day it was at the plan's school."""
        return self.at.astimezone(self.zone).date()

    def values(self, workflow: Workflow) -> dict[str, ParamValue]:
        """What a definition would have read of the period's values then: its own defaults where there was none."""
        params = workflow.definition.params
        values = {param.name: self.params.get(param.name, param.default) for param in params}
        return {name: value for name, value in values.items() if value is not None}

    def plan(self, state: str) -> Snapshot:
        """The plan, in this state."""
        return Snapshot(state, self.owner, self.npsn)

    def facts(self, params: Mapping[str, ParamValue], assumed: Known) -> Facts:
        """All facts of then: as known, as assumed, and nothing for the rest."""
        known = {**NOTHING, **self.known, **assumed}
        return Facts(now=self.at, zone=self.zone, params=params, params_revision=0, **known)

    def decided(self, workflow: Workflow, state: str, assumed: Known) -> Decision:
        """What a definition does with this command, in a state of its own."""
        facts = self.facts(self.values(workflow), assumed)
        return decide(workflow, self.plan(state), self.trigger, self.actor, facts, self.given)

    def is_led_to_by(self, decision: Decision) -> bool:
        """Whether this decision is what happened: the same states, past the same warnings."""
        states = tuple(step.to_state for step in decision.steps)
        accepted = {warning.code for step in decision.steps for warning in step.acknowledged}
        return states == self.states and accepted == self.given.acknowledge


def facts_in(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The facts in the evidence of an event, typed again; what no release wrote is left out, as are parameters."""
    return {name: FROM_JSON[name](value) for name, value in evidence.items() if name in FROM_JSON}


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _head(value: Mapping[str, Any]) -> Head:
    return Head(HeadKind(value["kind"]), value["ptk_id"])


def _missing(value: Iterable[Mapping[str, Any]]) -> tuple[Missing, ...]:
    return tuple(Missing(one["code"], tuple(one["path"]), one["params"]) for one in value)


def _withdrawn(value: Iterable[Mapping[str, Any]]) -> tuple[Withdrawn, ...]:
    return tuple(Withdrawn(one["choice"], tuple(one["path"])) for one in value)


FROM_JSON: Mapping[str, Callable[[Any], Any]] = {
    "head": _head,
    "facts_as_of": _instant,
    "sekolah_induk": lambda value: value,
    "profile_confirmed": bool,
    "may_not_plan": _missing,
    "may_not_move": _missing,
    "missing": _missing,
    "withdrawn": _withdrawn,
    "points": int,
    "revision_due": _day,
    "plt_confirmed": bool,
}
