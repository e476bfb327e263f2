"""Which rows of two definitions may answer a command of then, and what they ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.definition import Transition, entered
from workflows.facts import ParamValue
from workflows.guards import resolve
from workflows.machine import Workflow
from workflows.people import WHO
from workflows.predicates import PREDICATES
from workflows.recorded import Recorded
from workflows.trees import Call, ParamRef, calls

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
