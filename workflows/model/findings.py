"""Findings of the reader and the linter: a code, a place, and the witness that shows the mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.model.definition import Guard, Path
from workflows.model.facts import Actor, Facts, Refusal
from workflows.model.messages import Language, format_message


@dataclass(frozen=True, slots=True)
class Example:
    """Facts that show something; those that `matter` for it by name, and those that are not the ordinary ones."""

    facts: Facts
    relevant_facts: tuple[str, ...]
    unusual_facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """One command: in `state`, `actor` fires `trigger`, `row` answers under these facts; the plan rests in `to`."""

    from_state: str
    trigger: str
    transition: str
    actor: Actor
    example: Example
    to_state: str


@dataclass(frozen=True, slots=True)
class TransitionCheck:
    """A row that does not fire in the situation shown, and what the engine says is lacking."""

    transition: str
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One of the conditions that exclude each other; the example satisfies all the others, not this one."""

    path: Path
    condition: Guard
    example: Example | None


@dataclass(frozen=True, slots=True)
class Witness:
    """`way` leads a new plan to `state`; there, under the facts of `example`, `actor` sees what is wrong.

    `rows` are the transitions that it is about, `lacks` what keeps others from firing, `excluding` the conditions
    of a contradiction.
    """

    trace: tuple[WitnessStep, ...] = ()
    state: str | None = None
    actor: Actor | None = None
    example: Example | None = None
    transitions: tuple[str, ...] = ()
    checks: tuple[TransitionCheck, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake; `path` leads to it in the file, `line` and `column` (from 1) where known, `witness` shows it."""

    code: str
    path: Path = ()
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None
    column: int | None = None
    witness: Witness | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> str:
        """The path as an author reads it: `transitions[2].when.all[1]`."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).lstrip(".")

    @property
    def position(self) -> str:
        """Line and column as an author reads them: `line 12, column 5`; empty where they are unknown."""
        return f"line {self.line}, column {self.column}" if self.line else ""

    def message(self, language: Language) -> str:
        """The sentence in one language."""
        return format_message(self.code, self.params, language)


class DefinitionError(Exception):
    """A definition that cannot be used; every finding is told at once, and nothing of it takes effect."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(_line, self.findings)))


def _line(finding: Finding) -> str:
    position = f" ({finding.position})" if finding.position else ""
    return f"{finding.place or 'document'}{position}: {finding.message('en')} [{finding.code}]"
