from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.unit.planning.reference import catalog

LEVELS = ["PAUD", "SD", "SMP", "SMA", "SMK", "SLB", "KESETARAAN"]


@pytest.mark.parametrize(
    ("form", "jenjang"),
    [
        *((form, "PAUD") for form in (1, 2, 3, 4)),
        *((form, "SD") for form in (5, 7, 38, 53)),
        *((form, "SMP") for form in (6, 8, 36, 54)),
        *((form, "SMA") for form in (13, 14, 37, 44, 55)),
        (15, "SMK"),
        (29, "SLB"),
        *((form, "KESETARAAN") for form in (27, 40)),
        (9, None),
        (0, None),
        (None, None),
    ],
)
def test_a_school_form_belongs_to_one_level_or_is_not_served(form: int | None, jenjang: str | None) -> None:
    assert catalog().jenjang_of(form) == jenjang


def test_paud_chooses_a_sub_indikator_and_every_other_level_an_indikator() -> None:
    sub = {row.code for row in catalog().sub_indikator}
    indikator = {row.code for row in catalog().indikator}
    for level in LEVELS:
        offered_codes = {row.code for row in catalog().choices(level).praktik_kinerja}
        assert offered_codes == (sub if level == "PAUD" else indikator)


def test_there_are_eight_indikator_and_four_sub_indikator() -> None:
    assert (len(catalog().indikator), len(catalog().sub_indikator)) == (8, 4)


@pytest.mark.parametrize("level", LEVELS)
def test_the_indikator_of_levels_without_a_published_list_are_unverified(level: str) -> None:
    unverified_levels = {"PAUD", "SLB", "KESETARAAN"}
    for row in catalog().choices(level).praktik_kinerja:
        assert (row.confidence_for(level) == "unverified") == (level in unverified_levels)


def test_unverified_and_regulation_rows_are_inactive_unless_a_level_needs_them() -> None:
    c = catalog()
    for rows in (c.komponen, c.indikator, c.rhk, c.rhk_otomatis, c.dasar_hukum, c.tugas_tambahan, c.perilaku,
                 c.jenjang_jabatan, c.pangkat_golongan, c.golongan_pppk, c.status_kepegawaian, c.jenis_ptk,
                 c.edit_data_diri):  # fmt: skip
        for row in rows:
            assert row.active == (row.confidence in ("official", "secondary")), row
    assert all(row.active and row.confidence == "unverified" for row in c.sub_indikator)
    assert {row.code for row in c.jenjang if row.confidence == "unverified"} == {"PAUD", "KESETARAAN"}


def test_every_row_names_its_sources() -> None:
    c = catalog()
    for rows in (c.jenjang, c.komponen, c.indikator, c.sub_indikator, c.rhk, c.rhk_otomatis, c.dasar_hukum,
                 c.tugas_tambahan, c.perilaku, c.jenjang_jabatan, c.pangkat_golongan, c.golongan_pppk,
                 c.status_kepegawaian, c.jenis_ptk, c.edit_data_diri):  # fmt: skip
        for row in rows:
            assert row.source, row


@pytest.mark.parametrize("code", ["RHK-06", "TT-GPK", "TT-P5"])
def test_rows_without_points_or_valid_only_later_are_missing(code: str) -> None:
    assert catalog().find_rhk(code) is None
    assert catalog().find_tugas_tambahan(code) is None


@pytest.mark.parametrize(
    ("code", "poin"),
    [("RHK-01", 8), ("RHK-02", 8), ("RHK-03", 36), ("RHK-04", 8), ("RHK-05", 4), ("RHK-07", 8), ("RHK-08", 4),
     ("RHK-09", 4), ("RHK-10", 6), ("RHK-11", 6), ("RHK-12", 6)],
)  # fmt: skip
def test_an_rhk_is_worth_its_static_points(code: str, poin: int) -> None:
    row = catalog().find_rhk(code)
    assert row is not None
    assert row.poin == poin
    assert row in catalog().choices("SD").rhk


