from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.kit.problems import RequestRefused
from services.planning.period import catalog_file
from services.planning.period.catalog import Catalog
from tests.unit.planning.reference import CATALOG, catalog, code_and_path, dump_changed


def find_problems(spoil: Callable[[Any], object]) -> list[tuple[str, str]]:
    with pytest.raises(RequestRefused) as error:
        catalog_file.load(dump_changed(CATALOG, spoil))
    return [code_and_path(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("spoil", "code", "path"),
    [
        (lambda d: d["rhk"][1].update(label="\u3164"), "file.empty", "rhk.1.label"),
        (lambda d: d["rhk"][1].update(label="RHK\u202e 1"), "file.not_printable", "rhk.1.label"),
        (lambda d: d["rhk"][1].update(poin=0), "file.not_positive", "rhk.1.poin"),
        (lambda d: d["rhk"][1].update(poin=-8), "file.not_positive", "rhk.1.poin"),
        (lambda d: d["rhk"][1].update(poin="8"), "file.not_integer", "rhk.1.poin"),
        (lambda d: d["rhk"][1].update(poin=8.5), "file.not_integer", "rhk.1.poin"),
        (lambda d: d["rhk"][1].update(poin=True), "file.not_integer", "rhk.1.poin"),
        (lambda d: d["rhk"][1].pop("poin"), "file.missing", "rhk.1.poin"),
        (lambda d: d["rhk"][1].update(points=8), "file.unknown_field", "rhk.1.points"),
        (lambda d: d["rhk"][1].update(confidence="sure"), "file.not_one_of", "rhk.1.confidence"),
        (lambda d: d["rhk"][1].update(active="yes"), "file.not_boolean", "rhk.1.active"),
        (lambda d: d["rhk"][1].update(label=""), "file.empty", "rhk.1.label"),
        (lambda d: d["rhk"][1].update(label=12), "file.not_text", "rhk.1.label"),
        (lambda d: d["rhk"][1].update(code="two words"), "file.malformed", "rhk.1.code"),
        (lambda d: d.update(rhk={}), "file.not_list", "rhk"),
        (lambda d: d.update(rhk=["x"]), "file.not_mapping", "rhk.0"),
        (lambda d: d.pop("perilaku"), "file.missing", "perilaku"),
        (
            lambda d: d["jenjang"][0].update(bentuk_pendidikan_id=[]),
            "file.empty",
            "jenjang.0.bentuk_pendidikan_id",
        ),
    ],
)
def test_row_of_another_form_is_refused(spoil: Callable[[Any], object], code: str, path: str) -> None:
    assert find_problems(spoil) == [(code, path)]


@pytest.mark.parametrize(
    ("spoil", "code", "path"),
    [
        (lambda d: d["rhk"][1].update(code="RHK-01"), "catalog.repeated", "rhk.1.code"),
        (lambda d: d["rhk_otomatis"][0].update(code="RHK-01"), "catalog.repeated", "rhk_otomatis.0.code"),
        (lambda d: d["sub_indikator"][0].update(code="PK-KSK"), "catalog.repeated", "sub_indikator.0.code"),
        (
            lambda d: d["perilaku"][1]["opsi"][0].update(code="BP-1"),
            "catalog.repeated",
            "perilaku.1.opsi.0.code",
        ),
        (
            lambda d: d["jenjang"][1]["bentuk_pendidikan_id"].append(1),
            "catalog.repeated",
            "jenjang.1.bentuk_pendidikan_id.4",
        ),
        (lambda d: d["status_kepegawaian"][1].update(id=1), "catalog.repeated", "status_kepegawaian.1.id"),
        (lambda d: d["jenis_ptk"][1].update(id=3), "catalog.repeated", "jenis_ptk.1.id"),
        (lambda d: d["jenis_ptk"][8].update(label="GURU PENGGANTI"), "catalog.repeated", "jenis_ptk.8.id"),
        (lambda d: d["jenis_ptk"][7].pop("label"), "catalog.jenis_ptk_unnamed", "jenis_ptk.7"),
        (lambda d: d["rhk"][0]["source"].append("HEARSAY"), "catalog.dangling", "rhk.0.source"),
        (
            lambda d: d["edit_data_diri"][0].update(source=["HEARSAY"]),
            "catalog.dangling",
            "edit_data_diri.0.source",
        ),
        (lambda d: d["indikator"][0].update(komponen="PK-XX"), "catalog.dangling", "indikator.0.komponen"),
        (lambda d: d["rhk"][0].update(jenjang=["SD", "MI"]), "catalog.dangling", "rhk.0.jenjang"),
        (lambda d: d["rhk"][0].update(jenjang_jabatan=["X"]), "catalog.dangling", "rhk.0.jenjang_jabatan"),
        (
            lambda d: d["indikator"][0].update(jenjang=["SD"], unverified_jenjang=["SLB"]),
            "catalog.dangling",
            "indikator.0.unverified_jenjang",
        ),
        (
            lambda d: d["perilaku"][0]["opsi"][0].update(jenjang_jabatan=["X"]),
            "catalog.dangling",
            "perilaku.0.opsi.0.jenjang_jabatan",
        ),
        (
            lambda d: d["tugas_tambahan"][0].update(dasar_hukum="UU-1"),
            "catalog.dangling",
            "tugas_tambahan.0.dasar_hukum",
        ),
        (lambda d: d["perilaku"].pop(), "catalog.incomplete", "perilaku"),
        (lambda d: d["perilaku"][0].update(active=False), "catalog.incomplete", "perilaku"),
        (lambda d: d["jenjang"].pop(4), "catalog.incomplete", "jenjang"),
        (lambda d: d["edit_data_diri"].pop(), "catalog.incomplete", "edit_data_diri"),
    ],
)
def test_inconsistent_catalogue_is_refused(spoil: Callable[[Any], object], code: str, path: str) -> None:
    assert (code, path) in find_problems(spoil)


@pytest.mark.parametrize(
    ("spoil", "section", "jenjang"),
    [
        (lambda d: d.update(sub_indikator=[]), "sub_indikator", "PAUD"),
        (lambda d: [row.update(active=False) for row in d["sub_indikator"]], "sub_indikator", "PAUD"),
        (lambda d: [row["jenjang"].remove("SLB") for row in d["indikator"]], "indikator", "SLB"),
        (lambda d: [row.update(jenjang=["SD"]) for row in d["rhk"]], "rhk", "SMK"),
        (lambda d: [row.update(jenjang_jabatan=["AHLI_MUDA"]) for row in d["rhk"]], "rhk", "SD"),
        (lambda d: [row.update(active=False) for row in d["perilaku"][2]["opsi"]], "perilaku KO", "SMA"),
        (lambda d: d["perilaku"][2].update(opsi=[]), "perilaku KO", "KESETARAAN"),
    ],
)
def test_catalogue_that_leaves_a_level_without_choices_is_refused(
    spoil: Callable[[Any], object], section: str, jenjang: str
) -> None:
    def spoil_also_unverified(data: Any) -> None:
        for row in data["indikator"]:
            row.pop("unverified_jenjang")
        spoil(data)

    with pytest.raises(RequestRefused) as error:
        catalog_file.load(dump_changed(CATALOG, spoil_also_unverified))
    assert {code_and_path(problem)[0] for problem in error.value.problems} == {
        "catalog.level_without_choices"
    }
    assert {"list": section, "jenjang": jenjang, "jenjang_jabatan": "-"} in [
        p.params for p in error.value.problems
    ]


def test_all_problems_of_a_catalogue_are_reported_together() -> None:
    def spoil(data: Any) -> None:
        data["rhk"][0]["poin"] = 0
        data["rhk"][3]["label"] = ""
        data["jenjang"][0]["kelas"] = 1

    assert find_problems(spoil) == [
        ("file.unknown_field", "jenjang.0.kelas"),
        ("file.not_positive", "rhk.0.poin"),
        ("file.empty", "rhk.3.label"),
    ]

    def contradict(data: Any) -> None:
        data["rhk"][1]["code"] = "RHK-01"
        data["indikator"][0]["komponen"] = "PK-XX"
        data["sub_indikator"] = []

    assert {code for code, _ in find_problems(contradict)} == {
        "catalog.repeated",
        "catalog.dangling",
        "catalog.level_without_choices",
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"code: a\ncode: b\n",
        b"code: &a x\nb: *a\n",
        b"code: !!python/object:os.system x\n",
        b"\xff\xfe",
        b"- a list\n",
        b"",
        b"code: [",
        b"code: '" + b"x" * 70_000 + b"'",
    ],
)
def test_yaml_with_aliases_tags_or_duplicates_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestRefused) as error:
        catalog_file.load(raw)
    assert {code_and_path(problem)[0] for problem in error.value.problems} == {"file.unreadable"}


