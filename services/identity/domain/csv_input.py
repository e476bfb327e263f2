"""Our own files: CSV with a header, comma or semicolon (as an Indonesian Excel writes it), UTF-8."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from services.identity.domain.envelope import Place
from services.identity.domain.json_input import Json
from services.identity.domain.read_row import read_row
from services.kit.problem import Problem, Refused

Model = TypeVar("Model", bound=BaseModel)
Facts = TypeVar("Facts")


def read_table(
    data: bytes, model: type[Model], facts_of: Callable[[Model, Place], tuple[str, Facts]]
) -> tuple[dict[str, Facts], list[Problem]]:
    """The rows by key, and the refused ones by line; Refused when the file itself cannot be read.

    `facts_of(row, place)` gives a row's key and value, or raises Refused. A key that stands twice with
    different values is refused at its second place; the first one stands.
    """
    facts: dict[str, Facts] = {}
    refused: list[Problem] = []
    for place, row in _lines(data, list(model.model_fields)):
        try:
            key, value = facts_of(read_row(model, row, place), place)
            if facts.setdefault(key, value) != value:
                raise Refused(Problem("row.twice", {"key": key}, place))
        except Refused as refusal:
            refused.extend(refusal.problems)
    return facts, refused


def _lines(data: bytes, columns: list[str]) -> list[tuple[Place, Json]]:
    try:
        text = data.decode("utf-8-sig")
        header = text.split("\n", 1)[0]
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True
        )
        table = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise Refused(Problem("csv.unreadable")) from None
    names = [name.strip().lower() for name in table[0][1]] if table else []
    if sorted(names) != sorted(columns):
        raise Refused(Problem("csv.header", {"columns": ", ".join(columns)}, ("line 1",)))
    # a short line leaves fields absent, which the model tells; a long one is no row at all
    return [
        ((f"line {number}",), dict(zip(names, cells, strict=False)) if len(cells) <= len(names) else None)
        for number, cells in table[1:]
        if any(cell.strip() for cell in cells)
    ]
