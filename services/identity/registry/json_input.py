"""JSON from outside: secrets are dropped, and the rows of Dapodik's responses are unwrapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from services.kit.problems import Problem, RequestRefused

# getPengguna contains password hashes. They are dropped while parsing, so that nothing can log or store them.
_SECRET = re.compile(r"pass|pwd|sandi|kata_?kunci|token|secret|rahasia", re.IGNORECASE)

Json = object


def find_encoding(data: bytes) -> str:
    """Return the encoding that the first bytes announce. Windows PowerShell writes UTF-16."""
    return "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def read_json(data: bytes | str) -> Json:
    """Parse JSON without the members that are named like a password. Raises RequestRefused `json.unreadable`."""
    try:
        text = data.decode(find_encoding(data)) if isinstance(data, bytes) else data.removeprefix("\ufeff")
        value: Json = json.loads(text, object_pairs_hook=_without_secrets, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):  # malformed, not UTF-8, a number of 5,000 digits, nested too deep
        raise RequestRefused(Problem("json.unreadable")) from None
    return value


def _without_secrets(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    return {name: value for name, value in pairs if not _SECRET.search(name)}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


InputPath = tuple[str, ...]

# parts of Dapodik's error messages, and our codes (dapodik.md §1)
_ERRORS = (
    ("tidak terdaftar", "dapodik.not_registered"),
    ("access denied", "dapodik.denied"),
    ("npsn harap diisi", "dapodik.npsn_not_asked"),
    ("sekolah tidak ditemukan", "dapodik.school_not_found"),
)


@dataclass(frozen=True, slots=True)
class RawRows:
    """The rows of a method with their paths, and the total that Dapodik announced, if it did."""

    rows: tuple[tuple[InputPath, Json], ...]
    announced_total: int | None


# of a method of one school; getPengguna may contain every pupil, and the largest schools have some 3,000
MAX_ROWS = 10_000


def read_rows(method: str, value: Json) -> RawRows:
    """Return the rows of a method's response. Raises RequestRefused for an error response or too many rows."""
    if value is None:
        return RawRows((), None)
    value = as_list(value)
    pages = value if isinstance(value, list) and any(_is_envelope(item) for item in value) else [value]
    rows: list[tuple[InputPath, Json]] = []
    totals: list[int] = []
    for number, page in enumerate(pages):
        path: InputPath = (method,) if len(pages) == 1 else (method, str(number))
        check_error_answer(page, path)
        rows.extend(_iterate_rows(page, path))
        if len(rows) > MAX_ROWS:
            raise RequestRefused(Problem("dapodik.too_many_rows", {"limit": MAX_ROWS}, (method,)))
        if isinstance(page, dict) and (total := _parse_total(page.get("results"))) is not None:
            totals.append(total)
    return RawRows(tuple(rows), max(totals, default=None))


def check_error_answer(value: Json, path: InputPath) -> None:
    """Raise RequestRefused if a value is an error response of Dapodik: the body of a 403, or a sentence."""
    if isinstance(value, str):
        raise RequestRefused(Problem(_find_error_code(value), path=path))
    if isinstance(value, dict) and (value.get("success") is False or "status_code" in value):
        raise RequestRefused(Problem(_find_error_code(value.get("message")), path=path))


def _find_error_code(message: Json) -> str:
    text = message.lower() if isinstance(message, str) else ""
    return next((code for words, code in _ERRORS if words in text), "dapodik.error_answer")


def as_list(value: Json) -> Json:
    """Return the items of an object whose keys are numbers, as PHP writes a list with a gap; other values unchanged."""
    if isinstance(value, dict) and all(key.isascii() and key.isdigit() and len(key) < 9 for key in value):
        return [item for _, item in sorted(value.items(), key=lambda pair: int(pair[0]))]
    return value


def _is_envelope(value: Json) -> bool:
    return isinstance(value, dict) and ("rows" in value or "data" in value or value.get("success") is False)


def _iterate_rows(page: Json, path: InputPath) -> Iterator[tuple[InputPath, Json]]:
    """Yield the rows of a page: its `rows`, or else its `data`, or else the value itself."""
    if _is_envelope(page):
        assert isinstance(page, dict)
        content = page["rows"] if page.get("rows") is not None else page.get("data")
        path = (*path, "rows")
    else:
        content = page
    content = as_list(content)
    if content is None:
        return
    if isinstance(content, dict):
        yield path, content
    elif isinstance(content, list):
        yield from (((*path, str(number)), row) for number, row in enumerate(content))
    else:
        raise RequestRefused(Problem("dapodik.rows_unreadable", path=path))


def _parse_total(value: Json) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9
        else None
    )
