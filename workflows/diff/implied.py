"""Does one guard follow from another, whatever the facts? Asked over the facts that both versions compare with."""

from __future__ import annotations

from dataclasses import replace

from workflows.lint.check import words
from workflows.model.definition import ALWAYS, Definition, Guard, Not, both
from workflows.proof.solver import Solver, TooIntricate


class Implied:
    """Called with an old and a new guard: True where whatever satisfied the old one satisfies the new one.

    Where that cannot be told (a version that could not run, a parameter of another type), the answer is no.
    """

    def __init__(self, old: Definition, new: Definition) -> None:
        before, after = ({param.name: param for param in version.params} for version in (old, new))
        same = all(before[name].type is after[name].type for name in before.keys() & after.keys())
        joined = replace(
            new,
            params=tuple({**before, **after}.values()),
            states=(*old.states, *new.states),
            transitions=(*old.transitions, *new.transitions),
        )
        runs = same and not any(words(old)) and not any(words(new))
        self.solver = Solver(joined) if runs else None

    def __call__(self, old: Guard | None, new: Guard | None) -> bool:
        """Whether the new guard asks for no more than the old one."""
        if old == new or new is None:
            return True
        if self.solver is None:
            return False
        try:
            return self.solver.solve(both(old or ALWAYS, Not(new))) is None
        except TooIntricate:
            return False
