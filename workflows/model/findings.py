"""Findings about a definition: a code, a place and, for a proof, a witness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.model.definition import Guard, Path
from workflows.model.facts import Actor, Facts, Refusal
from workflows.model.messages import Language, format_message


@dataclass(frozen=True, slots=True)
class Example:
    """Facts that show a finding, with the names of the facts that it depends on and of those with unusual values."""

    facts: Facts
    relevant_facts: tuple[str, ...]
    unusual_facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """A command of a witness: `actor` fires `trigger`, and automatic transitions may follow up to `to_state`."""

    from_state: str
    trigger: str
    transition: str  # id
    actor: Actor
    example: Example
    to_state: str


@dataclass(frozen=True, slots=True)
class TransitionCheck:
    """The refusals of a transition under the facts of a witness; none if it can fire but leads nowhere."""

    transition: str  # id
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One of several conditions that exclude each other. The example satisfies all of them but this one."""

    path: Path
    condition: Guard
    example: Example | None


@dataclass(frozen=True, slots=True)
class Witness:
    """A counterexample: `trace` leads a new plan to `state`, where `actor` meets the mistake under `example`.

    `transitions` are the ids of those that the finding is about, `checks` their refusals, `conflicts` the conditions
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
    """A mistake in a definition. `path` leads to it in the file; line and column count from 1."""

    code: str
    path: Path = ()
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None
    column: int | None = None
    witness: Witness | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> str:
        """The path in the form `transitions[2].when.all[1]`."""
        return format_path(self.path)

    @property
    def position(self) -> str:
        """The position in the form `line 12, column 5`; empty if it is unknown."""
        return f"line {self.line}, column {self.column}" if self.line else ""

    def message(self, language: Language) -> str:
        """Return the text of the finding."""
        return format_message(self.code, self.params, language)


def format_path(path: Path) -> str:
    """Format a path: `transitions[2].when.all[1]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


MAX_FINDINGS = 100  # in an answer: nobody reads more, and a hostile file of 64 kB has thousands


class DefinitionError(Exception):
    """A definition that cannot be used, with its findings, the first MAX_FINDINGS of them and how many follow."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        every = tuple(findings)
        self.findings, rest = every[:MAX_FINDINGS], len(every) - MAX_FINDINGS
        if rest > 0:
            self.findings += (Finding("definition.more_findings", params={"count": rest}),)
        super().__init__("\n".join(map(_format_finding, self.findings)))


def _format_finding(finding: Finding) -> str:
    position = f" ({finding.position})" if finding.position else ""
    return f"{finding.place or 'document'}{position}: {finding.message('en')} [{finding.code}]"
