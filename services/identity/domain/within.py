"""How far a client sees: provinces, kabupaten and kota, single schools; or, said on purpose, the whole country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("provinsi", "kabupaten_kota", "npsn")
# a token carries its limits, and a header has its bounds
MOST = 50


@dataclass(frozen=True, slots=True)
class Within:
    """A school is within if its province, its kabupaten/kota or itself is named. Nothing named: nothing is within."""

    provinsi: tuple[str, ...] = ()
    kabupaten_kota: tuple[str, ...] = ()
    npsn: tuple[str, ...] = ()
    nationwide: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether anything is named."""
        return bool(self.provinsi or self.kabupaten_kota or self.npsn)

    def as_json(self) -> dict[str, object]:
        """As a token and the database hold it; what it does not name is left out."""
        if self.nationwide:
            return {"nationwide": True}
        return {kind: list(getattr(self, kind)) for kind in KINDS if getattr(self, kind)}


def within_of(stored: Mapping[str, object]) -> Within:
    """The limits of a stored client."""
    named = {kind: tuple(map(str, _list(stored.get(kind)))) for kind in KINDS}
    return Within(**named, nationwide=stored.get("nationwide") is True)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
