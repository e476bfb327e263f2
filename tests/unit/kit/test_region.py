from __future__ import annotations

import pytest

from services.kit.region import normalize_province, normalize_regency


@pytest.mark.parametrize("name", ["Kab. Bogor", "KABUPATEN BOGOR", " kab bogor ", "Bogor", "kab.bogor"])
def test_spellings_of_a_kabupaten_are_equal(name: str) -> None:
    assert normalize_regency(name) == "kab bogor"


@pytest.mark.parametrize("name", ["Kota Bogor", "KOTA  BOGOR", "kotamadya Bogor"])
def test_kota_differs_from_the_kabupaten_of_the_same_name(name: str) -> None:
    assert normalize_regency(name) == "kota bogor"


@pytest.mark.parametrize("name", ["Kotabaru", "Kab. Kotabaru"])
def test_name_that_begins_with_kota_is_a_kabupaten(name: str) -> None:
    assert normalize_regency(name) == "kab kotabaru"


@pytest.mark.parametrize("name", ["Prov. D.K.I. Jakarta", "DKI Jakarta", "Provinsi DKI Jakarta"])
def test_spellings_of_a_province_are_equal(name: str) -> None:
    assert normalize_province(name) == "jakarta"


def test_names_that_differ_in_a_number_differ() -> None:
    assert normalize_regency("Kab. Contoh 02") != normalize_regency("Kab. Contoh 08")
