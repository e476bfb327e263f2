from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.problems import RequestRefused
from services.planning.period.catalog import Choices
from services.planning.period.example_plan import build_example_plan
from services.planning.plan.tabs import (
    Content,
    PengembanganKompetensi,
    PerilakuKerja,
    PraktikKinerja,
    Tab,
    TabContent,
    Tugas,
    TugasTambahan,
    name_choices,
)
from tests.unit.planning.reference import catalog, code_and_path

SD, PAUD = catalog().choices("SD"), catalog().choices("PAUD")
LEVELS = [row.code for row in catalog().jenjang]
SEVEN = {aspek.code: aspek.opsi[0].code for aspek in SD.perilaku}
DAY = date(2024, 1, 2)
WALAS = Tugas("TT-WALAS", "421/1", DAY)

codes = st.lists(st.sampled_from([row.code for row in SD.rhk] + ["RHK-99", "RHK-AUTO-KOSP", ""]), max_size=8)


def refusals(tab: TabContent, choices: Choices = SD) -> list[tuple[str, str]]:
    return [code_and_path(problem) for problem in tab.check_draft(choices)]


def missing(tab: TabContent, choices: Choices = SD) -> list[tuple[str, str]]:
    return [code_and_path(problem) for problem in tab.check_complete(choices)]


# The problems of a draft, and the missing fields for NEXT.
DRAFTS: list[tuple[TabContent, list[str]]] = [
    (PraktikKinerja(), ["praktik_kinerja.missing"]),
    (PraktikKinerja("PK-KSK"), []),
    (PengembanganKompetensi(), ["pengembangan_kompetensi.missing"]),
    (PengembanganKompetensi(("RHK-05",)), []),
    (TugasTambahan(), []),
    (TugasTambahan((WALAS,)), []),
    (TugasTambahan((WALAS, Tugas("TT-WALAS", "421/2", DAY))), []),
    (TugasTambahan((WALAS, Tugas("TT-PIKET", "421/1", DAY))), []),
    (TugasTambahan((Tugas("TT-WALAS", None, DAY),)), ["tugas_tambahan.nomor_sk_missing"]),
    (TugasTambahan((Tugas("TT-WALAS", " \n", DAY),)), ["tugas_tambahan.nomor_sk_missing"]),
    (TugasTambahan((Tugas("TT-WALAS", "421/1"),)), ["tugas_tambahan.tanggal_sk_missing"]),
    (TugasTambahan((Tugas("TT-WALAS"),)), ["tugas_tambahan.nomor_sk_missing", "tugas_tambahan.tanggal_sk_missing"]),
    (PerilakuKerja(), ["perilaku_kerja.missing"] * 7),
    (PerilakuKerja({"BP": "BP-1"}), ["perilaku_kerja.missing"] * 6),
    (PerilakuKerja(SEVEN), []),
]  # fmt: skip


@pytest.mark.parametrize(("tab", "lacks"), DRAFTS)
def test_incomplete_tab_is_saved_and_next_names_the_missing_fields(tab: TabContent, lacks: list[str]) -> None:
    assert refusals(tab) == []
    assert [code for code, _ in missing(tab)] == lacks


