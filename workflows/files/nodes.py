"""A cursor over strictly read YAML: asks for a shape, notes a finding where it is another, reads on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from workflows.files.reader import Document
from workflows.model.definition import Path
from workflows.model.findings import Finding

Word = TypeVar("Word", bound=StrEnum)
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
TEXT_LIMIT = 200  # characters of a label; a screen shows no more


class Node:
    """A value with its place. Every question gives the right type; a wrong value leaves a finding behind."""

    def __init__(self, document: Document, findings: list[Finding], value: Any, path: Path = ()) -> None:
        self.document, self.findings, self.value, self.path = document, findings, value, path

    def at(self, step: str | int, value: Any) -> Node:
        """The value one step further in."""
        return Node(self.document, self.findings, value, (*self.path, step))

    def find(self, code: str, **params: object) -> None:
        """Note a finding about this place."""
        self.findings.append(Finding(code, self.path, params, self.document.lines.get(self.path)))

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Node]:
        """The entries of a mapping with known keys; the required ones are always there."""
        if not isinstance(self.value, dict):
            self.find("definition.mapping_expected")
            return self._absent(required)
        known = required + optional
        for name in self.value:
            if name not in known:
                self.at(name, None).find("definition.unknown_key", key=name, known=known)
        for name in required:
            if name not in self.value:
                self.find("definition.missing_key", key=name)
        found = {name: self.at(name, self.value[name]) for name in known if name in self.value}
        return self._absent(required) | found

    def _absent(self, names: tuple[str, ...]) -> dict[str, Node]:
        # Its absence is told once; what is read from it next goes to a list that nobody reads.
        return {name: Node(self.document, [], None, self.path) for name in names}

    def entries(self) -> list[tuple[str, Node]]:
        """The entries of a mapping whose keys are names of the author's choice."""
        if not isinstance(self.value, dict):
            self.find("definition.mapping_expected")
            return []
        entries = [(name, self.at(name, value)) for name, value in self.value.items()]
        for name, node in entries:
            if not NAME.fullmatch(name):
                node.find("definition.bad_name", name=name)
        return entries

    def items(self, least: int = 0) -> list[Node]:
        """The items of a list."""
        if not isinstance(self.value, list) or len(self.value) < least:
            self.find("definition.list_expected", least=least)
            return []
        return [self.at(number, value) for number, value in enumerate(self.value)]

    def text(self) -> str:
        """A short text for people: one line, not blank."""
        text = self.value if isinstance(self.value, str) else ""
        if not text.strip() or len(text) > TEXT_LIMIT or not text.isprintable():
            self.find("definition.text_expected", limit=TEXT_LIMIT)
        return text

    def name(self, pattern: re.Pattern[str] = NAME) -> str:
        """A technical name."""
        if isinstance(self.value, str) and pattern.fullmatch(self.value):
            return self.value
        self.find("definition.bad_name", name=self.value)
        return ""

    def names(self) -> tuple[str, ...]:
        """One name, or a list of names, each once."""
        if isinstance(self.value, str):
            return (self.name(),)
        names = tuple(item.name() for item in self.items(least=1))
        if len(set(names)) < len(names):
            self.find("definition.twice", names=names)
        return names

    def flag(self) -> bool:
        """true or false."""
        if not isinstance(self.value, bool):
            self.find("definition.bool_expected")
        return self.value is True

    def whole(self) -> int:
        """A whole number."""
        if type(self.value) is int:
            return self.value
        self.find("definition.int_expected")
        return 0

    def word(self, words: type[Word]) -> Word:
        """One of a closed list of words."""
        known: Mapping[object, Word] = {word.value: word for word in words}
        if isinstance(self.value, str) and self.value in known:
            return known[self.value]
        self.find("definition.unknown_word", word=self.value, known=tuple(known))
        return next(iter(words))
