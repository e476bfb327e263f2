"""Reports of imports on a terminal: for a person, or one JSON object in each line for a machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from services.identity.domain.report import Item, Report
from services.kit.messages import Messages
from services.kit.problem import Problem
from workflows.messages import Language

MESSAGES = Path(__file__).parent / "messages.yaml"
SHOWN = 20
REFUSED = 2

Text = Callable[[Problem], str]


class Reports:
    """Prints reports as they come, and knows the exit code at the end."""

    def __init__(self, form: str, language: Language) -> None:
        self.form, self.language = form, language
        self.messages = Messages.load(MESSAGES)
        self.refused = 0

    def add(self, report: Report) -> None:
        """Print one report."""
        self.refused += len(report.refused)
        if self.form == "json":
            click.echo(json.dumps(report.as_json(self._text), ensure_ascii=False))
        else:
            click.echo(report_text(report, self._text))

    def end(self) -> None:
        """Leave with 0 when everything landed, with 2 when something was refused."""
        sys.exit(REFUSED if self.refused else 0)

    def _text(self, problem: Problem) -> str:
        return self.messages.text(problem, self.language)


def report_text(report: Report, text: Text) -> str:
    """One line of counts, then what is worth reading; long lists are cut, `--report json` has them whole."""
    counts = f"{len(report.new)} new, {len(report.changed)} changed, {report.unchanged} unchanged"
    if report.complete or report.left:
        counts += f", {len(report.left)} left"
    lines = [f"{report.subject}: {counts}, {len(report.refused)} refused"]
    lines += _items("+", report.new)
    lines += _items("~", report.changed)
    lines += _items("-", report.left)
    lines += _problems("!", report.refused, text)
    lines += _problems("?", report.warnings, text)
    return "\n".join(lines)


def _items(mark: str, items: tuple[Item, ...]) -> Iterator[str]:
    for item in items[:SHOWN]:
        fields = f": {', '.join(item.fields)}" if item.fields else ""
        yield f"  {mark} {item.kind} {item.key}{fields}"
    yield from _rest(mark, len(items))


def _problems(mark: str, problems: tuple[Problem, ...], text: Text) -> Iterator[str]:
    for problem in problems[:SHOWN]:
        yield f"  {mark} {' '.join(problem.path)} [{problem.code}] {text(problem)}"
    yield from _rest(mark, len(problems))


def _rest(mark: str, count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"  {mark} … and {count - SHOWN} more"
