"""JSON from outside, read so that a password never becomes part of what we hold."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from services.kit.problem import Problem, Refused

# getPengguna carries password hashes. Dropped while parsing, so that nothing later can log or store them.
_SECRET = re.compile(r"pass|pwd|sandi|kata_?kunci|token|secret|rahasia", re.IGNORECASE)

Json = object


def read_json(data: bytes | str) -> Json:
    """The value in `data`, without the members whose name tells of a password; Refused if it is not JSON."""
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")
        value: Json = json.loads(text, object_pairs_hook=_without_secrets, parse_constant=_not_json)
    except (ValueError, RecursionError):  # malformed, not UTF-8, a number of 5,000 digits, nested too deep
        raise Refused(Problem("json.unreadable")) from None
    return value


def _without_secrets(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    return {name: value for name, value in pairs if not _SECRET.search(name)}


def _not_json(name: str) -> NoReturn:
    raise ValueError(name)
