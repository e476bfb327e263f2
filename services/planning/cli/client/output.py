"""Answers as text: tables for lists, lines for objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from services.kit.text import escape_text

MAX_COLUMN_WIDTH = 48
EMPTY = "-"
# The fields by which people know an object, the best one first.
NAMING_FIELDS = ("address", "nama", "label", "code", "npsn", "sha256", "sentence", "message", "id")


def format_answer(value: object) -> Iterator[str]:
    """Yield the lines of the value of a root field: a table for a connection, names and values for an object."""
    if isinstance(value, Mapping) and "pageInfo" in value:
        yield from _format_connection(value)
    elif isinstance(value, Mapping):
        yield from _format_object(value)
    else:
        yield _format_scalar(value)


def format_problems(problems: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each problem: its place in the input, the sentence and the code."""
    for problem in problems:
        place = ".".join(problem.get("inputPath") or problem.get("planPath") or ())
        yield escape_text(f"{place + ': ' if place else ''}{problem['message']} ({problem['code']})")
        yield from (f"    {line}" for line in (problem.get("finding") or {}).get("witness", ()))


def _format_connection(connection: Mapping[str, Any]) -> Iterator[str]:
    rows = connection.get("nodes") or [edge["node"] for edge in connection.get("edges", ())]
    yield from _format_table(rows) if rows else ["(none)"]
    if connection["pageInfo"]["hasNextPage"]:
        yield f"more: --after {connection['pageInfo']['endCursor']}"


def _format_object(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    fields = [(name, item) for name, item in value.items() if name != "__typename"]
    for name, item in fields:
        if isinstance(item, Mapping) and "pageInfo" in item:
            yield f"{indent}{name}:"
            yield from (f"{indent}  {line}" for line in _format_connection(item))
        elif isinstance(item, Mapping):
            yield f"{indent}{name}:"
            yield from _format_object(item, indent + "  ")
        elif isinstance(item, list) and item and all(isinstance(row, Mapping) for row in item):
            yield f"{indent}{name}:"
            yield from (f"{indent}  {line}" for line in _format_table(item))
        elif isinstance(item, str) and "\n" in item:
            yield f"{indent}{name}:"
            yield from (f"{indent}  {line}" for line in _format_scalar(item).splitlines())
        else:
            yield f"{indent}{name}: {_format_scalar(item)}"


def _format_table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    cells = [{name: _format_cell(item) for name, item in row.items() if name != "__typename"} for row in rows]
    # a column that is empty in every row tells nothing
    columns = [name for name in cells[0] if any(row[name] != EMPTY for row in cells)]
    table = [columns, *([_shorten(name, row[name]) for name in columns] for row in cells)]
    widths = [max(len(row[index]) for row in table) for index in range(len(columns))]
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _format_cell(item: object) -> str:
    """Return an object as the field that people know it by, and a list of objects as their number."""
    if isinstance(item, Mapping):
        return _format_scalar(
            next((item[name] for name in NAMING_FIELDS if item.get(name) is not None), None)
        )
    if isinstance(item, list) and item and isinstance(item[0], Mapping):
        return str(len(item))
    return _format_scalar(item)


def _shorten(name: str, text: str) -> str:
    line = " ".join(text.split())
    # an id is there to be copied
    return line if name == "id" or len(line) <= MAX_COLUMN_WIDTH else line[: MAX_COLUMN_WIDTH - 1] + "…"


def _format_scalar(value: object) -> str:
    match value:
        case None:
            return EMPTY
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_format_scalar, value)) or EMPTY
    return escape_text(click.unstyle(str(value)))
