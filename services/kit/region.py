"""Names of regions in one spelling: Dapodik writes `Prov. Jawa Barat`, people write it in many ways."""

from __future__ import annotations

import re

_PROVINCE = re.compile(r"^(provinsi|propinsi|prov|prop)\b\.?\s*")
_REGENCY = re.compile(r"^(kabupaten|kab)\b\.?\s*")
_CITY = re.compile(r"^(kotamadya|kota madya|kota)\b\.?\s*")
# other names of the same province: abbreviations, old names, word order
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


def province_key(name: str) -> str:
    """A province's name in one spelling: `Prov. D.K.I. Jakarta` → `jakarta`."""
    text = _normalize_words(_PROVINCE.sub("", name.lower().strip()))
    return _PROVINCE_ALIASES.get(text, text)


def regency_key(name: str) -> str:
    """A kabupaten or kota in one spelling; the two are told apart, for many share a name: `Kab. Bogor` → `kab bogor`.

    A name without either word is a kabupaten.
    """
    text = name.lower().strip()
    if _CITY.match(text):
        return f"kota {_normalize_words(_CITY.sub('', text))}"
    return f"kab {_normalize_words(_REGENCY.sub('', text))}"


def _normalize_words(text: str) -> str:
    text = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", text)  # d.k.i → dki
    return " ".join(re.sub(r"[^a-z]+", " ", text).split())
