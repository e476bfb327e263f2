"""A problem: one reason why something cannot be done, as data. Its text is made at the edge (messages.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """A stable dotted `code`, the values its text needs, and the path of the field it is about."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: tuple[str, ...] = ()


class Refused(Exception):
    """The request cannot be done as asked; every reason is told at once."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(", ".join(problem.code for problem in self.problems))
