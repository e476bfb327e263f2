"""Scalars with strict formats. A value of another format is refused before a resolver runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from services.kit.clock import parse_date, parse_instant

NPSN = NewType("NPSN", str)
NIP = NewType("NIP", str)
Duration = NewType("Duration", timedelta)


def format_duration(duration: timedelta) -> str:
    """Format a duration as ISO 8601 in hours, minutes and seconds, such as `PT36H5M`."""
    seconds = int(duration.total_seconds())
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    return "PT" + ("".join(f"{value}{unit}" for value, unit in parts if value) or "0S")


def _pattern(pattern: str, expected: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return parse


def _scalar(
    name: str, description: str, url: str, parse: Callable[[str], object], serialize: Callable[[Any], str]
) -> ScalarDefinition:
    def parse_value(value: object) -> object:
        if not isinstance(value, str):
            raise GraphQLError(f"{name} expects a text.")
        try:
            return parse(value)
        except ValueError as error:
            raise GraphQLError(f"{name}: {error}.") from None

    return strawberry.scalar(
        name=name, description=description, specified_by_url=url, parse_value=parse_value, serialize=serialize
    )


def _no_input(_: str) -> object:
    raise ValueError("no input takes a duration")


_RFC_3339 = "https://www.rfc-editor.org/rfc/rfc3339"
_DAPODIK = "https://dapo.kemdikbud.go.id/"

SCALARS: dict[object, ScalarDefinition] = {
    date: _scalar(
        "Date", "A calendar date, such as `2024-01-31`, local to the school.",
        f"{_RFC_3339}#section-5.6", parse_date, date.isoformat,
    ),
    datetime: _scalar(
        "DateTime", "An instant with its offset, such as `2024-01-31T09:00:00+07:00`. Answers are in UTC.",
        f"{_RFC_3339}#section-5.6", parse_instant, datetime.isoformat,
    ),
    Duration: _scalar(
        "Duration", "A length of time in the form of ISO 8601, such as `PT36H5M`.",
        f"{_RFC_3339}#appendix-A", _no_input, format_duration,
    ),
    NPSN: _scalar(
        "NPSN", "The number of a school (Nomor Pokok Sekolah Nasional): 8 characters.", _DAPODIK,
        _pattern(r"[0-9P][0-9A-Z]{7}", "expected 8 characters, such as 20100001"), str,
    ),
    NIP: _scalar(
        "NIP", "The number of a civil servant (NIP) or a PPPK (NI PPPK): 18 digits.", "https://www.bkn.go.id/",
        _pattern(r"[0-9]{18}", "expected 18 digits"), str,
    ),
}  # fmt: skip
