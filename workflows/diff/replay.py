"""A command as a plan's history has it: what it led to, by which definition, and what is known of its moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import product
from math import prod
from typing import Any

from workflows.engine.decide import decide
from workflows.engine.guards import resolve
from workflows.engine.machine import Workflow
from workflows.engine.people import WHO
from workflows.engine.predicates import PREDICATES
from workflows.model.decision import Decision
from workflows.model.definition import Call, ParamRef, Transition, calls, entered
from workflows.model.facts import (
    Actor,
    Facts,
    Given,
    Head,
    HeadKind,
    Missing,
    ParamValue,
    Refused,
    Snapshot,
    Withdrawn,
)
from workflows.proof.examples import ELSEWHERE, FACTS, HEAD, HEADS, OWNER

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


Question = tuple[Call, dict[str, ParamValue | str]]


@dataclass(frozen=True, slots=True)
class Involved:
    """The rows of `then` and those of the draft, `now`. `same`: both say the same, so there is nothing to ask.

    `asked` are the facts that they read, beside the day and the hour.
    """

    then: tuple[Transition, ...]
    now: tuple[Transition, ...]
    same: bool
    asked: frozenset[str]


def involved(workflow: Workflow, state: str, draft: Workflow, here: str, trigger: str) -> Involved:
    """The rows that a trigger may fire, from `state` by one definition and from `here` by the other."""
    then, now = (tuple(_answering(*place, trigger)) for place in ((workflow, state), (draft, here)))
    return Involved(then, now, _meaning(workflow, then) == _meaning(draft, now), _asked((*then, *now)))


def questions(recorded: Recorded, draft: Workflow, rows: Involved) -> Iterator[Question]:
    """Every question of a guard with its arguments, the period's values of then in place of references."""
    for workflow, some in ((recorded.workflow, rows.then), (draft, rows.now)):
        params = recorded.values(workflow)
        for row in some:
            yield from ((call, resolve(call, params)) for call in _calls(row))


def _answering(workflow: Workflow, state: str, trigger: str) -> Iterator[Transition]:
    """The rows of a trigger from a state, and the automatic ones that may follow."""
    waiting, seen = [(state, trigger)], set[tuple[str, str]]()
    while waiting:
        here, fired = waiting.pop(0)
        if (here, fired) in seen:
            continue
        seen.add((here, fired))
        for row in workflow.definition.transitions:
            if row.trigger == fired and here in row.from_states:
                yield row
                waiting.append((row.to_state, entered(row.to_state)))


def _meaning(workflow: Workflow, rows: tuple[Transition, ...]) -> object:
    """All of the rows on which it depends where a command leads."""
    defaults = {param.name: param.default for param in workflow.definition.params}
    args = [value for row in rows for call in _calls(row) for _, value in call.args]
    used = {value.name for value in args if isinstance(value, ParamRef)}
    said = [(row.trigger, row.to_state, row.by, row.when, row.warn, row.require) for row in rows]
    return said, {name: defaults.get(name) for name in used}


def _calls(row: Transition) -> Iterator[Call]:
    for guard in (row.when, row.warn):
        yield from (call for _, call in calls(guard, ()))


def _asked(rows: tuple[Transition, ...]) -> frozenset[str]:
    names = {name for row in rows for call in _calls(row) for name in PREDICATES[call.name].reads}
    names |= {name for row in rows for name in WHO[row.by].reads}
    return frozenset(names - {"now", "today"})


World = tuple[int, ...]  # which of its values each fact takes that nobody recorded

MOST_WORLDS = 2_000  # beyond that it cannot be told
ANOTHER = "another"  # who leads a school and is nobody else in the story


class Verdict(StrEnum):
    """Whether a command would have gone as it went."""

    SAME = "same"
    OTHERWISE = "otherwise"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Told:
    """The verdict. Where not the same: the states that the draft leads to, or why it refuses (of what cannot be told,
    as it may be); and `unknown`: on which facts it hangs that nobody recorded.
    """

    verdict: Verdict
    states: tuple[str, ...] = ()
    refusals: tuple[Refused, ...] = ()
    unknown: tuple[str, ...] = ()


SAME = Told(Verdict.SAME)


