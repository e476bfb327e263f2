"""Comparison of guards: facts under which one version of a guard holds and the other does not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.engine.authority import AUTHORITIES
from workflows.lint.check import check_names
from workflows.lint.witness_text import describe_facts
from workflows.model.definition import ALWAYS, Definition, Label, Not, Transition, all_of
from workflows.proof.domains import build_example
from workflows.proof.solver import ProofTooComplex, Solver


@dataclass(frozen=True, slots=True)
class GuardDifference:
    """A guard refuses what another lets through. `facts` shows it in words, None if the proof was given up."""

    facts: Label | None = None


class GuardComparison:
    """Compares guards of two versions over the facts that either version compares with."""

    def __init__(self, old: Definition, new: Definition) -> None:
        before, after = ({param.name: param for param in version.params} for version in (old, new))
        same_types = all(before[name].type is after[name].type for name in before.keys() & after.keys())
        joined = replace(
            new,
            params=tuple({**before, **after}.values()),
            states=(*old.states, *new.states),
            transitions=(*old.transitions, *new.transitions),
        )
        runs = same_types and not any(check_names(old)) and not any(check_names(new))
        self._solver = Solver(joined) if runs else None

    def find_difference(self, one: Transition, other: Transition) -> GuardDifference | None:
        """Find facts under which the guard of `one` holds and that of `other` does not; None if there are none."""
        if one.when == other.when or other.when is None:
            return None
        if self._solver is None:
            return GuardDifference()
        try:
            found = self._solver.solve(
                all_of(AUTHORITIES[other.authority].guard, one.when or ALWAYS, Not(other.when))
            )
        except ProofTooComplex:
            return GuardDifference()
        if found is None:
            return None
        shown = build_example(self._solver.definition, self._solver.domains, found)
        return GuardDifference(describe_facts(self._solver.definition, shown))
