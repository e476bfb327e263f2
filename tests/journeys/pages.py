"""Examples of a page: commands of a shell with the answers that the page shows, shortened by `…`."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

HEADING = re.compile(r"^##+ (.*)$", re.MULTILINE)
BLOCK = re.compile(r"^```\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
ELISION = "…"


class Command(NamedTuple):
    """The words of a command, and what the page shows as its output."""

    words: list[str]
    output: str


def find_commands(page: str) -> Iterator[tuple[str, list[Command]]]:
    """Yield the heading and the commands of each section that has some, in the order of the page."""
    headings = list(HEADING.finditer(page))
    for heading, next_heading in zip(headings, [*headings[1:], None], strict=True):
        section = page[heading.end() : next_heading.start() if next_heading else len(page)]
        if commands := [command for block in BLOCK.findall(section) for command in _parse(block)]:
            yield heading[1], commands


def _parse(block: str) -> Iterator[Command]:
    """Yield the commands of a block. Those that share a line with a later one have no output."""
    for text, output in COMMAND.findall(block):
        substitutions = re.sub(r"\$\((.*?)\)", lambda match: "$" + match[1].replace(" ", "_"), text)
        lexer = shlex.shlex(substitutions.replace("\\\n", " "), posix=True, punctuation_chars=";")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in lexer:
            if word == ";":
                yield Command(words, "")
                words = []
            else:
                words.append(word)
        yield Command(words, output)


def find_differences(shown: str, actual: dict[str, Any]) -> Iterator[str]:
    """Compare an answer that a page shows with the data of the real one. Yields each difference."""
    expected = json.loads(_quote_elisions(f"{{{shown}}}"))
    yield from _compare(expected, actual, "")


def _quote_elisions(text: str) -> str:
    """Make JSON of an answer with `…` for members and items that are left out."""
    brackets: list[str] = []
    parts = []
    for part in re.findall(r'"(?:\\.|[^"\\])*"|[^"]', text):
        if part in "{[":
            brackets.append(part)
        elif part in "}]":
            brackets.pop()
        parts.append(part if part != ELISION else f'"{ELISION}"' + (": 0" if brackets[-1] == "{" else ""))
    return "".join(parts)


def _compare(shown: Any, actual: Any, place: str) -> Iterator[str]:
    match shown, actual:
        case dict(), dict():
            for name in shown.keys() - {ELISION}:
                yield from _compare(shown[name], actual.get(name), f"{place}.{name}")
            if ELISION not in shown and (absent := actual.keys() - shown.keys()):
                yield f"{place}: the page leaves out {sorted(absent)}"
        case list(), list():
            items = [item for item in shown if item != ELISION]
            if len(items) > len(actual) or (ELISION not in shown and len(items) < len(actual)):
                yield f"{place}: the answer has {len(actual)} items: {json.dumps(actual, ensure_ascii=False)}"
            for number, (item, value) in enumerate(zip(items, actual, strict=False)):
                yield from _compare(item, value, f"{place}[{number}]")
        case str(), str() if shown.endswith(ELISION) and actual.startswith(shown[:-1]):
            pass
        case _ if shown != actual:
            yield f"{place}: the answer has {json.dumps(actual, ensure_ascii=False)}"
