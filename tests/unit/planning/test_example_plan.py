from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.planning.period.example_plan import build_example_plan
from tests.unit.planning.reference import catalog, code_and_path

LEVELS = [row.code for row in catalog().jenjang]
JABATAN = [None, *(row.code for row in catalog().jenjang_jabatan)]


@pytest.mark.parametrize("jenjang", LEVELS)
@pytest.mark.parametrize("jabatan", JABATAN)
def test_an_example_plan_is_complete_and_valid_by_its_own_catalogue(
    jenjang: str, jabatan: str | None
) -> None:
    choices, plan = catalog().choices(jenjang, jabatan), build_example_plan(catalog(), jenjang, jabatan)
    points = {row.code: row.poin for row in choices.rhk}
    assert plan.praktik_kinerja in {row.code for row in choices.praktik_kinerja}
    assert Counter(plan.pengembangan_kompetensi) <= Counter(points)
    assert 32 <= sum(points[code] for code in plan.pengembangan_kompetensi) <= 128
    assert plan.tugas_tambahan == ()
    assert plan.perilaku_kerja.keys() == {row.code for row in choices.perilaku}
    for aspek in choices.perilaku:
        assert plan.perilaku_kerja[aspek.code] in {opsi.code for opsi in aspek.opsi}


def test_example_plan_has_no_surplus_rhk_and_no_leading_role() -> None:
    assert build_example_plan(catalog(), "SD").pengembangan_kompetensi == (
        "RHK-01",
        "RHK-02",
        "RHK-04",
        "RHK-07",
    )


def test_the_example_of_paud_has_a_sub_indikator() -> None:
    assert build_example_plan(catalog(), "PAUD").praktik_kinerja == "PAUD-PPE"


@given(st.integers(0, 94))
def test_example_plan_reaches_the_minimum_and_needs_each_of_its_rhk(
    minimum: int,
) -> None:
    points = {row.code: row.poin for row in catalog().rhk}
    chosen_points = [
        points[code] for code in build_example_plan(catalog(), "SD", None, minimum).pengembangan_kompetensi
    ]
    assert sum(chosen_points) >= minimum
    assert all(sum(chosen_points) - one < minimum for one in chosen_points)


def test_example_plan_takes_every_rhk_if_the_minimum_is_out_of_reach() -> None:
    plan = build_example_plan(catalog(), "SD", None, 1_000)
    assert plan.pengembangan_kompetensi == tuple(row.code for row in catalog().rhk)


@pytest.mark.parametrize("jenjang", LEVELS)
def test_every_choice_of_an_example_plan_is_explained_in_both_languages(jenjang: str) -> None:
    plan = build_example_plan(catalog(), jenjang)
    assert {code_and_path(reason)[1] for reason in plan.explanations} == {
        "praktik_kinerja",
        "pengembangan_kompetensi",
        *(f"pengembangan_kompetensi.{index}" for index in range(len(plan.pengembangan_kompetensi))),
        "tugas_tambahan",
        *(f"perilaku_kerja.{aspek}" for aspek in plan.perilaku_kerja),
    }


def test_example_plan_is_deterministic() -> None:
    assert build_example_plan(catalog(), "SMK") == build_example_plan(catalog(), "SMK")
