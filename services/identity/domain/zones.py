"""The time zones of provinces."""

from __future__ import annotations

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def zone_of(text: str) -> str | None:
    """`WIB`, `WITA`, `WIT` or one of their IANA names as an IANA name; None for anything else."""
    wanted = text.strip()
    return ZONES.get(wanted.upper()) or (wanted if wanted in ZONES.values() else None)
