"""Provinces and their time zones. Dapodik writes `Prov. Jawa Barat`; people write it in many ways."""

from __future__ import annotations

import re

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}

_PREFIX = re.compile(r"^(provinsi|propinsi|prov|prop)\b\.?\s*")
# other names of the same province: abbreviations, old names, word order
_SAME = {
    "dki jakarta": "jakarta",
    "daerah khusus ibukota jakarta": "jakarta",
    "daerah khusus jakarta": "jakarta",
    "dk jakarta": "jakarta",
    "dkj": "jakarta",
    "di yogyakarta": "yogyakarta",
    "daerah istimewa yogyakarta": "yogyakarta",
    "diy": "yogyakarta",
    "jogjakarta": "yogyakarta",
    "nanggroe aceh darussalam": "aceh",
    "nad": "aceh",
    "bangka belitung": "kepulauan bangka belitung",
    "kep bangka belitung": "kepulauan bangka belitung",
    "kep riau": "kepulauan riau",
    "kepri": "kepulauan riau",
    "ntb": "nusa tenggara barat",
    "ntt": "nusa tenggara timur",
    "irian jaya barat": "papua barat",
}


def province_key(name: str) -> str:
    """A province's name in one spelling: `Prov. D.K.I. Jakarta` → `jakarta`."""
    text = _PREFIX.sub("", name.lower().strip())
    words = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", text)  # d.k.i → dki
    text = " ".join(re.sub(r"[^a-z]+", " ", words).split())
    return _SAME.get(text, text)


def zone_of(text: str) -> str | None:
    """`WIB`, `WITA`, `WIT` or one of their IANA names as an IANA name; None for anything else."""
    wanted = text.strip()
    return ZONES.get(wanted.upper()) or (wanted if wanted in ZONES.values() else None)
