"""Columns of a table and the plain values that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from tortoise.models import Model

from services.identity.people.model import Provenance

Facts = TypeVar("Facts")


def from_row(row: Model, kind: type[Facts]) -> Facts:
    """The values of a row that `kind` names."""
    values: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(kind)}  # type: ignore[arg-type]
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )


def to_columns(facts: Any) -> dict[str, Any]:
    """The columns for a value; tuples become JSON arrays."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def parse_provenance(stored: Mapping[str, Mapping[str, str]]) -> dict[str, Provenance]:
    """Provenance as read from its JSON column."""
    return {
        name: Provenance(told["source"], datetime.fromisoformat(told["as_of"]))
        for name, told in stored.items()
    }


def dump_provenance(provenance: Mapping[str, Provenance]) -> dict[str, dict[str, str]]:
    """Provenance for its JSON column."""
    return {name: {"source": one.source, "as_of": one.as_of.isoformat()} for name, one in provenance.items()}
