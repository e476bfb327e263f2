"""What is wrong with a definition, told so that its author can mend it: a code, a place, two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.messages import Language, say
from workflows.trees import Path
from workflows.witness import Witness


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake; `path` leads to it in the file, `line` (from 1) where it is known, `witness` shows it."""

    code: str
    path: Path = ()
    params: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None
    witness: Witness | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> str:
        """The path as an author reads it: `transitions[2].when.all[1]`."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).lstrip(".")

    def message(self, language: Language) -> str:
        """The sentence in one language."""
        return say(self.code, self.params, language)


class DefinitionError(Exception):
    """A definition that cannot be used; every finding is told at once, and nothing of it takes effect."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(_line, self.findings)))


def _line(finding: Finding) -> str:
    line = f" (line {finding.line})" if finding.line else ""
    return f"{finding.place or 'document'}{line}: {finding.message('en')} [{finding.code}]"
