"""A request of a client: a document of graphql/operations with its variables, as JSON or as a line for a shell.

`python -m demo.request web/SubmitPlan planId=… expectedVersion=9` prints the body for curl (see shell.sh).
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from devtools.client_documents import read_document

WIDTH = 94
PLAN_ID_PREFIX = "UGxhbjo"
# shell.sh keeps these values in variables: they are too long to read
SHELL_VARIABLES = {"id": "$PLAN", "planId": "$PLAN", "yaml": '"$YAML"'}


def request_body(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request: a document such as `web/Viewer`, its arguments as variables or as `input`."""
    document = read_document(operation)
    variables = {"input": dict(arguments)} if "($input:" in document else dict(arguments)
    return {"query": document, "variables": variables, "operationName": operation.rpartition("/")[2]}


def shell_line(operation: str, arguments: Mapping[str, Any]) -> str:
    """Return the request as a call of `send` from shell.sh."""
    words = (f"{name}={_shell_value(name, value)}" for name, value in arguments.items())
    return _wrap(("send", operation, *words), " \\\n    ")


def parse_arguments(words: Iterable[str]) -> dict[str, Any]:
    """Parse words of the form `name=value`. A value that is not JSON is a string."""
    pairs = (word.partition("=") for word in words)
    return {name: _parse_value(text) for name, _, text in pairs}


def _shell_value(name: str, value: Any) -> str:
    if name == "id" and not str(value).startswith(PLAN_ID_PREFIX):
        return shlex.quote(str(value))
    if name in SHELL_VARIABLES:
        return SHELL_VARIABLES[name]
    if isinstance(value, str) and _parse_value(value) == value:
        return shlex.quote(value)
    if isinstance(value, list):
        items = ", ".join(json.dumps(item, ensure_ascii=False) for item in value).replace("}, ", "},\0")
        return shlex.quote("[" + _wrap(items.split("\0"), "\n        ") + "]")
    return shlex.quote(json.dumps(value, ensure_ascii=False))


def _parse_value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _wrap(words: Iterable[str], line_break: str) -> str:
    """Join words with spaces, and with `line_break` where a line would exceed WIDTH."""
    text, space_left = "", WIDTH
    for word in words:
        first_line, _, _ = word.partition("\n")
        separator = "" if not text else " " if len(first_line) < space_left else line_break
        text += separator + word
        space_left = WIDTH - len(text.rpartition("\n")[2])
    return text


if __name__ == "__main__":
    print(json.dumps(request_body(sys.argv[1], parse_arguments(sys.argv[2:]))))
