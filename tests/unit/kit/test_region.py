from __future__ import annotations

import pytest

from services.kit.region import province_key, regency_key


@pytest.mark.parametrize("name", ["Kab. Bogor", "KABUPATEN BOGOR", " kab bogor ", "Bogor", "kab.bogor"])
def test_a_kabupaten_is_found_in_its_usual_spellings(name: str) -> None:
    assert regency_key(name) == "kab bogor"


@pytest.mark.parametrize("name", ["Kota Bogor", "KOTA  BOGOR", "kotamadya Bogor"])
def test_a_kota_is_no_kabupaten_of_the_same_name(name: str) -> None:
    assert regency_key(name) == "kota bogor"


@pytest.mark.parametrize("name", ["Kotabaru", "Kab. Kotabaru"])
def test_a_name_that_begins_like_a_kind_is_no_kind(name: str) -> None:
    assert regency_key(name) == "kab kotabaru"


@pytest.mark.parametrize("name", ["Prov. D.K.I. Jakarta", "DKI Jakarta", "Provinsi DKI Jakarta"])
def test_a_province_is_found_in_its_usual_spellings(name: str) -> None:
    assert province_key(name) == "jakarta"