@pytest.mark.parametrize(
    ("code", "levels"),
    [
        ("TT-WAKA", ["SMP", "SMA", "SMK"]),
        ("TT-KAPROG", ["SMK"]),
        ("TT-OSIS", ["SMP", "SMA", "SMK"]),
        ("TT-PERPUS", LEVELS),
        ("TT-WALAS", LEVELS),
        ("TT-TPPK", []),
        ("TT-DAPODIK", []),
        ("TT-BOS", []),
    ],
)
def test_a_tugas_tambahan_is_offered_to_its_levels_only(code: str, levels: list[str]) -> None:
    assert catalog().find_tugas_tambahan(code) is not None
    offered_levels = [
        level for level in LEVELS if code in {row.code for row in catalog().choices(level).tugas_tambahan}
    ]
    assert offered_levels == levels


def test_the_four_legal_bases_of_the_guide_are_present() -> None:
    assert [row.label for row in catalog().dasar_hukum] == [
        "Permendikbud 15/2018",
        "Permendikbudristek No. 46/2023 Pasal 15 dan 25",
        "Permendikbudristek 79/2015 Pasal 14",
        "Permendikbudristek No. 2/2022 Pasal 41",
    ]


def test_seven_aspek_each_offer_three_behaviours() -> None:
    aspek = catalog().choices("SMA").perilaku
    assert [row.code for row in aspek] == ["BP", "AK", "KO", "HA", "LO", "AD", "KL"]
    assert [len(row.opsi) for row in aspek] == [3] * 7


def test_rangkuman_adds_three_rhk_and_the_teacher_uploads_evidence_for_one() -> None:
    assert [(row.code, row.pengunggah) for row in catalog().rhk_otomatis] == [
        ("RHK-AUTO-PRAKTIK", "GURU"),
        ("RHK-AUTO-KOSP", "KEPALA_SEKOLAH"),
        ("RHK-AUTO-HADIR", "KEPALA_SEKOLAH"),
    ]


@pytest.mark.parametrize(
    ("status", "group", "fields"),
    [
        (1, "PNS", ("pangkat_golongan", "ruang", "jenjang_jabatan")),
        (10, "PNS", ("pangkat_golongan", "ruang", "jenjang_jabatan")),
        (11, "PPPK", ("jenjang_jabatan",)),
        (4, "NON_ASN", ()),
        (8, "NON_ASN", ()),
        (77, None, ()),
        (None, None, ()),
    ],
)
def test_employment_status_decides_which_fields_may_be_corrected(
    status: int | None, group: str | None, fields: tuple[str, ...]
) -> None:
    group_of_status = catalog().status_group(status)
    assert group_of_status == group
    assert catalog().editable_fields(group_of_status) == fields


@pytest.mark.parametrize(
    ("identifier", "label", "akses"),
    [
        (3, "Guru Kelas", True),
        (3, None, True),
        (11, "Tenaga Administrasi Sekolah", False),
        (6, "Guru Inklusi", None),
        (None, "kindergarten teacher ", True),
        (41, "Play Group Teacher", True),
    ],
)
def test_jenis_ptk_is_found_by_id_or_without_an_id_by_label(
    identifier: int | None, label: str | None, akses: bool | None
) -> None:
    row = catalog().find_jenis_ptk(identifier, label)
    assert row is not None
    assert row.akses is akses


@pytest.mark.parametrize(("identifier", "label"), [(41, "Guru Kelas"), (None, None), (41, "")])
def test_label_does_not_find_a_row_with_an_id(identifier: int | None, label: str | None) -> None:
    assert catalog().find_jenis_ptk(identifier, label) is None


def test_a_row_for_one_jenjang_jabatan_is_offered_to_nobody_else() -> None:
    row = catalog().rhk[0].model_copy(update={"jenjang_jabatan": ("AHLI_MADYA",)})
    changed_catalog = catalog().model_copy(update={"rhk": (row, *catalog().rhk[1:])})
    is_offered = {j: row in changed_catalog.choices("SD", j).rhk for j in (None, "AHLI_MUDA", "AHLI_MADYA")}
    assert is_offered == {None: False, "AHLI_MUDA": False, "AHLI_MADYA": True}


def test_inactive_row_is_found_but_not_offered() -> None:
    row = catalog().indikator[0].model_copy(update={"active": False})
    changed_catalog = catalog().model_copy(update={"indikator": (row, *catalog().indikator[1:])})
    assert changed_catalog.find_praktik_kinerja(row.code) == row
    assert row not in changed_catalog.choices("SD").praktik_kinerja


def test_unknown_level_raises_key_error() -> None:
    with pytest.raises(KeyError):
        catalog().choices("MADRASAH")


def test_a_loaded_catalogue_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        catalog().rhk[0].poin = 128  # type: ignore[misc]
