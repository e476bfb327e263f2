"""Checks of guards by proof: contradictions, ambiguity, automatic loops, unguarded effects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workflows.engine.authority import AUTHORITIES
from workflows.engine.effects import EFFECTS
from workflows.model.definition import (
    ALWAYS,
    AnyOf,
    Authority,
    Guard,
    Not,
    Path,
    Transition,
    all_of,
    conjuncts,
    entry_trigger,
    format_guard,
)
from workflows.model.facts import SYSTEM, Actor
from workflows.model.findings import Conflict, Finding, Witness, format_path
from workflows.proof.domains import ACTORS, HEAD
from workflows.proof.proof import Proof

Part = tuple[Path, Guard]


def check_satisfiable(proof: Proof) -> Iterator[Finding]:
    """Check that some facts satisfy each guard, and each alternative in it, with all else that must hold there."""
    for path, parts in _list_sites(proof):
        if core := _find_core(proof, parts):
            yield _contradiction(proof, path, core)
            continue
        for branch_path, branch in _alternatives(parts):
            if core := _find_core(proof, list(conjuncts(branch, branch_path))):
                yield _contradiction(proof, branch_path, core)


def _list_sites(proof: Proof) -> Iterator[tuple[Path, list[Part]]]:
    """Yield each guard with its path and the conditions that must hold there together."""
    definition = proof.definition
    if definition.start:
        start: Path = ("start", "when")
        yield start, list(conjuncts(definition.start, start))
    for state in definition.states:
        earlier: list[Part] = []
        for number, rule in enumerate(state.turn):
            path: Path = ("states", state.name, "turn", number, "when")
            if rule.when:
                yield path, [*earlier, *conjuncts(rule.when, path)]
                earlier.append((path, Not(rule.when)))  # the first rule that holds counts
    for number, transition in enumerate(definition.transitions):
        by, when, warn = (("transitions", number, key) for key in ("by", "when", "warn"))
        if transition.when:
            authority = [(by, part) for _, part in conjuncts(AUTHORITIES[transition.authority].guard)]
            yield when, [*authority, *conjuncts(transition.when, when)]
        if transition.warn:
            yield warn, list(conjuncts(transition.warn, warn))


def _alternatives(parts: list[Part]) -> Iterator[Part]:
    """Yield each branch of an `any`, at every depth."""
    for path, guard in parts:
        if isinstance(guard, AnyOf):
            branches = [((*path, "any", number), part) for number, part in enumerate(guard.parts)]
            yield from branches
            for branch_path, branch in branches:
                yield from _alternatives(list(conjuncts(branch, branch_path)))


def _find_core(proof: Proof, parts: list[Part]) -> list[Part]:
    """Return a minimal set of parts that exclude each other; empty if all can hold together."""
    if _can_hold(proof, parts):
        return []
    for part in list(parts):
        fewer = [other for other in parts if other is not part]
        if not _can_hold(proof, fewer):
            parts = fewer
    return parts


def _can_hold(proof: Proof, parts: list[Part]) -> bool:
    return proof.solver.solve(all_of(*(guard for _, guard in parts))) is not None


def _contradiction(proof: Proof, path: Path, core: list[Part]) -> Finding:
    conflicts = []
    for part_path, guard in core:
        other_guards = (other for _, other in core if other is not guard)
        conflicts.append(Conflict(part_path, guard, proof.find_example(all_of(*other_guards, Not(guard)))))
    conditions = tuple(f"{format_guard(guard)} ({format_path(part_path)})" for part_path, guard in core)
    witness = Witness(conflicts=tuple(conflicts))
    return Finding("lint.contradiction", path, {"conditions": conditions}, witness=witness)


ADMIN_SCOPE = frozenset({"admin"})
# Persons with two authorities at once: the scope is of the token, so a head may also be an admin. On their own plan
# admins have none.
DOUBLE_ACTORS = {
    frozenset({Authority("superior", "head_of_school"), Authority("admin", "any")}): Actor(HEAD, ADMIN_SCOPE),
    frozenset({Authority("superior", "head_of_school"), Authority("dinas", "any")}): Actor(HEAD, ADMIN_SCOPE),
    frozenset({Authority("dinas", "any"), Authority("admin", "any")}): ACTORS[Authority("admin", "any")],
}


def check_ambiguity(proof: Proof) -> Iterator[Finding]:
    """Check that at most one transition fires for a state, trigger and actor.

    Two may fire for a person with two authorities if their result is the same.
    """
    for (_, first), (number, second) in combinations(enumerate(proof.definition.transitions), 2):
        authorities = frozenset({first.authority, second.authority})
        is_double = len(authorities) == 2
        actor = DOUBLE_ACTORS.get(authorities) if is_double else ACTORS.get(first.authority)
        same_result = is_double and _result(first) == _result(second)
        if first.trigger != second.trigger or actor is None or same_result:
            continue
        rules = (AUTHORITIES[first.authority].guard, AUTHORITIES[second.authority].guard)
        guard = all_of(*rules, first.when, second.when)
        for state in sorted(set(first.from_states) & set(second.from_states)):
            if found := proof.find_witness(first, state, guard):
                witness = Witness(found.trace, state, actor, found.example, (first.id, second.id))
                names = {"id": second.id, "other": first.id, "state": state}
                yield Finding("lint.ambiguous", ("transitions", number), names, witness=witness)


def _result(transition: Transition) -> object:
    return transition.to_state, transition.effects, transition.exceptional


def check_automatic_loops(proof: Proof) -> Iterator[Finding]:
    """Check that automatic transitions never lead back to a state that they left."""
    states = proof.definition.states
    for number, state in enumerate(states):
        later = {other.name for other in states[number:]}
        loop = next(_find_loops(proof, state.name, state.name, later, ALWAYS, ()), None)
        if loop is None:
            continue
        guard, transitions = loop
        witness = Witness(
            proof.trace_to_state(state.name),
            state.name,
            SYSTEM,
            proof.find_example(guard),
            tuple(transition.id for transition in transitions),
        )
        path: Path = ("transitions", proof.definition.transitions.index(transitions[0]))
        names = {"id": transitions[0].id, "trigger": entry_trigger(state.name)}
        yield Finding("lint.automatic_loop", path, names, witness=witness)


def _find_loops(
    proof: Proof,
    start: str,
    state: str,
    remaining: set[str],
    guard: Guard,
    transitions: tuple[Transition, ...],
) -> Iterator[tuple[Guard, tuple[Transition, ...]]]:
    """Yield the automatic transitions from `state` to `start` through unvisited states, with their joint guard."""
    for transition in proof.graph.outgoing[state]:
        joint = all_of(guard, proof.graph.firing_guard(transition, state))
        target = transition.to_state
        if not transition.is_automatic or target not in remaining or proof.solver.solve(joint) is None:
            continue
        if target == start:
            yield joint, (*transitions, transition)
        else:
            rest = remaining - {target}
            yield from _find_loops(proof, start, target, rest, joint, (*transitions, transition))


def check_effect_guards(proof: Proof) -> Iterator[Finding]:
    """Check that the guard of a transition implies the condition that its effects require."""
    for number, transition in enumerate(proof.definition.transitions):
        for effect_number, effect in enumerate(transition.effects):
            condition = EFFECTS[effect.name].required_condition
            if condition is None:
                continue
            authority = AUTHORITIES[transition.authority].guard
            guard = all_of(authority, transition.when, Not(condition))
            if witness := proof.find_witness(transition, transition.from_states[0], guard):
                names = {"id": transition.id, "effect": effect.name, "needs": condition.name}
                path: Path = ("transitions", number, "effects", effect_number)
                yield Finding("lint.effect_unguarded", path, names, witness=witness)
