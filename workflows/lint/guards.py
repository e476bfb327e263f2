"""Proofs about single guards: some facts satisfy each of them, and each alternative in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workflows.engine.authority import AUTHORITIES, EFFECTS
from workflows.model.definition import (
    ALWAYS,
    AllOf,
    AnyOf,
    Authority,
    Guard,
    Not,
    Path,
    Transition,
    all_of,
    entry_trigger,
    format_guard,
)
from workflows.model.facts import SYSTEM, Actor
from workflows.model.findings import Conflict, Finding, Witness
from workflows.proof.domains import ACTORS, HEAD, OWNER
from workflows.proof.proof import Proof

Part = tuple[Path, Guard]


def check_satisfiable(proof: Proof) -> Iterator[Finding]:
    """Each guard is satisfied by some facts, together with what else has to hold at its place."""
    for site, parts in _sites(proof):
        if excluding := _core(proof, parts):
            yield _contradiction(proof, site, excluding)
        else:
            for place, guard in _alternatives(parts):
                if excluding := _core(proof, list(_conjuncts(place, guard))):
                    yield _contradiction(proof, place, excluding)


def _sites(proof: Proof) -> Iterator[tuple[Path, list[Part]]]:
    """Each guard with its place, taken apart into all that must hold there at once."""
    definition = proof.definition
    if definition.start:
        yield ("start", "when"), list(_conjuncts(("start", "when"), definition.start))
    for state in definition.states:
        before: list[Part] = []
        for number, rule in enumerate(state.turn):
            place: Path = ("states", state.name, "turn", number, "when")
            if rule.when:
                yield place, [*before, *_conjuncts(place, rule.when)]
                before.append((place, Not(rule.when)))  # the first rule that holds decides
    for number, row in enumerate(definition.transitions):
        here: Path = ("transitions", number)
        if row.when:
            needs = [((*here, "by"), part) for _, part in _conjuncts((), AUTHORITIES[row.authority].guard)]
            yield (*here, "when"), [*needs, *_conjuncts((*here, "when"), row.when)]
        if row.warn:
            yield (*here, "warn"), list(_conjuncts((*here, "warn"), row.warn))


def _conjuncts(path: Path, guard: Guard) -> Iterator[Part]:
    if isinstance(guard, AllOf):
        for number, part in enumerate(guard.parts):
            yield from _conjuncts((*path, "all", number), part)
    else:
        yield path, guard


def _alternatives(parts: list[Part]) -> Iterator[Part]:
    """Each branch of an `any`, at every depth."""
    for path, guard in parts:
        if isinstance(guard, AnyOf):
            inner = [((*path, "any", number), part) for number, part in enumerate(guard.parts)]
            yield from inner
            for place, part in inner:
                yield from _alternatives(list(_conjuncts(place, part)))


def _core(proof: Proof, parts: list[Part]) -> list[Part]:
    """The fewest parts that already exclude each other; empty where all can hold at once."""
    if _together(proof, parts):
        return []
    for part in list(parts):
        fewer = [other for other in parts if other is not part]
        if not _together(proof, fewer):
            parts = fewer
    return parts


def _together(proof: Proof, parts: list[Part]) -> bool:
    return proof.solver.solve(all_of(*(guard for _, guard in parts))) is not None


def _contradiction(proof: Proof, place: Path, core: list[Part]) -> Finding:
    shown = tuple(
        Conflict(
            path,
            guard,
            proof.find_example(all_of(*(other for _, other in core if other is not guard), Not(guard))),
        )
        for path, guard in core
    )
    names = {
        "conditions": tuple(f"{format_guard(guard)} ({Finding('', path).place})" for path, guard in core)
    }
    return Finding("lint.contradiction", place, names, witness=Witness(conflicts=shown))


ADMIN_TOO = frozenset({"admin"})
# People who are two things at once: a scope is of the token, so a teacher or a head may also be an admin.
TWICE = {
    frozenset({Authority("teacher", "owner"), Authority("admin", "any")}): Actor(OWNER, ADMIN_TOO),
    frozenset({Authority("superior", "head_of_school"), Authority("admin", "any")}): Actor(HEAD, ADMIN_TOO),
}


def check_ambiguity(proof: Proof) -> Iterator[Finding]:
    """For one state, trigger and actor at most one row fires; two roles of one person may agree."""
    rows = proof.definition.transitions
    for (_, one), (number, other) in combinations(enumerate(rows), 2):
        actor = (
            ACTORS.get(one.authority)
            if one.authority == other.authority
            else TWICE.get(frozenset({one.authority, other.authority}))
        )
        agree = one.authority != other.authority and _outcome(one) == _outcome(other)
        if one.trigger != other.trigger or actor is None or agree:
            continue
        needs = all_of(
            AUTHORITIES[one.authority].guard, AUTHORITIES[other.authority].guard, one.when, other.when
        )
        for state in sorted(set(one.from_states) & set(other.from_states)):
            if found := proof.find_witness(one, state, needs):
                names = {"id": other.id, "other": one.id, "state": state}
                shown = Witness(found.trace, state, actor, found.example, (one.id, other.id))
                yield Finding("lint.ambiguous", ("transitions", number), names, witness=shown)


def _outcome(row: Transition) -> object:
    return row.to_state, row.effects, row.exceptional


def check_automatic_loops(proof: Proof) -> Iterator[Finding]:
    """No facts lead automatic rows back to a state that they came from."""
    for number, state in enumerate(proof.definition.states):
        later = {other.name for other in proof.definition.states[number:]}
        found = next(_circles(proof, state.name, state.name, later, ALWAYS, ()), None)
        if found is None:
            continue
        guard, rows = found
        first = proof.definition.transitions.index(rows[0])
        way, shown = proof.trace_to_state(state.name), proof.find_example(guard)
        witness = Witness(way, state.name, SYSTEM, shown, tuple(row.id for row in rows))
        names = {"id": rows[0].id, "trigger": entry_trigger(state.name)}
        yield Finding("lint.automatic_loop", ("transitions", first), names, witness=witness)


def _circles(
    proof: Proof, start: str, here: str, allowed: set[str], guard: Guard, rows: tuple[Transition, ...]
) -> Iterator[tuple[Guard, tuple[Transition, ...]]]:
    """Automatic ways from a state back to it, over states that have not been left yet."""
    for row in proof.graph.outgoing[here]:
        further = all_of(guard, proof.graph.firing_guard(row, here))
        if not row.is_automatic or row.to_state not in allowed or proof.solver.solve(further) is None:
            continue
        if row.to_state == start:
            yield further, (*rows, row)
        else:
            left = allowed - {row.to_state}
            yield from _circles(proof, start, row.to_state, left, further, (*rows, row))


def check_effect_guards(proof: Proof) -> Iterator[Finding]:
    """An effect that needs something of the plan stands only behind a guard that makes sure of it."""
    for number, row in enumerate(proof.definition.transitions):
        for place, effect in enumerate(row.effects):
            need = EFFECTS[effect.name].required_condition
            if need and (
                shown := proof.find_witness(
                    row, row.from_states[0], all_of(AUTHORITIES[row.authority].guard, row.when, Not(need))
                )
            ):
                names = {"id": row.id, "effect": effect.name, "needs": need.name}
                path = ("transitions", number, "effects", place)
                yield Finding("lint.effect_unguarded", path, names, witness=shown)
