"""Catalogues: immutable, read once, then kept in memory."""

from __future__ import annotations

from datetime import datetime

from services.planning.domain import catalog_file
from services.planning.domain.catalog import Catalog
from services.planning.storage.tables import CatalogTable


class Catalogs:
    """Catalogues by their SHA-256. They never change, so what was read once is never read again."""

    def __init__(self) -> None:
        self._loaded: dict[str, Catalog] = {}

    async def get(self, sha256: str) -> Catalog:
        """The catalogue of this identity; KeyError where it was never imported."""
        if sha256 not in self._loaded:
            rows = await CatalogTable.filter(sha256=sha256).values_list("body", flat=True)
            if not rows:
                raise KeyError(sha256)
            self._loaded[sha256] = catalog_file.from_canonical(str(rows[0]))
        return self._loaded[sha256]


async def store(catalog: Catalog, at: datetime) -> tuple[str, bool]:
    """Keep a catalogue; its SHA-256, and whether it is new."""
    sha256 = catalog_file.sha256_of(catalog)
    if await CatalogTable.filter(sha256=sha256).exists():
        return sha256, False
    body = catalog_file.canonical_json(catalog)
    await CatalogTable.bulk_create(
        [CatalogTable(sha256=sha256, code=catalog.code, body=body, imported_at=at)], ignore_conflicts=True
    )
    return sha256, True


async def newest(code: str) -> str | None:
    """The SHA-256 of the catalogue last imported under this code."""
    rows = (
        await CatalogTable.filter(code=code)
        .order_by("-imported_at")
        .limit(1)
        .values_list("sha256", flat=True)
    )
    return str(rows[0]) if rows else None
