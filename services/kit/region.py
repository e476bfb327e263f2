"""Normalized names of regions: Dapodik writes `Prov. Jawa Barat`, and people spell it in many ways."""

from __future__ import annotations

import re

_PROVINCE = re.compile(r"^(provinsi|propinsi|prov|prop)\b\.?\s*")
_REGENCY = re.compile(r"^(kabupaten|kab)\b\.?\s*")
_CITY = re.compile(r"^(kotamadya|kota madya|kota)\b\.?\s*")
# abbreviations, old names, other word orders
_PROVINCE_ALIASES = {
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


def normalize_province(name: str) -> str:
    """Normalize the name of a province: `Prov. D.K.I. Jakarta` → `jakarta`."""
    text = _normalize_words(_PROVINCE.sub("", name.lower().strip()))
    return _PROVINCE_ALIASES.get(text, text)


def normalize_regency(name: str) -> str:
    """Normalize the name of a kabupaten or kota: `Kab. Bogor` → `kab bogor`.

    The kind stays in the result, because a kabupaten and a kota often share a name. A name without a kind is a
    kabupaten.
    """
    text = name.lower().strip()
    if _CITY.match(text):
        return f"kota {_normalize_words(_CITY.sub('', text))}"
    return f"kab {_normalize_words(_REGENCY.sub('', text))}"


def _normalize_words(text: str) -> str:
    text = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", text)  # d.k.i → dki
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())
