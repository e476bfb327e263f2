"""What an import did: new, changed with the names of the fields, left, refused with the reason."""

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


MESSAGES = Path(__file__).parents[1] / "messages.yaml"
SHOWN = 20
REFUSED = 2

Text = Callable[[Problem], str]


class Reports:
    """Prints reports as they come, and knows the exit code at the end."""

    def __init__(self, form: str, language: Language) -> None:
        self.form, self.language = form, language
        self.messages = Messages.load(MESSAGES, format_value=format_value)
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
