"""Problems: stable codes with values, and their texts in Indonesian and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

import yaml

from services.kit.text import isolate

Language = Literal["id", "en"]
# Formats a value of a problem in a language: a date, an instant, a label. A problem as a value is a phrase.
FormatValue = Callable[[object, Language], str]


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why a request is refused: a stable dotted code, the values of its text, and a path.

    The path names a field of the request in snake_case. With `in_plan` it names a field of the plan.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    in_plan: bool = False


class RequestRefused(Exception):
    """A request was refused. `problems` holds every reason."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(", ".join(problem.code for problem in self.problems))


class Messages:
    """The texts of a service by code and language. A test checks that each code has its texts."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]], format_value: FormatValue) -> None:
        self.texts, self._format_value = texts, format_value

    @classmethod
    def load(cls, *paths: Path, format_value: FormatValue) -> Self:
        """Read and merge message files. Raises ValueError if two files have the same code."""
        texts_by_code: dict[str, Mapping[str, str]] = {}
        for path in paths:
            for code, texts in yaml.load(path.read_bytes(), yaml.CSafeLoader).items():
                if code in texts_by_code:
                    raise ValueError(f"message {code} is in two files")
                texts_by_code[code] = texts
        return cls(texts_by_code, format_value)

    def text(self, problem: Problem, language: Language) -> str:
        """Return the text of a problem in a language, or its code if it has no text."""
        template = self.texts.get(problem.code, {}).get(language)
        values = {
            name: self.text(value, language)
            if isinstance(value, Problem)
            else isolate(self._format_value(value, language))
            for name, value in problem.params.items()
        }
        return template.format_map(_FormattedParams(values)) if template else problem.code


class _FormattedParams(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def negotiate_language(accept_language: str | None) -> Language:
    """Return the preferred language of an `Accept-Language` header. The default is Indonesian."""
    languages: dict[str, Language] = {"id": "id", "in": "id", "en": "en"}  # Android still sends "in"
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
