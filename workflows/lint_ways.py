"""Checks of ways: every plan can start, every state is reached, and left again on a normal way to the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflows.definition import Definition, Phase, Transition
from workflows.findings import Finding
from workflows.proof.proof import Proof
from workflows.witness import Witness


def one_initial_state(definition: Definition) -> Iterator[Finding]:
    """Exactly one state is initial, and its phase is `draft`: a new plan is there to be written."""
    initial = [state for state in definition.states if state.initial]
    if len(initial) != 1:
        names = tuple(state.name for state in initial)
        yield Finding("lint.initial_count", ("states",), {"count": len(initial), "names": names or "-"})
    for state in initial:
        if state.phase is not Phase.DRAFT:
            yield Finding("lint.initial_phase", ("states", state.name, "phase"), {"name": state.name})


def there_is_an_end(definition: Definition) -> Iterator[Finding]:
    """Some state in implementation is final, none in which the owner still edits; and what is final stays so."""
    if not _ends(definition):
        yield Finding("lint.no_final", ("states",))
    for state in definition.states:
        if state.final and state.phase is Phase.DRAFT:
            yield Finding("lint.final_draft", ("states", state.name), {"name": state.name})
    final = {state.name for state in definition.states if state.final}
    for number, row in enumerate(definition.transitions):
        if not row.exceptional and final & set(row.from_states) - {row.to_state}:
            yield Finding("lint.final_left", ("transitions", number), {"id": row.id})


def every_state_is_reached(proof: Proof) -> Iterator[Finding]:
    """A new plan can come into every state, under some facts."""
    for state in proof.definition.states:
        if state.name not in proof.paths.passed:
            rows = tuple(row.id for row in proof.definition.transitions if row.to_state == state.name)
            shown = Witness(state=state.name, rows=rows)
            yield Finding("lint.unreachable", ("states", state.name), {"name": state.name}, witness=shown)


def every_state_reaches_the_end(proof: Proof) -> Iterator[Finding]:
    """Whatever the facts, rows lead on from a state and to the end, without exceptional ones."""
    definition = proof.definition
    normal = [(row, source) for row, source in _edges(definition) if not row.exceptional]
    leaving = {source for row, source in normal if row.to_state != source}
    reaching = _closure(_ends(definition), ((row.to_state, source) for row, source in normal))
    for state in definition.states:
        if state.final or state.name in reaching:
            continue
        code = "lint.no_way_to_final" if state.name in leaving else "lint.dead_end"
        rows = tuple(row.id for row, source in normal if source == state.name)
        shown = Witness(proof.way_to(state.name), state.name, rows=rows)
        yield Finding(code, ("states", state.name), {"name": state.name}, witness=shown)


def _ends(definition: Definition) -> set[str]:
    return {
        state.name for state in definition.states if state.final and state.phase is Phase.IN_IMPLEMENTATION
    }


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
