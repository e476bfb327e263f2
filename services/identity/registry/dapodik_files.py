"""Files of Dapodik data: a bundle, an array of bundles, or NDJSON (a bundle per line)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from services.identity.registry.bundle import Bundle, read_bundle
from services.identity.registry.file_input import decode_file
from services.identity.registry.json_input import as_list, find_encoding, read_json
from services.kit.problems import RequestRefused

NDJSON_SUFFIXES = (".ndjson", ".jsonl")


def count_schools(path: Path) -> int:
    """Count the bundles of a file, for the progress bar."""
    if path.suffix.lower() not in NDJSON_SUFFIXES:
        return len(_read_file(path))
    return sum(1 for line in _read_lines(path) if line.strip())


def read_schools(path: Path) -> Iterator[tuple[str, Bundle | RequestRefused]]:
    """Yield the name of each bundle with the bundle, or with the refusal of a bad one."""
    if path.suffix.lower() in NDJSON_SUFFIXES:
        for number, line in enumerate(_read_lines(path), 1):
            if line.strip():
                yield f"{path.name} line {number}", _read_bundle(line)
        return
    values = _read_file(path)
    for number, value in enumerate(values, 1):
        name = path.name if len(values) == 1 else f"{path.name} #{number}"
        yield name, value if isinstance(value, RequestRefused) else _read_bundle(value)


def _read_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        if find_encoding(file.peek(2)) == "utf-16":
            text = io.TextIOWrapper(file, "utf-16", errors="replace", newline="\n")
            yield from (line.encode() for line in text)
        else:
            yield from file


def _read_file(path: Path) -> list[object]:
    """Return the bundles of a file as JSON values or lines, or the refusal of the file."""
    try:
        text = decode_file(path.read_bytes())
        value = read_json(text)
    except RequestRefused as refusal:
        if refusal.problems[0].code != "json.unreadable":
            return [refusal]
        lines = [line for line in text.split("\n") if line.strip()]
        # NDJSON with another suffix: each line begins with an object
        is_ndjson = len(lines) > 1 and all(line.lstrip("\ufeff \t").startswith("{") for line in lines)
        return [line.encode() for line in lines] if is_ndjson else [refusal]
    bundles = as_list(value) if value else value
    return bundles if isinstance(bundles, list) else [bundles]


def _read_bundle(value: object) -> Bundle | RequestRefused:
    """Read a bundle from a JSON value or from a line of JSON."""
    try:
        return read_bundle(read_json(value) if isinstance(value, bytes) else value)
    except RequestRefused as refusal:
        return refusal
