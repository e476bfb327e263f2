"""Conversion between rows of a table and the dataclasses that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from tortoise.models import Model

from services.identity.people.model import Provenance

Value = TypeVar("Value")


def from_row(row: Model, kind: type[Value]) -> Value:
    """Build a dataclass from the columns of the same names. JSON arrays become tuples."""
    values = {field.name: getattr(row, field.name) for field in fields(kind)}  # type: ignore[arg-type]
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )


def to_columns(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as columns. Tuples become JSON arrays."""
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def parse_provenance(column: Mapping[str, Mapping[str, str]]) -> dict[str, Provenance]:
    """Read the JSON column `provenance`."""
    return {
        name: Provenance(fact["source"], datetime.fromisoformat(fact["as_of"]))
        for name, fact in column.items()
    }


def dump_provenance(provenance: Mapping[str, Provenance]) -> dict[str, dict[str, str]]:
    """Write the JSON column `provenance`."""
    return {
        name: {"source": fact.source, "as_of": fact.as_of.isoformat()} for name, fact in provenance.items()
    }
