"""Would it have gone so under another definition? A command of a plan's history, held against it by what was recorded.

An event keeps the facts that its guards read, not all there were. What is not known is tried: each fact that rows ask
for and nobody recorded takes the few values that stand for all (proof/variables.py), and a world counts if the
definition of then does in it what really happened. The same in all such worlds, and it is told; else it cannot be. So a
row that stands as it stood answers as it did, and a history held against its own definition never differs.

Only commands are replayed: what a draft would have allowed and nobody asked for, or what it would have done by itself
between two of them, no history tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import product
from math import prod

from workflows.facts import Head, HeadKind
from workflows.machine import Workflow
from workflows.predicates import PREDICATES
from workflows.proof.variables import ELSEWHERE, FACTS, HEAD, HEADS, OWNER
from workflows.recorded import Recorded
from workflows.replay_rows import Involved, involved, questions
from workflows.verdicts import Refused

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
