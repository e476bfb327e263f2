"""What an import did: new, changed with the names of the fields, left, refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.kit.problem import Problem

Kind = Literal["school", "teacher", "account", "tugas_tambahan", "zone"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is new, changed or left; `fields` names what changed."""

    kind: Kind
    key: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One school, or one file of ours. `complete` says whether leaving could be seen at all."""

    subject: str
    new: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    left: tuple[Item, ...] = ()
    unchanged: int = 0
    refused: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    complete: bool = True

    def as_json(self, text: Callable[[Problem], str]) -> dict[str, object]:
        """The report for a machine; `text` gives a problem's sentence."""
        return {
            "subject": self.subject,
            "complete": self.complete,
            "new": [_item(item) for item in self.new],
            "changed": [_item(item) for item in self.changed],
            "left": [_item(item) for item in self.left],
            "unchanged": self.unchanged,
            "refused": [_problem(problem, text) for problem in self.refused],
            "warnings": [_problem(problem, text) for problem in self.warnings],
        }


def _item(item: Item) -> dict[str, object]:
    return {"kind": item.kind, "key": item.key, "fields": list(item.fields)}


def _problem(problem: Problem, text: Callable[[Problem], str]) -> dict[str, object]:
    return {"code": problem.code, "message": text(problem), "path": list(problem.path)}
