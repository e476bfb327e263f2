"""The typed documents of graphql-codegen, made equal to the trusted documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

DOCUMENT = re.compile(r'\{"kind":"Document",.*?\}(?= as unknown as )')


def sort_fragments(module: Path) -> None:
    """Sort the fragments of each document by name, as the manifest of trusted documents does.

    The hash that a client takes of a document at run time is then one of the manifest.
    """
    module.write_text(DOCUMENT.sub(_sort_fragments, module.read_text("utf-8")), "utf-8")


def _sort_fragments(match: re.Match[str]) -> str:
    document: dict[str, Any] = json.loads(match[0])
    operations = [part for part in document["definitions"] if part["kind"] == "OperationDefinition"]
    fragments = [part for part in document["definitions"] if part["kind"] == "FragmentDefinition"]
    document["definitions"] = operations + sorted(fragments, key=lambda part: str(part["name"]["value"]))
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
