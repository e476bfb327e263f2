"""Catalogues: immutable, read once, then kept in memory."""

from __future__ import annotations

from datetime import datetime

from tortoise.connection import get_connection

from services.planning.domain import catalog_file
from services.planning.domain.catalog import Catalog
from services.planning.storage.tables import CatalogTable

# Later than every other of its code, even where the clock stands still or went back.
_STORE = """
INSERT INTO catalog (sha256, code, body, imported_at)
SELECT $1, $2::text, $3, greatest($4::timestamptz, max(imported_at) + interval '1 microsecond')
FROM catalog WHERE code = $2::text
ON CONFLICT (sha256) DO UPDATE SET imported_at = excluded.imported_at
RETURNING xmax = 0 AS new
"""


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
    """Keep a catalogue as the newest of its code; its SHA-256, and whether it is new. An old one is used again."""
    sha256, body = catalog_file.sha256_of(catalog), catalog_file.canonical_json(catalog)
    rows = await get_connection("default").execute_query_dict(_STORE, [sha256, catalog.code, body, at])
    return sha256, bool(rows[0]["new"])


async def newest(code: str) -> str | None:
    """The SHA-256 of the catalogue last imported under this code."""
    rows = (
        await CatalogTable.filter(code=code)
        .order_by("-imported_at")
        .limit(1)
        .values_list("sha256", flat=True)
    )
    return str(rows[0]) if rows else None
