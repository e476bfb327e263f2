"""How a fact is told to planning: the value, who said so, and as of when; null for what nobody said."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.identity.domain.registry import Told

View = dict[str, object]


def fact(value: object, told: Told | None) -> View:
    """`{value, source, as_of}`; an unknown value has no source."""
    if value is None or told is None:
        return {"value": None, "source": None, "as_of": None}
    return {"value": value, "source": told.source, "as_of": instant(told.as_of)}


def reference(id_: object, label: str | None) -> View | None:
    """An entry of a Dapodik reference list; None when neither its id nor its label is known."""
    return None if id_ is None and label is None else {"id": id_, "label": label}


def instant(at: datetime) -> str:
    """An instant in UTC, to the second or finer, with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: date | None) -> str | None:
    """A day of the calendar."""
    return value.isoformat() if value else None