NEVER_KEPT: list[tuple[TabContent, list[tuple[str, str]]]] = [
    (PraktikKinerja("PK-XYZ"), [("choice.not_offered", "indikator")]),
    (PraktikKinerja(""), [("choice.not_offered", "indikator")]),
    (PraktikKinerja("PAUD-PPE"), [("choice.not_offered", "indikator")]),
    (PengembanganKompetensi(("RHK-99",)), [("choice.not_offered", "rhk.0")]),
    (PengembanganKompetensi(("RHK-01", "RHK-01")), [("rhk.twice", "rhk.1")]),
    (PengembanganKompetensi(("RHK-01", "RHK-02", "RHK-01", "RHK-01")), [("rhk.twice", "rhk.2")]),
    (PengembanganKompetensi(("RHK-01",) * 101), [("choice.too_many", "rhk")]),
    (TugasTambahan((Tugas("TT-XYZ"),)), [("choice.not_offered", "tugas.0.code")]),
    (TugasTambahan((Tugas("TT-DAPODIK"),)), [("choice.not_offered", "tugas.0.code")]),
    (TugasTambahan((Tugas("TT-OSIS"),)), [("choice.not_offered", "tugas.0.code")]),
    (TugasTambahan((WALAS, WALAS)), [("tugas_tambahan.twice", "tugas.1")]),
    (TugasTambahan((WALAS,) * 21), [("choice.too_many", "tugas")]),
    (TugasTambahan((Tugas("TT-WALAS", "4" * 101),)), [("text.too_long", "tugas.0.nomor_sk")]),
    (TugasTambahan((Tugas("TT-WALAS", "4\x00"),)), [("text.not_printable", "tugas.0.nomor_sk")]),
    (TugasTambahan((Tugas("TT-WALAS", "421/001\n421/002"),)), [("text.line_break", "tugas.0.nomor_sk")]),
    (TugasTambahan((Tugas("TT-WALAS", "4", date(1945, 8, 16)),)),
     [("tugas_tambahan.tanggal_sk_early", "tugas.0.tanggal_sk")]),
    (PerilakuKerja({"XX": "BP-1"}), [("choice.not_offered", "pilihan.XX")]),
    (PerilakuKerja({"BP": "AK-1"}), [("choice.not_offered", "pilihan.BP")]),
]  # fmt: skip


@pytest.mark.parametrize(("tab", "expected"), NEVER_KEPT)
def test_tab_that_cannot_be_saved_as_a_draft(tab: TabContent, expected: list[tuple[str, str]]) -> None:
    assert refusals(tab) == expected


def test_only_paud_chooses_a_sub_indikator() -> None:
    assert refusals(PraktikKinerja("PAUD-PPE"), PAUD) == []
    assert refusals(PraktikKinerja("PK-KSK"), PAUD) == [("choice.not_offered", "indikator")]


def test_repeated_aspek_is_refused_at_its_path() -> None:
    with pytest.raises(RequestRefused) as error:
        PerilakuKerja.of([("BP", "BP-1"), ("AK", "AK-1"), ("BP", "BP-1")])
    assert [code_and_path(problem) for problem in error.value.problems] == [
        ("perilaku_kerja.twice", "pilihan.2")
    ]
    assert PerilakuKerja.of(SEVEN.items()) == PerilakuKerja(SEVEN)


@pytest.mark.parametrize(
    ("day", "late"), [(date(2024, 6, 30), False), (date(2024, 7, 1), True), (None, False)]
)
def test_decree_after_the_period_is_refused(day: date | None, late: bool) -> None:
    tab = TugasTambahan((Tugas("TT-WALAS", "421/1", day),))
    late_problems = [code_and_path(problem) for problem in tab.check_decree_dates(date(2024, 6, 30))]
    assert late_problems == ([("tugas_tambahan.tanggal_sk_late", "tugas.0.tanggal_sk")] if late else [])


@given(codes)
def test_rhk_that_is_not_offered_or_repeated_is_refused(rhk: list[str]) -> None:
    is_offered = {row.code for row in SD.rhk}
    tab = PengembanganKompetensi(tuple(rhk))
    faults = {code for code, _ in refusals(tab)}
    assert ("choice.not_offered" in faults) is (not set(rhk) <= is_offered)
    assert ("rhk.twice" in faults) is (len(set(rhk)) < len(rhk))


@given(codes)
def test_points_are_the_static_points_of_the_offered_rhk(rhk: list[str]) -> None:
    content = Content(pengembangan_kompetensi=PengembanganKompetensi(tuple(rhk)))
    assert content.points(SD) == sum(row.poin for row in SD.rhk if row.code in rhk)


