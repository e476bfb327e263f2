"""A fact about a person or school as the registry told it: the value, who said so, and as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Fact(Generic[Value]):
    """`value` None is unknown, never guessed; `source` such as `dapodik:getGtk`; `as_of` aware, UTC."""

    value: Value | None = None
    source: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a Dapodik reference list: its id and the label that stood beside it."""

    id: int | None
    label: str | None
