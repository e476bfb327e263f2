"""A request as a client sends it: one of the documents of graphql/operations, and its variables.

`python -m demo.request web/SubmitPlan planId=… expectedVersion=9` prints the body, for curl (see follow.sh).
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OPERATIONS = Path(__file__).parents[1] / "graphql" / "operations"
WIDTH = 100


def body(operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is posted: the document `web/Viewer` or another, and `given` as its variables or as its one `input`."""
    document = (OPERATIONS / f"{operation}.graphql").read_text("utf-8")
    variables = {"input": dict(given)} if "($input:" in document else dict(given)
    return {"query": document, "variables": variables, "operationName": operation.rpartition("/")[2]}


def line(operation: str, given: Mapping[str, Any]) -> str:
    """The same request to be pasted behind `. demo/follow.sh`; the plan's id is remembered there as $PLAN."""
    words = ["ask", operation, *(f"{name}={_typed(name, value)}" for name, value in given.items())]
    flat = " ".join(words)
    return flat if len(flat) <= WIDTH else " \\\n    ".join([" ".join(words[:2]), *words[2:]])


def read(words: list[str]) -> dict[str, Any]:
    """`name=value` as typed in a shell: a value is JSON where it reads as JSON, else the text that it is."""
    pairs = (word.partition("=") for word in words)
    return {name: _value(text) for name, _, text in pairs}


def _typed(name: str, value: Any) -> str:
    if name in {"id", "planId"}:
        return "$PLAN"
    is_plain = isinstance(value, str) and _value(value) == value
    return shlex.quote(value if is_plain else json.dumps(value, ensure_ascii=False))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    print(json.dumps(body(sys.argv[1], read(sys.argv[2:]))))