def test_canonical_json_restores_the_catalogue() -> None:
    text = catalog_file.canonical_json(catalog())
    assert Catalog.model_validate_json(text) == catalog()
    assert catalog_file.canonical_json(Catalog.model_validate_json(text)) == text


def test_hash_does_not_depend_on_the_layout_of_the_file() -> None:
    def reorder(data: Any) -> None:
        for row in data["rhk"]:
            row.setdefault("active", True)
        for key in sorted(data):
            data[key] = data.pop(key)

    assert catalog_file.sha256_of(
        catalog_file.load(dump_changed(CATALOG, reorder))
    ) == catalog_file.sha256_of(catalog())


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["rhk"][0].update(poin=9),
        lambda d: d["rhk"].reverse(),
        lambda d: d["jenis_ptk"][3].update(akses=False),
        lambda d: d.update(code="2024-1b"),
    ],
)
def test_other_content_has_another_hash(change: Callable[[Any], object]) -> None:
    changed_catalog = catalog_file.load(dump_changed(CATALOG, change))
    assert catalog_file.sha256_of(changed_catalog) != catalog_file.sha256_of(catalog())


def test_canonical_json_has_sorted_keys_and_no_spaces() -> None:
    text = catalog_file.canonical_json(catalog())
    assert json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":")) == text
