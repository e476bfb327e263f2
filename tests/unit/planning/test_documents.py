"""The cache of documents: what it keeps, and that it is bounded."""

from __future__ import annotations

import pytest

from services.planning.api.documents import (
    MAX_CACHED_DOCUMENTS,
    MAX_CACHED_SIZES,
    Document,
    DocumentCache,
    DocumentRefused,
)
from services.planning.api.schema import build_schema

SCHEMA = build_schema()._schema


def free(text: str) -> Document:
    return Document(text, text)


def test_document_is_parsed_and_validated_once_and_an_invalid_one_is_not_kept() -> None:
    cache = DocumentCache(SCHEMA)
    first = cache.prepare(free("{ viewer { nama } }"), None, {})
    assert cache.prepare(free("{ viewer { nama } }"), None, {}).document is first.document
    for _ in range(2):
        with pytest.raises(DocumentRefused):
            cache.prepare(free("{ viewer { gaji } }"), None, {})
    assert len(cache._latest) == 1


def test_latest_documents_are_kept_and_trusted_ones_stay() -> None:
    cache = DocumentCache(SCHEMA)
    trusted = Document("{ viewer { nama } }", "trusted", "web/Viewer")
    kept = cache.prepare(trusted, None, {}).document
    for number in range(MAX_CACHED_DOCUMENTS + 1):
        cache.prepare(free(f"query Q{number} {{ viewer {{ nama }} }}"), None, {})
    assert len(cache._latest) == MAX_CACHED_DOCUMENTS
    assert cache.prepare(trusted, None, {}).document is kept


def test_sizes_of_a_document_are_bounded_and_follow_its_variables() -> None:
    cache = DocumentCache(SCHEMA)
    text = "query Q($first: Int!) { reviewQueue(first: $first) { edges { node { id } } } }"
    costs = [
        cache.prepare(free(text), None, {"first": first, "more": first}).size.cost for first in range(100)
    ]
    assert costs == [1 + 2 * first for first in range(100)]
    assert max(len(parsed.sizes) for parsed in cache._latest.values()) <= MAX_CACHED_SIZES
