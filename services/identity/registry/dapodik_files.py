"""Dapodik files as an importer has them: a bundle, an array of bundles, or NDJSON (a bundle in each line)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from services.identity.registry.bundle import Bundle, read_bundle
from services.identity.registry.json_input import read_json
from services.kit.problems import RequestRefused

NDJSON_SUFFIXES = (".ndjson", ".jsonl")


def count_schools(path: Path) -> int:
    """How many bundles the file holds, for the progress."""
    if path.suffix.lower() not in NDJSON_SUFFIXES:
        return len(_read_file(path))
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def read_schools(path: Path) -> Iterator[tuple[str, Bundle | RequestRefused]]:
    """Each bundle with its place, or why it is refused: one bad bundle never hides the others."""
    if path.suffix.lower() in NDJSON_SUFFIXES:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{path.name} line {number}", _read_line(line)
        return
    bundles = _read_file(path)
    for number, bundle in enumerate(bundles, 1):
        place = path.name if len(bundles) == 1 else f"{path.name} #{number}"
        yield place, bundle if isinstance(bundle, RequestRefused | Bundle) else _read_value(bundle)


def _read_file(path: Path) -> list[object]:
    data = path.read_bytes()
    try:
        value = read_json(data)
    except RequestRefused as refusal:
        lines = [line for line in data.splitlines() if line.strip()]
        # NDJSON under another name: every line opens an object, as in no other file but a broken one
        return [_read_line(line) for line in lines] if len(lines) > 1 and _are_objects(lines) else [refusal]
    return value if isinstance(value, list) else [value]


def _are_objects(lines: list[bytes]) -> bool:
    return all(line.lstrip().startswith(b"{") for line in lines)


def _read_line(line: bytes) -> Bundle | RequestRefused:
    try:
        return read_bundle(read_json(line))
    except RequestRefused as refusal:
        return refusal


def _read_value(bundle: object) -> Bundle | RequestRefused:
    try:
        return read_bundle(bundle)
    except RequestRefused as refusal:
        return refusal
