"""Catalogue files: strict YAML, checked as a whole, and stored as canonical JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence

from services.kit.problems import Problem, RequestRefused
from services.planning.period.catalog import ASPEK, Catalog
from services.planning.period.period_file import parse

JENJANG = ("PAUD", "SD", "SMP", "SMA", "SMK", "SLB", "KESETARAAN")
GROUPS = ("PNS", "PPPK", "NON_ASN")

# Lists that share one namespace of codes, because a choice is found by its code alone.
NAMESPACES = (
    ("sources",), ("jenjang",), ("komponen", "indikator", "sub_indikator"), ("rhk", "rhk_otomatis"),
    ("dasar_hukum",), ("tugas_tambahan",), ("perilaku",), ("jenjang_jabatan",), ("pangkat_golongan",),
    ("golongan_pppk",),
)  # fmt: skip
# Lists whose rows name their sources.
SOURCED_LISTS = (
    *(section for namespace in NAMESPACES[1:] for section in namespace),
    "status_kepegawaian",
    "jenis_ptk",
    "edit_data_diri",
)


def load(raw: bytes) -> Catalog:
    """Load a catalogue from YAML. Raises RequestRefused with everything that is wrong with its form or its content."""
    catalog = parse(Catalog, raw)
    if problems := [*find_problems(catalog)]:
        raise RequestRefused(problems)
    return catalog


def canonical_json(catalog: Catalog) -> str:
    """Return the catalogue as JSON with sorted keys and without spaces.

    Defaults are left out, so that a field that a later release adds does not change the hash of a stored catalogue.
    """
    data = catalog.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_of(catalog: Catalog) -> str:
    """Return the identity of a catalogue: the SHA-256 of its canonical JSON, in lower-case hex."""
    return hashlib.sha256(canonical_json(catalog).encode()).hexdigest()


def find_problems(catalog: Catalog) -> Iterator[Problem]:
    """Find everything wrong with a catalogue beyond the form of its rows, each with the path of its row."""
    yield from _find_repeated_codes(catalog)
    yield from _find_repeated_ids(catalog)
    yield from _find_dangling_references(catalog)
    yield from _find_missing("jenjang", JENJANG, {row.code for row in catalog.jenjang})
    yield from _find_missing("perilaku", ASPEK, {row.code for row in catalog.perilaku if row.active})
    yield from _find_missing("edit_data_diri", GROUPS, {row.group for row in catalog.edit_data_diri})
    yield from _find_levels_without_choices(catalog)


def _find_repeated_codes(catalog: Catalog) -> Iterator[Problem]:
    for sections in NAMESPACES:
        yield from _find_repeated(
            (row.code, (section, str(i), "code"))
            for section in sections
            for i, row in enumerate(getattr(catalog, section))
        )
    yield from _find_repeated(
        (opsi.code, ("perilaku", str(i), "opsi", str(j), "code"))
        for i, aspek in enumerate(catalog.perilaku)
        for j, opsi in enumerate(aspek.opsi)
    )


def _find_repeated_ids(catalog: Catalog) -> Iterator[Problem]:
    """Find Dapodik ids, or labels that take their place, that occur twice."""
    yield from _find_repeated(
        (form, ("jenjang", str(i), "bentuk_pendidikan_id", str(j)))
        for i, row in enumerate(catalog.jenjang)
        for j, form in enumerate(row.bentuk_pendidikan_id)
    )
    yield from _find_repeated(
        (row.id, ("status_kepegawaian", str(i), "id")) for i, row in enumerate(catalog.status_kepegawaian)
    )
    yield from _find_repeated(
        (row.id if row.id is not None else (row.label or "").casefold(), ("jenis_ptk", str(i), "id"))
        for i, row in enumerate(catalog.jenis_ptk)
    )
    yield from _find_repeated(
        (row.group, ("edit_data_diri", str(i), "group")) for i, row in enumerate(catalog.edit_data_diri)
    )
    for i, row in enumerate(catalog.jenis_ptk):
        if row.id is None and row.label is None:
            yield Problem("catalog.jenis_ptk_unnamed", {"place": f"jenis_ptk.{i}"}, ("jenis_ptk", str(i)))


def _find_repeated(keys: Iterable[tuple[Hashable, tuple[str, ...]]]) -> Iterator[Problem]:
    earlier: set[Hashable] = set()
    for key, path in keys:
        if key in earlier:
            yield Problem("catalog.repeated", {"value": key, "place": ".".join(path)}, path)
        earlier.add(key)


def _find_dangling_references(catalog: Catalog) -> Iterator[Problem]:
    """Find codes that a row names and no row has."""
    jenjang = {row.code for row in catalog.jenjang}
    jabatan = {row.code for row in catalog.jenjang_jabatan}
    references = (
        *((section, "source", {row.code for row in catalog.sources}) for section in SOURCED_LISTS),
        *(
            (section, "komponen", {row.code for row in catalog.komponen})
            for section in ("indikator", "sub_indikator")
        ),
        ("tugas_tambahan", "dasar_hukum", {row.code for row in catalog.dasar_hukum}),
    )
    for section, field, codes in references:
        yield from _find_dangling((section,), getattr(catalog, section), field, codes)
    for section in ("indikator", "sub_indikator", "rhk", "tugas_tambahan"):
        choices = getattr(catalog, section)
        yield from _find_dangling((section,), choices, "jenjang", jenjang)
        yield from _find_dangling((section,), choices, "jenjang_jabatan", jabatan)
        for i, choice in enumerate(choices):
            path, codes = (section, str(i), "unverified_jenjang"), set(choice.jenjang) or jenjang
            yield from (_dangling(code, path) for code in choice.unverified_jenjang if code not in codes)
    for i, aspek in enumerate(catalog.perilaku):
        yield from _find_dangling(("perilaku", str(i), "opsi"), aspek.opsi, "jenjang_jabatan", jabatan)


def _find_dangling(
    path: tuple[str, ...], rows: Sequence[object], field: str, codes: Collection[str]
) -> Iterator[Problem]:
    for i, row in enumerate(rows):
        value: str | Sequence[str] | None = getattr(row, field)
        for code in (value,) if isinstance(value, str) else value or ():
            if code not in codes:
                yield _dangling(code, (*path, str(i), field))


def _dangling(code: str, path: tuple[str, ...]) -> Problem:
    return Problem("catalog.dangling", {"value": code, "place": ".".join(path)}, path)


def _find_missing(section: str, required: Iterable[str], codes: Collection[str]) -> Iterator[Problem]:
    for code in required:
        if code not in codes:
            yield Problem("catalog.incomplete", {"list": section, "value": code}, (section,))


def _find_levels_without_choices(catalog: Catalog) -> Iterator[Problem]:
    # A teacher without a jenjang jabatan is common, because Dapodik lacks it, and needs choices too.
    for jabatan in (None, *(row.code for row in catalog.jenjang_jabatan)):
        for jenjang in catalog.jenjang:
            choices = catalog.choices(jenjang.code, jabatan)
            if not choices.praktik_kinerja:
                yield _no_choice(jenjang.praktik_kinerja, jenjang.code, jabatan)
            if not choices.rhk:
                yield _no_choice("rhk", jenjang.code, jabatan)
            for aspek in choices.perilaku:
                if not aspek.opsi:
                    yield _no_choice("perilaku", jenjang.code, jabatan, aspek.code)


def _no_choice(section: str, jenjang: str, jabatan: str | None, *aspek: str) -> Problem:
    params = {"list": " ".join((section, *aspek)), "jenjang": jenjang, "jenjang_jabatan": jabatan or "-"}
    return Problem("catalog.level_without_choices", params, (section, *aspek))
