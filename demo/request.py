"""A request as a client sends it: one of the documents of graphql/operations, and its variables.

`python -m demo.request web/SubmitPlan planId=… expectedVersion=9` prints the body, for curl (see follow.sh).
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

OPERATIONS = Path(__file__).parents[1] / "graphql" / "operations"
WIDTH = 94
PLAN = "UGxhb"  # how the id of a plan begins
REMEMBERED = {
    "id": "$PLAN",
    "planId": "$PLAN",
    "yaml": '"$YAML"',
}  # what the shell holds, too long to be read


def body(operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is posted: the document `web/Viewer` or another, with `given` as its variables or its one `input`."""
    document = (OPERATIONS / f"{operation}.graphql").read_text("utf-8")
    variables = {"input": dict(given)} if "($input:" in document else dict(given)
    return {"query": document, "variables": variables, "operationName": operation.rpartition("/")[2]}


def line(operation: str, given: Mapping[str, Any]) -> str:
    """The same request to be pasted after `. demo/follow.sh`, which remembers the id of the plan as $PLAN."""
    words = ["ask", operation, *(f"{name}={_typed(name, value)}" for name, value in given.items())]
    return _filled(words, " \\\n    ")


def read(words: Iterable[str]) -> dict[str, Any]:
    """`name=value` as typed in a shell: a value is JSON where it reads as JSON, else the text that it is."""
    pairs = (word.partition("=") for word in words)
    return {name: _value(text) for name, _, text in pairs}


def _typed(name: str, value: Any) -> str:
    if name == "id" and not str(value).startswith(PLAN):
        return shlex.quote(str(value))
    if name in REMEMBERED:
        return REMEMBERED[name]
    if isinstance(value, str) and _value(value) == value:
        return shlex.quote(value)
    if isinstance(value, list):
        items = ", ".join(json.dumps(item, ensure_ascii=False) for item in value).replace("}, ", "},\0")
        return shlex.quote("[" + _filled(items.split("\0"), "\n        ") + "]")
    return shlex.quote(json.dumps(value, ensure_ascii=False))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _filled(words: Iterable[str], turn: str) -> str:
    """The words in lines that are not too long."""
    text, room = "", WIDTH
    for word in words:
        first, _, _ = word.partition("\n")
        glue = "" if not text else " " if len(first) < room else turn
        text += glue + word
        room = WIDTH - len(text.rpartition("\n")[2])
    return text


if __name__ == "__main__":
    print(json.dumps(body(sys.argv[1], read(sys.argv[2:]))))
