from __future__ import annotations

import pytest

from services.planning.period.catalog import Catalog
from services.planning.plan.rangkuman import Rangkuman, build_rangkuman
from services.planning.plan.tabs import Content, PengembanganKompetensi, PraktikKinerja
from tests.unit.planning.reference import catalog

CONTENT = Content(PraktikKinerja("PK-KSK"), PengembanganKompetensi(("RHK-07", "RHK-01")))


def summary(content: Content, source: Catalog | None = None, jenjang: str = "SD") -> Rangkuman:
    source = source or catalog()
    return build_rangkuman(content, source.choices(jenjang), source)


def test_three_rhk_are_added_automatically_with_evidence() -> None:
    automatic = [line for line in summary(CONTENT).rhk if line.otomatis]
    assert [(line.label, line.bukti, line.pengunggah, line.tahap, line.poin) for line in automatic] == [
        ("Keteraturan Suasana Kelas", "RPP/Bahan Ajar (Modul Ajar)", "GURU", "PELAKSANAAN", None),
        (
            "Kurikulum Operasional Satuan Pendidikan (KOSP)",
            "Dokumen Kurikulum Operasional Satuan Pendidikan (KOSP)",
            "KEPALA_SEKOLAH",
            "PELAKSANAAN",
            None,
        ),
        ("Kehadiran Kelas", "Dokumen Kehadiran Kelas", "KEPALA_SEKOLAH", "PELAKSANAAN", None),
    ]


def test_chosen_rhk_follow_in_the_order_of_the_teacher() -> None:
    summary_shown = summary(CONTENT)
    own = [line for line in summary_shown.rhk if not line.otomatis]
    assert [(line.code, line.poin, line.pengunggah) for line in own] == [
        ("RHK-07", 8, "GURU"),
        ("RHK-01", 8, "GURU"),
    ]
    assert [line.otomatis for line in summary_shown.rhk] == [True] * 3 + [False] * 2
    assert summary_shown.poin == 16


def test_without_indikator_only_rhk_of_the_principal_appear() -> None:
    assert [line.code for line in summary(Content()).rhk] == ["RHK-AUTO-KOSP", "RHK-AUTO-HADIR"]
    assert summary(Content()).poin == 0


def test_paud_teacher_sees_the_sub_indikator() -> None:
    summary_shown = summary(Content(PraktikKinerja("PAUD-ASM")), jenjang="PAUD")
    assert summary_shown.rhk[0].label == "Asesmen yang meningkatkan kualitas pembelajaran"


@pytest.mark.parametrize("removed_list", ["rhk", "indikator"])
def test_choice_missing_from_the_catalogue_is_shown_by_its_code(removed_list: str) -> None:
    rows = tuple(row for row in getattr(catalog(), removed_list) if row.code not in {"RHK-07", "PK-KSK"})
    summary_shown = summary(CONTENT, catalog().model_copy(update={removed_list: rows}))
    lines = {line.code: line for line in summary_shown.rhk}
    if removed_list == "rhk":
        assert (lines["RHK-07"].label, lines["RHK-07"].poin, summary_shown.poin) == ("RHK-07", None, 8)
    else:
        assert lines["RHK-AUTO-PRAKTIK"].label == "Indikator yang dipilih pada Praktik Kinerja"


def test_inactive_automatic_rhk_does_not_appear() -> None:
    rows = tuple(row.model_copy(update={"active": False}) for row in catalog().rhk_otomatis)
    assert all(
        not line.otomatis
        for line in summary(CONTENT, catalog().model_copy(update={"rhk_otomatis": rows})).rhk
    )
