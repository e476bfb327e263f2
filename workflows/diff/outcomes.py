"""What changes for whom: for each kind of head and each position of the switches, where a trigger leads now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from workflows.diff.changes import Change, worse
from workflows.diff.rows import goes_back
from workflows.engine.people import WHO
from workflows.lint.check import words
from workflows.model.definition import Definition, ParamRef, ParamType, both, calls
from workflows.model.texts import Said
from workflows.proof.examples import HEADS
from workflows.proof.solver import Solver, TooIntricate

SCHOOLS = ("definitif", "plt", "kosong", "own_plt", "own_definitif")  # as in HEADS
Positions = tuple[tuple[str, bool], ...]
Outcomes = Mapping[tuple[str, str, str], set[tuple[int, Positions]]]


def outcomes(old: Definition, new: Definition) -> Iterator[Change]:
    """Ways that are open now, or no more, to a kind of school, where both versions have the state and the trigger."""
    if any(words(old)) or any(words(new)):
        return
    switches = tuple(sorted(_switches(old) | _switches(new)))
    if len(switches) > 6:  # sixty-four positions are no sentence any more
        return
    try:
        before, after = _outcomes(old, switches), _outcomes(new, switches)
    except TooIntricate:
        return
    common = _asked(old) & _asked(new)
    for way in sorted(before.keys() | after.keys()):
        if way[:2] in common:
            was, now = before.get(way, set()), after.get(way, set())
            if gained := now - was:
                yield from _told(old, new, way, gained, switches, opened=True)
            if lost := was - now:
                yield from _told(old, new, way, lost, switches, opened=False)


def _outcomes(version: Definition, switches: tuple[str, ...]) -> Outcomes:
    """For each (state, trigger, to) the circumstances under which some facts lead there."""
    solver, found = Solver(version), dict[tuple[str, str, str], set[tuple[int, Positions]]]()
    for row in version.transitions:
        guard = both(WHO[row.by].needs, row.when)
        for head, values in product(range(len(HEADS)), product((False, True), repeat=len(switches))):
            positions = tuple(zip(switches, values, strict=True))
            domains = {name: solver.domains.get(f"params.{name}") for name in switches}
            known = {
                f"params.{name}": places.index(value)
                for name, value in positions
                if (places := domains[name])
            }
            if solver.solve(guard, {"head": head, **known}) is not None:
                for state in row.from_states:
                    found.setdefault((state, row.trigger, row.to_state), set()).add((head, positions))
    return found


def _told(
    old: Definition, new: Definition, way: tuple[str, str, str], where: set[tuple[int, Positions]],
    switches: tuple[str, ...], opened: bool,
) -> Iterator[Change]:  # fmt: skip
    """One sentence for each way that the switches may stand, naming all schools of which it is true."""
    state, trigger, to = way
    version = new if opened else old
    row = next(
        row
        for row in version.transitions
        if (row.trigger, row.to_state) == (trigger, to) and state in row.from_states
    )
    for condition, heads in _grouped(where, switches).items():
        code = ("diff.automatic" if opened else "diff.automatic_ends") if row.automatic else (
            "diff.possible" if opened else "diff.impossible"
        )  # fmt: skip
        names = {
            "schools": _schools(heads),
            "state": version.state(state).label,
            "to": version.state(to).label,
            "label": row.label,
            "while": _while(version, condition),
        }
        yield Change(
            code,
            ("transitions", version.transitions.index(row)),
            names,
            worse(not opened or goes_back(version, row)),
        )


def _while(version: Definition, condition: Positions) -> object:
    if not condition:
        return ""
    labels = {param.name: param.label for param in version.params}
    switches = tuple(
        Said("fact.switch_on" if value else "fact.switch_off", {"label": labels.get(name, name)})
        for name, value in condition
    )
    return Said("while.switches", {"switches": switches})


def _grouped(
    where: set[tuple[int, Positions]], switches: tuple[str, ...]
) -> dict[Positions, tuple[int, ...]]:
    """The schools by the switches that matter for them: those that stand the same in every position found."""
    found: dict[Positions, list[int]] = {}
    for head in sorted({head for head, _ in where}):
        positions = [dict(places) for at, places in where if at == head]
        fixed = tuple(
            (name, values.pop())
            for name in switches
            if len(values := {places[name] for places in positions}) == 1
        )
        found.setdefault(fixed, []).append(head)
    return {condition: tuple(heads) for condition, heads in found.items()}


def _schools(heads: tuple[int, ...]) -> object:
    if len(heads) == len(SCHOOLS):
        return Said("schools.all")
    return tuple(Said(f"schools.{SCHOOLS[head]}") for head in heads)


def _switches(version: Definition) -> set[str]:
    """The switches that some transition asks about."""
    types = {param.name: param.type for param in version.params}
    asked = (call for row in version.transitions if row.when for _, call in calls(row.when, ()))
    refs = {value.name for call in asked for _, value in call.args if isinstance(value, ParamRef)}
    return {name for name in refs if types.get(name) is ParamType.BOOL}


def _asked(version: Definition) -> set[tuple[str, str]]:
    return {(state, row.trigger) for row in version.transitions for state in row.from_states}
