"""Problems: codes with values, and their texts in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

import yaml

Language = Literal["id", "en"]
# How a value of a problem reads in a language: days, instants and labels differ.
FormatValue = Callable[[object, Language], str]


@dataclass(frozen=True, slots=True)
class Problem:
    """A stable dotted `code`, the values its text needs, and the path of the field it is about.

    The path names a field of the request in snake_case; with `in_plan` it names a place in the plan.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    in_plan: bool = False


class RequestRefused(Exception):
    """The request cannot be done as asked; every reason is told at once."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(", ".join(problem.code for problem in self.problems))


class Messages:
    """Every text of a service. A code without a text is a mistake of ours, found by a test, never a 500."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]], format_value: FormatValue) -> None:
        self.texts, self._format_value = texts, format_value

    @classmethod
    def load(cls, *paths: Path, format_value: FormatValue) -> Self:
        """Read and merge message files. Raises ValueError if two files have the same code."""
        texts_by_code: dict[str, Mapping[str, str]] = {}
        for path in paths:
            for code, texts in yaml.safe_load(path.read_bytes()).items():
                if code in texts_by_code:
                    raise ValueError(f"message {code} is in two files")
                texts_by_code[code] = texts
        return cls(texts_by_code, format_value)

    def text(self, problem: Problem, language: Language) -> str:
        """The sentence for a problem, or its code where none is written."""
        template = self.texts.get(problem.code, {}).get(language)
        values = {name: self._format_value(value, language) for name, value in problem.params.items()}
        return template.format_map(_FormattedParams(values)) if template else problem.code


class _FormattedParams(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def negotiate_language(accept_language: str | None) -> Language:
    """The language a client prefers (`Accept-Language`); Indonesian unless English is asked for first."""
    languages: dict[str, Language] = {"id": "id", "in": "id", "en": "en"}  # Android still says "in"
    best: Language = "id"
    best_weight = 0.0
    for item in (accept_language or "").lower().split(","):
        name, _, quality = item.strip().partition(";q=")
        language = languages.get(name.split("-")[0])
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best
