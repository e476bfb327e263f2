"""Comparison of guards by the solver: facts under which one version of a guard holds and the other does not."""

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
    """A guard refuses what another accepts. `facts` describes an example; None if the proof was too complex."""

    facts: Label | None = None


class GuardComparison:
    """Compares guards of two versions, by the values that either version compares with."""

    def __init__(self, old: Definition, new: Definition) -> None:
        before, after = ({param.name: param for param in version.params} for version in (old, new))
        same_types = all(before[name].type is after[name].type for name in before.keys() & after.keys())
        both_versions = replace(
            new,
            params=tuple({**before, **after}.values()),
            states=(*old.states, *new.states),
            transitions=(*old.transitions, *new.transitions),
        )
        can_prove = same_types and not any(check_names(old)) and not any(check_names(new))
        self._solver = Solver(both_versions) if can_prove else None

    def find_difference(self, accepting: Transition, refusing: Transition) -> GuardDifference | None:
        """Find facts under which the guard of `accepting` holds and that of `refusing` does not, if there are any."""
        if accepting.when == refusing.when or refusing.when is None:
            return None
        if self._solver is None:
            return GuardDifference()
        guard = all_of(AUTHORITIES[refusing.authority].guard, accepting.when or ALWAYS, Not(refusing.when))
        try:
            assignment = self._solver.solve(guard)
        except ProofTooComplex:
            return GuardDifference()
        if assignment is None:
            return None
        example = build_example(self._solver.definition, self._solver.domains, assignment)
        return GuardDifference(describe_facts(self._solver.definition, example))
