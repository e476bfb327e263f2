"""A report as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from services.identity.domain.report import Item, Report
from services.kit.problem import Problem

SHOWN = 20

Text = Callable[[Problem], str]


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
