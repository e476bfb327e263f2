"""The report of an import, as JSON and as text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from services.kit.problems import Messages, Problem
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
    """The report about a school or a file. Only complete data (`is_complete`) show who left."""

    subject: str
    new_items: tuple[Item, ...] = ()
    changed_items: tuple[Item, ...] = ()
    leavers: tuple[Item, ...] = ()
    unchanged_count: int = 0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    is_complete: bool = True

    def as_json(self, text: Callable[[Problem], str]) -> dict[str, object]:
        """Return the report as JSON. `text` returns the text of a problem."""
        return {
            "subject": self.subject,
            "complete": self.is_complete,
            "new": [_render_item(item) for item in self.new_items],
            "changed": [_render_item(item) for item in self.changed_items],
            "left": [_render_item(item) for item in self.leavers],
            "unchanged": self.unchanged_count,
            "refused": [_render_problem(problem, text) for problem in self.problems],
            "warnings": [_render_problem(problem, text) for problem in self.warnings],
        }


def _render_item(item: Item) -> dict[str, object]:
    return {"kind": item.kind, "key": item.key, "fields": list(item.fields)}


def _render_problem(problem: Problem, text: Callable[[Problem], str]) -> dict[str, object]:
    return {"code": problem.code, "message": text(problem), "path": list(problem.path)}


MESSAGES = Path(__file__).parents[1] / "messages.yaml"
MAX_LINES = 20
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
            click.echo(json.dumps(report.as_json(self._text), ensure_ascii=False))
        else:
            click.echo(format_report(report, self._text))

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
    lines = [f"{report.subject}: {counts}, {len(report.problems)} refused"]
    lines += _format_items("+", report.new_items)
    lines += _format_items("~", report.changed_items)
    lines += _format_items("-", report.leavers)
    lines += _format_problems("!", report.problems, text)
    lines += _format_problems("?", report.warnings, text)
    return "\n".join(lines)


def _format_items(mark: str, items: tuple[Item, ...]) -> Iterator[str]:
    for item in items[:MAX_LINES]:
        fields = f": {', '.join(item.fields)}" if item.fields else ""
        yield f"  {mark} {item.kind} {item.key}{fields}"
    yield from _format_omission(mark, len(items))


def _format_problems(mark: str, problems: tuple[Problem, ...], text: FormatProblem) -> Iterator[str]:
    for problem in problems[:MAX_LINES]:
        yield f"  {mark} {' '.join(problem.path)} [{problem.code}] {text(problem)}"
    yield from _format_omission(mark, len(problems))


def _format_omission(mark: str, count: int) -> Iterator[str]:
    if count > MAX_LINES:
        yield f"  {mark} … and {count - MAX_LINES} more"