class Replay:
    """Commands held against a draft; `states` maps states of then to its own.

    What it has worked out once it only looks up: a verdict depends on how each question is answered, and there are few
    such ways.
    """

    def __init__(self, draft: Workflow, states: Mapping[str, str]) -> None:
        self._draft, self._states = draft, states
        self._rows: dict[tuple[str, str, str], Involved] = {}
        self._told: dict[object, Told] = {}

    def needs(self, recorded: Recorded) -> frozenset[str]:
        """The facts that are asked for and not known; none where the draft says the same as the definition of then."""
        rows = self._involved(recorded)
        return frozenset() if self._is_same(rows) else rows.asked.difference(recorded.known)

    def told(self, recorded: Recorded) -> Told:
        """The verdict, of this command or of one just like it: its refusals may have been worded for that one."""
        rows = self._involved(recorded)
        if self._is_same(rows):
            return SAME
        key = self._key(rows, recorded)
        if key not in self._told:
            self._told[key] = self.worked_out(recorded)
        return self._told[key]

    def worked_out(self, recorded: Recorded) -> Told:
        """The verdict, with refusals that are worded for this very command."""
        rows = self._involved(recorded)
        unknown = tuple(sorted(rows.asked.difference(recorded.known)))
        expected = tuple(self._states.get(state, state) for state in recorded.states)
        found = dict(self._in_each_world(recorded, rows, unknown))
        differing = {world: told for world, told in found.items() if told.states != expected}
        if found and not differing:
            return SAME
        if found and len(differing) == len(found):
            return next(iter(differing.values()))
        first = next(iter(differing.values()), SAME)
        hinges = tuple(name for place, name in enumerate(unknown) if _decides(place, found, differing))
        return Told(Verdict.UNTOLD, first.states, first.refusals, hinges or unknown)

    def _in_each_world(
        self, recorded: Recorded, rows: Involved, unknown: tuple[str, ...]
    ) -> Iterator[tuple[World, Told]]:
        """What the draft does in each world in which the definition of then did what it did."""
        values = [self._values(name, recorded, rows) for name in unknown]
        if prod(map(len, values)) > MOST_WORLDS:
            return
        here = self._states.get(recorded.before, recorded.before)
        for world in product(*(range(len(some)) for some in values)):
            picked = (some[place] for some, place in zip(values, world, strict=True))
            assumed = dict(zip(unknown, picked, strict=True))
            if recorded.is_led_to_by(recorded.decided(recorded.workflow, recorded.before, assumed)):
                now = recorded.decided(self._draft, here, assumed)
                states = tuple(step.to_state for step in now.steps)
                yield world, Told(Verdict.OTHERWISE, states, (*now.refusals, *now.warnings))

    def _values(self, name: str, recorded: Recorded, rows: Involved) -> tuple[object, ...]:
        """The values that stand for all, of a fact that nobody recorded."""
        match name:
            case "head":
                return tuple(_heads(recorded))
            case "sekolah_induk":
                return (recorded.npsn, ELSEWHERE, None)
            case "revision_due":
                return (None, recorded.today, recorded.today - timedelta(days=1))
            case "facts_as_of":
                ages = self._compared("facts_fresh", "minutes", recorded, rows)
                return (recorded.at, *(recorded.at - timedelta(minutes=age) for age in ages), None)
            case "points":
                marks = self._compared("points_at_least", "minimum", recorded, rows)
                return tuple(sorted({0, *marks, *(mark - 1 for mark in marks)}))
            case _:
                return FACTS[name]

    def _compared(self, name: str, argument: str, recorded: Recorded, rows: Involved) -> set[int]:
        """The numbers that a fact is compared with."""
        asked = questions(recorded, self._draft, rows)
        return {int(str(args[argument])) for call, args in asked if call.name == name}

    def _involved(self, recorded: Recorded) -> Involved:
        key = (recorded.workflow.sha256, recorded.before, recorded.trigger)
        if key not in self._rows:
            here = self._states.get(recorded.before, recorded.before)
            self._rows[key] = involved(
                recorded.workflow, recorded.before, self._draft, here, recorded.trigger
            )
        return self._rows[key]

    def _is_same(self, rows: Involved) -> bool:
        return rows.same and not self._states  # under a map the states that it leads to may be others

    def _key(self, rows: Involved, recorded: Recorded) -> object:
        """All on which a verdict depends: how each question is answered by what is known, and who acts."""
        unknown, plan = rows.asked.difference(recorded.known), recorded.plan(recorded.before)
        facts, actor, head = recorded.facts({}, {}), recorded.actor, recorded.known.get("head")
        answers = tuple(
            None
            if unknown.intersection(PREDICATES[call.name].reads)
            else not PREDICATES[call.name].test(facts, plan, **args)
            for call, args in questions(recorded, self._draft, rows)
        )
        acts = (actor.system, "admin" in actor.scopes, actor.ptk_id == recorded.owner)
        leads = head and (head.kind, head.ptk_id == recorded.owner, head.ptk_id == actor.ptk_id)
        went = (recorded.workflow.sha256, recorded.before, recorded.trigger, recorded.states)
        return went, acts, leads, bool(recorded.given.reason), recorded.given.acknowledge, unknown, answers


def _decides(place: int, found: Collection[World], differing: Collection[World]) -> bool:
    """Whether two worlds that are alike but for one fact go different ways."""
    ways: dict[World, set[bool]] = {}
    for world in found:
        ways.setdefault((*world[:place], *world[place + 1 :]), set()).add(world in differing)
    return any(len(way) > 1 for way in ways.values())


def _heads(recorded: Recorded) -> Iterator[Head]:
    """Every way to be led: by the owner, by who acts, by another, by nobody."""
    who = {OWNER: recorded.owner, HEAD: ANOTHER}
    yield from (replace(one, ptk_id=one.ptk_id and who[one.ptk_id]) for one in HEADS)
    if recorded.actor.ptk_id not in {None, recorded.owner}:
        yield from (Head(kind, recorded.actor.ptk_id) for kind in (HeadKind.DEFINITIF, HeadKind.PLT))
