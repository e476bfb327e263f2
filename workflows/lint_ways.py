"""Checks of ways: every plan can start, nobody gets stuck, nothing runs in circles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.definition import Definition, Phase, Transition
from workflows.findings import Finding


def one_initial_state(definition: Definition) -> Iterator[Finding]:
    """Exactly one state is initial, and its phase is `draft`: a new plan is there to be written."""
    initial = [state for state in definition.states if state.initial]
    if len(initial) != 1:
        names = tuple(state.name for state in initial)
        yield Finding("lint.initial_count", ("states",), {"count": len(initial), "names": names or "-"})
    for state in initial:
        if state.phase is not Phase.DRAFT:
            yield Finding("lint.initial_phase", ("states", state.name, "phase"), {"name": state.name})


def every_state_is_reached(definition: Definition) -> Iterator[Finding]:
    """From the initial state, some way leads to every state."""
    starts = {state.name for state in definition.states if state.initial}
    reached = _closure(starts, ((source, row.to_state) for row, source in _edges(definition)))
    for state in definition.states:
        if starts and state.name not in reached:
            yield Finding("lint.unreachable", ("states", state.name), {"name": state.name})


def no_dead_end(definition: Definition) -> Iterator[Finding]:
    """A state that is not final has a normal way out that does not lead straight back."""
    leaving = {source for row, source in _edges(definition) if row.to_state != source and not row.exceptional}
    for state in definition.states:
        if not state.final and state.name not in leaving:
            yield Finding("lint.dead_end", ("states", state.name), {"name": state.name})


def every_state_reaches_the_end(definition: Definition) -> Iterator[Finding]:
    """There is a final state, and from every state some way leads to one, without exceptional transitions."""
    ends = {state.name for state in definition.states if state.final}
    if not ends:
        yield Finding("lint.no_final", ("states",))
        return
    normal = ((row.to_state, source) for row, source in _edges(definition) if not row.exceptional)
    reaching = _closure(ends, normal)
    for state in definition.states:
        if state.name not in reaching:
            yield Finding("lint.no_way_to_final", ("states", state.name), {"name": state.name})


def no_automatic_loop(definition: Definition) -> Iterator[Finding]:
    """Automatic transitions never lead back to a state that they came from."""
    automatic = [(source, row.to_state) for row, source in _edges(definition) if row.automatic]
    for number, row in enumerate(definition.transitions):
        if row.automatic and set(row.from_states) & _closure({row.to_state}, automatic):
            yield Finding("lint.automatic_loop", ("transitions", number), {"id": row.id})


def no_identical_rows(definition: Definition) -> Iterator[Finding]:
    """Two rows for one state, trigger and actor differ in their conditions; else the second never fires."""
    seen: dict[object, str] = {}
    for number, row in enumerate(definition.transitions):
        for source in row.from_states:
            key = (source, row.trigger, row.by, row.when, row.warn, frozenset(row.require))
            if key in seen:
                names = {"id": row.id, "other": seen[key], "state": source}
                yield Finding("lint.ambiguous", ("transitions", number), names)
            seen.setdefault(key, row.id)


def owners_can_leave_draft(definition: Definition) -> Iterator[Finding]:
    """Where the owner may edit (`draft`), the owner can also hand the plan in."""
    by_owner = {
        source for row, source in _edges(definition) if row.by.relation == "owner" and not row.exceptional
    }
    for state in definition.states:
        if state.phase is Phase.DRAFT and (state.final or state.name not in by_owner):
            yield Finding("lint.draft_exit", ("states", state.name), {"name": state.name})


def _edges(definition: Definition) -> Iterator[tuple[Transition, str]]:
    return ((row, source) for row in definition.transitions for source in row.from_states)


def _closure(starts: Iterable[str], pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Every state that the pairs (from, to) lead to, the starts included."""
    ways = tuple(pairs)
    reached = set(starts)
    frontier = list(reached)
    while frontier:
        here = frontier.pop()
        further = {to for source, to in ways if source == here} - reached
        reached |= further
        frontier.extend(further)
    return reached
