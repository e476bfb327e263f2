"""Proofs about single guards: some facts satisfy each of them, and each alternative in them."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.findings import Finding
from workflows.people import WHO
from workflows.proof.proof import Proof
from workflows.trees import AllOf, AnyOf, Guard, Not, Path, both, spelled
from workflows.witness import Exclusion, Witness

Part = tuple[Path, Guard]


def guards_can_be_met(proof: Proof) -> Iterator[Finding]:
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
            needs = [((*here, "by"), part) for _, part in _conjuncts((), WHO[row.by].needs)]
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
    return proof.solver.solve(both(*(guard for _, guard in parts))) is not None


def _contradiction(proof: Proof, place: Path, core: list[Part]) -> Finding:
    shown = tuple(
        Exclusion(
            path,
            guard,
            proof.satisfying(both(*(other for _, other in core if other is not guard), Not(guard))),
        )
        for path, guard in core
    )
    names = {"conditions": tuple(f"{spelled(guard)} ({Finding('', path).place})" for path, guard in core)}
    return Finding("lint.contradiction", place, names, witness=Witness(excluding=shown))
