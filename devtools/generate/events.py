"""The tables of event kinds and causes in docs/events.md, from the dataclasses of events and their docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

from services.planning.plan.event_kinds import KINDS, TRANSITION_DEFAULTS, Cause

PAGE = Path(__file__).parents[2] / "docs" / "events.md"
BEGIN = "<!-- `make schema` writes these tables from services/planning/plan/event_kinds.py -->\n"
END = "<!-- end -->\n"


def event_page() -> str:
    """Return docs/events.md with current tables."""
    return replace_tables(PAGE.read_text("utf-8"))


def replace_tables(page: str) -> str:
    """Replace the tables between the markers of a page. Raises ValueError if the page lacks a marker."""
    before, rest = _split(page, BEGIN)
    _, after = _split(rest, END)
    return before + BEGIN + "\n" + "".join(_tables()) + "\n" + END + after


def describe(kind: type) -> tuple[str, dict[str, str]]:
    """Return the first line of a dataclass's docstring, and the meaning of each field.

    Raises ValueError if the docstring does not explain exactly the fields of the class.
    """
    first, *lines = (inspect.getdoc(kind) or "").split("\n")
    meanings = dict(line.split(": ", 1) for line in lines if line)
    if list(meanings) != [field.name for field in fields(kind)]:
        raise ValueError(f"{kind.__name__}: the docstring explains {list(meanings)}")
    return first, meanings


def _tables() -> Iterator[str]:
    yield "| kind | what happened | keys of this kind |\n|---|---|---|\n"
    for name, kind in KINDS.items():
        first, meanings = describe(kind)
        keys = {
            key if key in TRANSITION_DEFAULTS else f"detail.{key}": text for key, text in meanings.items()
        }
        yield _row(f"`{name}`", first, keys)
    yield "\n| keys of `detail.cause` | what changed |\n|---|---|\n"
    for cause in get_args(Cause):
        first, meanings = describe(cause)
        yield _row("; ".join(f"`{key}`: {text}" for key, text in meanings.items()), first)


def _row(first: str, second: str, keys: dict[str, str] | None = None) -> str:
    cells = [first, second]
    if keys is not None:
        cells.append("; ".join(f"`{key}`: {text}" for key, text in keys.items()))
    return f"| {' | '.join(cells)} |\n"


def _split(page: str, marker: str) -> tuple[str, str]:
    before, separator, after = page.partition(marker)
    if not separator:
        raise ValueError(f"the page lacks the line {marker.strip()}")
    return before, after
