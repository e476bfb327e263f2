"""Proofs about conditions: each can be met, no two rows answer at once, nothing runs in circles, effects are safe."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workflows.definition import By, Transition, entered
from workflows.effects import EFFECTS
from workflows.facts import SYSTEM, Actor
from workflows.findings import Finding
from workflows.people import WHO
from workflows.proof.proof import Proof
from workflows.proof.variables import HEAD, OWNER
from workflows.proof.witness import ACTORS
from workflows.trees import ALWAYS, Guard, Not, both
from workflows.witness import Witness

ADMIN_TOO = frozenset({"admin"})
# People who are two things at once: a scope is of the token, so a teacher or a head may also be an admin.
TWICE = {
    frozenset({By("teacher", "owner"), By("admin", "any")}): Actor(OWNER, ADMIN_TOO),
    frozenset({By("superior", "head_of_school"), By("admin", "any")}): Actor(HEAD, ADMIN_TOO),
}


def no_two_rows_answer(proof: Proof) -> Iterator[Finding]:
    """For one state, trigger and actor at most one row fires; two roles of one person may agree."""
    rows = proof.definition.transitions
    for (_, one), (number, other) in combinations(enumerate(rows), 2):
        actor = ACTORS.get(one.by) if one.by == other.by else TWICE.get(frozenset({one.by, other.by}))
        agree = one.by != other.by and _outcome(one) == _outcome(other)
        if one.trigger != other.trigger or actor is None or agree:
            continue
        needs = both(WHO[one.by].needs, WHO[other.by].needs, one.when, other.when)
        for state in sorted(set(one.from_states) & set(other.from_states)):
            if found := proof.firing(one, state, needs):
                names = {"id": other.id, "other": one.id, "state": state}
                shown = Witness(found.way, state, actor, found.example, (one.id, other.id))
                yield Finding("lint.ambiguous", ("transitions", number), names, witness=shown)


def _outcome(row: Transition) -> object:
    return row.to_state, row.effects, row.exceptional


def no_automatic_loop(proof: Proof) -> Iterator[Finding]:
    """No facts lead automatic rows back to a state that they came from."""
    for number, state in enumerate(proof.definition.states):
        later = {other.name for other in proof.definition.states[number:]}
        found = next(_circles(proof, state.name, state.name, later, ALWAYS, ()), None)
        if found is None:
            continue
        guard, rows = found
        first = proof.definition.transitions.index(rows[0])
        way, shown = proof.way_to(state.name), proof.satisfying(guard)
        witness = Witness(way, state.name, SYSTEM, shown, tuple(row.id for row in rows))
        names = {"id": rows[0].id, "trigger": entered(state.name)}
        yield Finding("lint.automatic_loop", ("transitions", first), names, witness=witness)


def _circles(
    proof: Proof, start: str, here: str, allowed: set[str], guard: Guard, rows: tuple[Transition, ...]
) -> Iterator[tuple[Guard, tuple[Transition, ...]]]:
    """Automatic ways from a state back to it, over states that have not been left yet."""
    for row in proof.paths.leaving[here]:
        further = both(guard, proof.paths.admits(row, here))
        if not row.automatic or row.to_state not in allowed or proof.solver.solve(further) is None:
            continue
        if row.to_state == start:
            yield further, (*rows, row)
        else:
            left = allowed - {row.to_state}
            yield from _circles(proof, start, row.to_state, left, further, (*rows, row))


def effects_are_guarded(proof: Proof) -> Iterator[Finding]:
    """An effect that needs something of the plan stands only behind a guard that makes sure of it."""
    for number, row in enumerate(proof.definition.transitions):
        for place, effect in enumerate(row.effects):
            need = EFFECTS[effect.name].needs
            if need and (
                shown := proof.firing(row, row.from_states[0], both(WHO[row.by].needs, row.when, Not(need)))
            ):
                names = {"id": row.id, "effect": effect.name, "needs": need.name}
                path = ("transitions", number, "effects", place)
                yield Finding("lint.effect_unguarded", path, names, witness=shown)
