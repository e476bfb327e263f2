"""Catalogue files: read and checked when imported, kept as canonical JSON, known by its digest."""

from __future__ import annotations

import hashlib

from services.kit.problem import Refused
from services.planning.domain.catalog import Catalog
from services.planning.domain.catalog_check import findings
from services.planning.domain.file_shape import canonical, parse


def load(raw: bytes) -> Catalog:
    """The catalogue of a YAML file; Refused with every fault of shape, or with all that does not add up."""
    catalog = parse(Catalog, raw)
    if found := findings(catalog):
        raise Refused(found)
    return catalog


def canonical_json(catalog: Catalog) -> str:
    """The catalogue as storage keeps it; equal catalogues give equal text, however their files look."""
    return canonical(catalog)


def sha256_of(catalog: Catalog) -> str:
    """The identity of a catalogue: SHA-256 of its canonical JSON, in lower-case hex."""
    return hashlib.sha256(canonical_json(catalog).encode()).hexdigest()


def from_canonical(text: str) -> Catalog:
    """The catalogue that `canonical_json` wrote; it was checked when it came in."""
    return Catalog.model_validate_json(text)
