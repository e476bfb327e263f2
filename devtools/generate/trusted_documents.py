"""The manifest of trusted documents, in the format of Apollo's tools: each document in every form that clients send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256

from devtools.client_documents import ClientDocument, load_documents

STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def trusted_documents() -> str:
    """Return the manifest as JSON, one operation on each line."""
    operations = [
        json.dumps(
            {
                "id": sha256(text.encode()).hexdigest(), "clientName": document.client, "name": document.name,
                "type": document.operation.operation.value, "body": text,
            }
        )
        for document in load_documents()
        for text in list_forms(document)
    ]  # fmt: skip
    lines = ",\n".join(operations)
    return f'{{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [\n{lines}\n]}}\n'


def list_forms(document: ClientDocument) -> Iterator[str]:
    """Yield the texts of a document: plain, and with `__typename` as Apollo's manifest tool and urql print it."""
    with_typenames = document.text_with_typenames
    urql = STRING.sub(
        r"\n\g<0>", with_typenames.replace("\n\n", "\n")
    )  # urql breaks the line before a string
    yield from dict.fromkeys((document.text, with_typenames, urql))
