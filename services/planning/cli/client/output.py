"""Answers as text: tables for lists, lines for objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

MAX_COLUMN_WIDTH = 48


def format_answer(value: object) -> Iterator[str]:
    """Yield the lines of the value of a root field: a table for a connection, names and values for an object."""
    if isinstance(value, Mapping) and "edges" in value:
        yield from _format_connection(value)
    elif isinstance(value, Mapping):
        yield from _format_object(value)
    else:
        yield _format_scalar(value)


def format_problems(problems: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each problem: its place in the input, the sentence and the code."""
    for problem in problems:
        place = ".".join(problem.get("inputPath") or problem.get("planPath") or ())
        yield f"{place + ': ' if place else ''}{problem['message']} ({problem['code']})"
        yield from (f"    {line}" for line in problem.get("witness") or ())


def _format_connection(connection: Mapping[str, Any]) -> Iterator[str]:
    rows = [dict(_flatten(edge["node"])) for edge in connection["edges"]]
    yield from _format_table(rows) if rows else ["(none)"]
    page = connection.get("pageInfo") or {}
    if page.get("hasNextPage"):
        yield f"more: --after {page['endCursor']}"


def _format_object(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    fields = [(name, item) for name, item in value.items() if name != "__typename"]
    for name, item in fields:
        if isinstance(item, Mapping) and "edges" in item:
            yield f"{indent}{name}:"
            yield from (f"{indent}  {line}" for line in _format_connection(item))
        elif isinstance(item, Mapping):
            yield f"{indent}{name}:"
            yield from _format_object(item, indent + "  ")
        elif isinstance(item, list) and item and all(isinstance(row, Mapping) for row in item):
            yield f"{indent}{name}:"
            yield from (f"{indent}  {line}" for line in _format_table([dict(_flatten(row)) for row in item]))
        elif isinstance(item, str) and "\n" in item:
            yield f"{indent}{name}:"
            yield from (f"{indent}  {line}" for line in item.splitlines())
        else:
            yield f"{indent}{name}: {_format_scalar(item)}"


def _flatten(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, item in value.items():
        if name == "__typename":
            continue
        if isinstance(item, Mapping):
            yield from _flatten(item, f"{prefix}{name}.")
        else:
            yield prefix + name, _format_scalar(item)


def _format_table(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    table = [[_shorten(cell) for cell in row] for row in table]
    widths = [max(len(row[index]) for row in table) for index in range(len(columns))]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_COLUMN_WIDTH else line[: MAX_COLUMN_WIDTH - 1] + "…"


def _format_scalar(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_format_scalar, value)) or "-"
        case Mapping():
            return ", ".join(f"{name} {item}" for name, item in _flatten(value))
    return click.unstyle(str(value))
