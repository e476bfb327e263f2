"""A strict YAML reader, which returns plain data with positions, or findings, for any bytes.

Texts that YAML 1.1 converts unexpectedly stay texts: `on`, `yes`, `12:30`, `0755`, `2024-01-31`, and numbers with more
than 15 digits, which are identifiers. Only `true`, `false`, `null`, whole numbers, and decimals that print as they were
written are converted. `1.10` is refused, because it may mean 1.1 or a text. Anchors, aliases, tags, directives, several
documents and duplicate keys are refused too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from workflows.model.definition import Path, Position
from workflows.model.findings import DefinitionError, Finding

MAX_BYTES = 64 * 1024  # bytes
MAX_DEPTH = 24  # far more than a definition needs; keeps hostile nesting cheap

START = Position(1, 1)
CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+", re.ASCII)
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# PyYAML raises these for hostile escapes and directives. Each means that the text is not YAML.
PARSER_ERRORS = (yaml.YAMLError, ValueError, OverflowError, IndexError)


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None) with the position of each path."""

    value: Any
    positions: Mapping[Path, Position]


def read_mapping(source: bytes | str, limit: int = MAX_BYTES) -> Document:
    """Return one document that is a mapping, of at most `limit` bytes. Raises DefinitionError."""
    document = read_document(source, limit)
    if not isinstance(document.value, dict):
        raise DefinitionError([Finding("yaml.mapping_expected", (), {}, *START)])
    return document


def read_document(source: bytes | str, limit: int = MAX_BYTES) -> Document:
    """Return one document. Raises DefinitionError with every finding, up to the first syntax error."""
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(raw) > limit:
        raise DefinitionError([Finding("yaml.too_large", params={"limit": limit, "size": len(raw)})])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before.rpartition(b"\n")[2].decode()) + 1
        raise DefinitionError([Finding("yaml.encoding", (), {}, before.count(b"\n") + 1, column)]) from None
    return _Builder(text).document()


class _Builder:
    """Builds the data of one document from parser events, nested at most `MAX_DEPTH` levels."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.positions: dict[Path, Position] = {}
        self.findings: list[Finding] = []

    def document(self) -> Document:
        try:
            value = self._document()
        except PARSER_ERRORS as error:
            mark = getattr(error, "problem_mark", None)
            place = (mark.line + 1, mark.column + 1) if mark else (None, None)
            raise DefinitionError([*self.findings, Finding("yaml.syntax", (), {}, *place)]) from None
        if self.findings:
            raise DefinitionError(self.findings)
        return Document(value, self.positions)

    def _document(self) -> Any:
        next(self.events)  # start of the stream
        start = next(self.events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise DefinitionError([Finding("yaml.empty", (), {}, *START)])
        if start.version or start.tags:
            self._find("yaml.directive", (), start)
        value = self._node(next(self.events), ())
        next(self.events)  # end of the document
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._find("yaml.documents", (), after)
        return value

    def _node(self, event: yaml.Event, path: Path) -> Any:
        self.positions[path] = _position(event)
        if len(path) > MAX_DEPTH:
            raise DefinitionError(
                [Finding("yaml.too_deep", path, {"limit": MAX_DEPTH}, *self.positions[path])]
            )
        if isinstance(event, yaml.AliasEvent):
            self._find("yaml.anchor", path, event)
            return None
        assert isinstance(event, yaml.CollectionStartEvent | yaml.ScalarEvent)
        if event.anchor is not None:
            self._find("yaml.anchor", path, event)
        if event.tag is not None:
            self._find("yaml.tag", path, event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._sequence(path)

    def _mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, (*path, "?"))
            if not isinstance(key, str):
                self._find("yaml.key_not_text", path, event)
                key = str(key)
            elif key in entries:
                self._find("yaml.duplicate_key", path, event, key=key)
            entries[key] = self._node(next(self.events), (*path, key))
            self.positions[(*path, key)] = _position(event)
        return entries

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> str | int | float | bool | None:
        text = event.value
        if UNPRINTABLE.search(text):
            self._find("yaml.character", path, event)
        if event.style:
            return str(text)
        if text in CONSTANTS:
            return CONSTANTS[text]
        if INTEGER.fullmatch(text):
            return int(text)
        if DECIMAL.fullmatch(text):
            if repr(float(text)) != text:
                self._find("yaml.number_unclear", path, event, text=text)
            return float(text)
        return str(text)

    def _find(self, code: str, path: Path, event: yaml.Event, **params: object) -> None:
        self.findings.append(Finding(code, path, params, *_position(event)))


def _position(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(int(mark.line) + 1, int(mark.column) + 1) if mark else START
