"""Named SQL statements from `.sql` files, run on an explicit connection.

`-- name: count_unread(recipients, max_count)` begins a statement and declares its parameters. The text refers to them
as `:recipients`, which PostgreSQL receives as `$1`. aiosql and psql read the same notation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.kit.database import Connection

_HEADER = re.compile(r"^-- name:(.*)$", re.MULTILINE)
_DECLARATION = re.compile(r" (\w+)\(((?:\w+(?:, )?)*)\)")
# Quoted text and comments match first, so that a colon inside them starts no parameter. `::text` is a cast.
_TOKEN = re.compile(r"'[^']*'|--[^\n]*|::|:([a-z]\w*)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A SQL statement with `$1` placeholders in the order of `parameters`."""

    name: str
    text: str
    parameters: tuple[str, ...]

    async def fetch(self, connection: Connection, **values: object) -> list[dict[str, Any]]:
        """Run the statement and return its rows. Raises TypeError unless each parameter has a value."""
        if values.keys() != set(self.parameters):
            raise TypeError(f"{self.name} takes {list(self.parameters)}, not {list(values)}")
        return await connection.execute_query_dict(self.text, [values[name] for name in self.parameters])

    async def fetch_value(self, connection: Connection, **values: object) -> Any:
        """Run the statement and return the only column of its only row."""
        ((value,),) = [row.values() for row in await self.fetch(connection, **values)]
        return value


def load_statements(path: Path) -> Mapping[str, Statement]:
    """Read a `.sql` file. Raises ValueError if a statement does not use exactly its declared parameters."""
    _, *parts = _HEADER.split(path.read_text("utf-8"))
    statements = [_parse(header, body) for header, body in zip(parts[::2], parts[1::2], strict=True)]
    by_name = {statement.name: statement for statement in statements}
    if len(by_name) < len(statements):
        raise ValueError(f"{path} has two statements of one name")
    return by_name


def _parse(header: str, body: str) -> Statement:
    declaration = _DECLARATION.fullmatch(header)
    if not declaration:
        raise ValueError(f"not a declaration such as `find(period, ids)`:{header}")
    name, parameters = declaration[1], tuple(re.findall(r"\w+", declaration[2]))
    uses = {match[1] for match in _TOKEN.finditer(body) if match[1]}
    if uses != set(parameters):
        raise ValueError(f"{name} declares {sorted(parameters)} and uses {sorted(uses)}")
    places = {parameter: f"${place}" for place, parameter in enumerate(parameters, 1)}
    text = _TOKEN.sub(lambda match: places[match[1]] if match[1] else match[0], body)
    return Statement(name, text.strip().removesuffix(";"), parameters)
