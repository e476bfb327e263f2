"""The manifest of trusted documents, in the format of Apollo's tools: each document in every form that clients send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256

from devtools.client_documents import OPERATIONS, ClientDocument, load_documents
from devtools.clients.relay import compile_texts

SDL = OPERATIONS.parent / "planning.graphql"
STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def trusted_documents() -> str:
    """Return the manifest as JSON, one operation on each line."""
    relay = {folder.name: compile_texts(folder, SDL) for folder in sorted(OPERATIONS.iterdir())}
    operations = [
        json.dumps(
            {
                "id": sha256(text.encode()).hexdigest(), "clientName": document.client, "name": document.name,
                "type": document.operation.operation.value, "body": text,
            }
        )
        for document in load_documents()
        for text in list_forms(document, relay[document.client][document.name])
    ]  # fmt: skip
    lines = ",\n".join(operations)
    return f'{{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [\n{lines}\n]}}\n'


def list_forms(document: ClientDocument, *others: str) -> Iterator[str]:
    """Yield the texts of a document: plain, others, and with `__typename` as Apollo's manifest tool and urql print it.

    Readers of the manifest may take the first or the last text of a name.
    """
    with_typenames = document.text_with_typenames
    urql = STRING.sub(
        r"\n\g<0>", with_typenames.replace("\n\n", "\n")
    )  # urql breaks the line before a string
    yield from dict.fromkeys((document.text, *others, with_typenames, urql))
