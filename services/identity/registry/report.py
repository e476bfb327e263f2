"""The report of an import, as JSON and as text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import click

from services.kit.problems import Messages, Problem
from services.kit.text import escape_text
from workflows.model.messages import Language, format_value

ItemKind = Literal["school", "teacher", "account", "tugas_tambahan", "zone"]


@dataclass(frozen=True, slots=True)
class Item:
    """An entity that is new, changed or left. `fields` are the names of changed fields."""

    kind: ItemKind
    key: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The report about a school or a file. Only complete data (`is_complete`) show who left.

    `names` are the names of people and schools by ptk_id and NPSN, as far as they are known.
    """

    subject: str
    new_items: tuple[Item, ...] = ()
    changed_items: tuple[Item, ...] = ()
    leavers: tuple[Item, ...] = ()
    unchanged_count: int = 0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    is_complete: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def name_key(self, key: str) -> str:
        """Return a key with names in the place of ids."""
        return " ".join(self.names.get(word, word) for word in key.split(" "))

    def as_json(self, text: Callable[[Problem], str], max_problems: int | None = None) -> dict[str, object]:
        """Return the report as JSON. `text` returns the text of a problem. `max_problems` limits each list of them."""
        return {
            "subject": self.subject,
            "complete": self.is_complete,
            "new": [self._render_item(item) for item in self.new_items],
            "changed": [self._render_item(item) for item in self.changed_items],
            "left": [self._render_item(item) for item in self.leavers],
            "unchanged": self.unchanged_count,
            "refused_rows": count_rows(self.problems),
            "refused": [self._render_problem(problem, text) for problem in self.problems[:max_problems]],
            "warnings": [self._render_problem(problem, text) for problem in self.warnings[:max_problems]],
        }

    def _render_item(self, item: Item) -> dict[str, object]:
        return {
            "kind": item.kind, "key": item.key, "name": self.name_key(item.key), "fields": list(item.fields)
        }  # fmt: skip

    def _render_problem(self, problem: Problem, text: Callable[[Problem], str]) -> dict[str, object]:
        names = (self.names[part] for part in problem.path if part in self.names)
        details = {
            "name": problem.params.get("nama") or next(names, None),
            "value": problem.params.get("value"),
        }
        return {
            "code": problem.code, "message": text(problem), "path": list(problem.path),
            **{name: value for name, value in details.items() if value},
        }  # fmt: skip


def count_rows(problems: Iterable[Problem]) -> int:
    """Count the rows that have problems. A row can have several wrong fields."""
    return len({problem.path[:-1] if _names_field(problem) else problem.path for problem in problems})


def _names_field(problem: Problem) -> bool:
    return bool(problem.path) and problem.path[-1] == problem.params.get("field")


MESSAGES = Path(__file__).parents[1] / "messages.yaml"
MAX_LINES = 20
MAX_VALUE_LENGTH = 80
EXIT_REFUSED = 2

FormatProblem = Callable[[Problem], str]


class ReportPrinter:
    """Prints reports, and exits with the code of the import."""

    def __init__(self, form: str, language: Language) -> None:
        self.form, self.language = form, language
        self.messages = Messages.load(MESSAGES, format_value=format_value)
        self.refusal_count = 0

    def add(self, report: Report) -> None:
        """Print one report."""
        self.refusal_count += len(report.problems)
        if self.form == "json":
            click.echo(escape_text(json.dumps(report.as_json(self._text), ensure_ascii=False)))
        else:
            click.echo(escape_text(format_report(report, self._text)))

    def exit(self) -> None:
        """Exit with 0 if everything was stored, or with 2 if something was refused."""
        sys.exit(EXIT_REFUSED if self.refusal_count else 0)

    def _text(self, problem: Problem) -> str:
        return self.messages.text(problem, self.language)


def format_report(report: Report, text: FormatProblem) -> str:
    """Return a line of counts, then the items and problems. Long lists are cut; JSON has them in full."""
    counts = f"{len(report.new_items)} new, {len(report.changed_items)} changed, {report.unchanged_count} unchanged"
    if report.is_complete or report.leavers:
        counts += f", {len(report.leavers)} left"
    name = f" {report.names[report.subject]}" if report.subject in report.names else ""
    lines = [f"{report.subject}{name}: {counts}, {count_rows(report.problems)} refused"]
    lines += _format_items("+", report.new_items, report)
    lines += _format_items("~", report.changed_items, report)
    lines += _format_items("-", report.leavers, report)
    lines += _format_problems("!", report.problems, report, text)
    lines += _format_problems("?", report.warnings, report, text)
    return "\n".join(lines)


def _format_items(mark: str, items: tuple[Item, ...], report: Report) -> Iterator[str]:
    for item in items[:MAX_LINES]:
        fields = f": {', '.join(item.fields)}" if item.fields else ""
        yield f"  {mark} {item.kind} {report.name_key(item.key)}{fields}"
    yield from _format_omission(mark, len(items))


def _format_problems(
    mark: str, problems: tuple[Problem, ...], report: Report, text: FormatProblem
) -> Iterator[str]:
    for problem in problems[:MAX_LINES]:
        place = [report.name_key(part) for part in problem.path]
        name, value = problem.params.get("nama"), problem.params.get("value")
        place += [f"({name})"] if name and name not in place else []
        place += [f"“{str(value)[:MAX_VALUE_LENGTH]}”"] if value else []
        yield f"  {mark} {' '.join(place)} [{problem.code}] {text(problem)}"
    yield from _format_omission(mark, len(problems))


def _format_omission(mark: str, count: int) -> Iterator[str]:
    if count > MAX_LINES:
        yield f"  {mark} … and {count - MAX_LINES} more"