def test_tab_does_not_check_the_minimum_of_points() -> None:
    tab = PengembanganKompetensi(("RHK-05",))
    assert Content(pengembangan_kompetensi=tab).points(SD) < 32
    assert (refusals(tab), missing(tab)) == ([], [])


@given(st.dictionaries(st.sampled_from([*SEVEN, "XX"]), st.sampled_from([*SEVEN.values(), "BP-2", "?"])))
def test_perilaku_is_complete_if_each_aspek_has_a_behaviour(
    pilihan: dict[str, str],
) -> None:
    tab = PerilakuKerja(pilihan)
    whole = not refusals(tab) and not missing(tab)
    own = {aspek.code: {opsi.code for opsi in aspek.opsi} for aspek in SD.perilaku}
    assert whole is (pilihan.keys() == own.keys() and all(pilihan[a] in own[a] for a in own))


@pytest.mark.parametrize("jenjang", LEVELS)
def test_the_example_of_each_level_is_complete(jenjang: str) -> None:
    choices, example = catalog().choices(jenjang), build_example_plan(catalog(), jenjang)
    content = Content(
        PraktikKinerja(example.praktik_kinerja),
        PengembanganKompetensi(example.pengembangan_kompetensi),
        TugasTambahan(),
        PerilakuKerja(example.perilaku_kerja),
    )
    assert list(content.check_complete(choices)) == list(content.check_offered(choices)) == []


def test_empty_plan_misses_every_required_tab() -> None:
    paths = {path.partition(".")[0] for _, path in map(code_and_path, Content().check_complete(SD))}
    assert paths == {"praktik_kinerja", "pengembangan_kompetensi", "perilaku_kerja"}
    assert list(Content().check_offered(SD)) == []


def test_aspek_are_in_the_official_order_of_berakhlak() -> None:
    assert list(PerilakuKerja(dict(sorted(SEVEN.items()))).pilihan) == [
        "BP",
        "AK",
        "KO",
        "HA",
        "LO",
        "AD",
        "KL",
    ]
    assert list(PerilakuKerja({"ZZ": "1", "KL": "2", "BP": "3"}).pilihan) == ["BP", "KL", "ZZ"]


def test_problems_name_choices_by_their_label() -> None:
    source = catalog()
    tab = PengembanganKompetensi(("RHK-01", "RHK-01", "RHK-99"))
    problems = list(name_choices(tab.check_draft(source.choices("SD")), source))
    label = next(row.label for row in source.rhk if row.code == "RHK-01")
    assert [problem.params["code"] for problem in problems] == ["RHK-99", label]


def test_choice_of_another_level_is_not_offered() -> None:
    content = Content(PraktikKinerja("PAUD-PPE"), tugas_tambahan=TugasTambahan((Tugas("TT-OSIS"),)))
    assert [code_and_path(problem) for problem in content.check_offered(SD)] == [
        ("choice.not_offered", "praktik_kinerja.indikator"),
        ("choice.not_offered", "tugas_tambahan.tugas.0.code"),
    ]


@given(st.permutations([PraktikKinerja("PK-KSK"), PengembanganKompetensi(("RHK-01",)), TugasTambahan((WALAS,)),
                        PerilakuKerja(SEVEN)]))  # fmt: skip
def test_saving_a_tab_keeps_the_other_tabs(tabs: Sequence[TabContent]) -> None:
    content = Content()
    for index, tab in enumerate(tabs):
        content = content.with_tab(tab)
        assert all(getattr(content, Tab.of(saved_tab)) == saved_tab for saved_tab in tabs[: index + 1])


def test_next_goes_from_praktik_kinerja_to_rangkuman() -> None:
    assert [tab.value for tab in Tab] == [
        "praktik_kinerja", "pengembangan_kompetensi", "tugas_tambahan", "perilaku_kerja", "rangkuman",
    ]  # fmt: skip
    assert [(tab.next, following) for tab, following in pairwise(Tab) if tab.next is not following] == []
    assert Tab.RANGKUMAN.next is Tab.RANGKUMAN
