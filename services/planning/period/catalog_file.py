"""Catalogue files: read, checked when imported, kept as canonical JSON, known by their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Sequence

from services.kit.problems import Problem, RequestRefused
from services.planning.period.catalog import Catalog, Choice, Sourced
from services.planning.period.period_file import canonical, parse

# Lists whose codes share one space of names, for a choice is found by its code alone.
NAMESPACES = (
    ("sources",), ("jenjang",), ("komponen", "indikator", "sub_indikator"), ("rhk", "rhk_otomatis"),
    ("dasar_hukum",), ("tugas_tambahan",), ("perilaku",), ("jenjang_jabatan",), ("pangkat_golongan",),
    ("golongan_pppk",),
)  # fmt: skip
SOURCED = (
    *(section for space in NAMESPACES for section in space),
    "status_kepegawaian",
    "jenis_ptk",
    "edit_data_diri",
)


def find_repeated_codes(catalog: Catalog) -> Iterator[Problem]:
    """Codes that stand twice where a code must find one row."""
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


def find_repeated_ids(catalog: Catalog) -> Iterator[Problem]:
    """Dapodik ids, or labels in their place, that stand twice."""
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
    seen: set[Hashable] = set()
    for key, path in keys:
        if key in seen:
            yield Problem("catalog.repeated", {"value": key, "place": ".".join(path)}, path)
        seen.add(key)


def find_dangling_references(catalog: Catalog) -> Iterator[Problem]:
    """Codes that rows mention and nothing bears."""
    sources = {row.code for row in catalog.sources}
    for section in SOURCED[1:]:
        rows: Sequence[Sourced] = getattr(catalog, section)
        for i, row in enumerate(rows):
            yield from _find_dangling(row.source, sources, (section, str(i), "source"))
    jenjang = {row.code for row in catalog.jenjang}
    jabatan = {row.code for row in catalog.jenjang_jabatan}
    for section in ("indikator", "sub_indikator", "rhk", "tugas_tambahan"):
        choices: Sequence[Choice] = getattr(catalog, section)
        for i, choice in enumerate(choices):
            yield from _find_dangling(choice.jenjang, jenjang, (section, str(i), "jenjang"))
            own = set(choice.jenjang) or jenjang
            yield from _find_dangling(choice.unverified_jenjang, own, (section, str(i), "unverified_jenjang"))
            yield from _find_dangling(choice.jenjang_jabatan, jabatan, (section, str(i), "jenjang_jabatan"))
    for i, aspek in enumerate(catalog.perilaku):
        for j, opsi in enumerate(aspek.opsi):
            path = ("perilaku", str(i), "opsi", str(j), "jenjang_jabatan")
            yield from _find_dangling(opsi.jenjang_jabatan, jabatan, path)
    komponen = {row.code for row in catalog.komponen}
    for section in ("indikator", "sub_indikator"):
        for i, praktik in enumerate(getattr(catalog, section)):
            named = (praktik.komponen,) if praktik.komponen else ()
            yield from _find_dangling(named, komponen, (section, str(i), "komponen"))
    bases = {row.code for row in catalog.dasar_hukum}
    for i, duty in enumerate(catalog.tugas_tambahan):
        yield from _find_dangling((duty.dasar_hukum,), bases, ("tugas_tambahan", str(i), "dasar_hukum"))


def _find_dangling(named: Iterable[str], known: set[str], path: tuple[str, ...]) -> Iterator[Problem]:
    for code in named:
        if code not in known:
            yield Problem("catalog.dangling", {"value": code, "place": ".".join(path)}, path)


JENJANG = ("PAUD", "SD", "SMP", "SMA", "SMK", "SLB", "KESETARAAN")
ASPEK = ("BP", "AK", "KO", "HA", "LO", "AD", "KL")  # the seven of BerAKHLAK
GROUPS = ("PNS", "PPPK", "NON_ASN")


def find_problems(catalog: Catalog) -> tuple[Problem, ...]:
    """Everything wrong with a catalogue, each with the path of its row; empty where it may be used."""
    return (
        *find_repeated_codes(catalog),
        *find_repeated_ids(catalog),
        *find_dangling_references(catalog),
        *_find_incomplete_lists(catalog),
        *_find_levels_without_choices(catalog),
    )


def _find_incomplete_lists(catalog: Catalog) -> Iterator[Problem]:
    yield from _find_absent("jenjang", JENJANG, {row.code for row in catalog.jenjang})
    yield from _find_absent("perilaku", ASPEK, {row.code for row in catalog.perilaku if row.active})
    yield from _find_absent("edit_data_diri", GROUPS, {row.group for row in catalog.edit_data_diri})


def _find_absent(section: str, needed: Iterable[str], present: set[str]) -> Iterator[Problem]:
    for code in needed:
        if code not in present:
            yield Problem("catalog.incomplete", {"list": section, "value": code}, (section,))


def _find_levels_without_choices(catalog: Catalog) -> Iterator[Problem]:
    # An unknown jenjang jabatan is common (the registry does not have it), so it must find choices too.
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


def _no_choice(section: str, jenjang: str, jabatan: str | None, *detail: str) -> Problem:
    params = {"list": " ".join((section, *detail)), "jenjang": jenjang, "jenjang_jabatan": jabatan or "-"}
    return Problem("catalog.level_without_choices", params, (section, *detail))


def load(raw: bytes) -> Catalog:
    """The catalogue of a YAML file; RequestRefused with every fault of shape, or with all that does not add up."""
    catalog = parse(Catalog, raw)
    if found := find_problems(catalog):
        raise RequestRefused(found)
    return catalog


def canonical_json(catalog: Catalog) -> str:
    """The catalogue as storage keeps it; equal catalogues give equal text, however their files look."""
    return canonical(catalog)


def sha256_of(catalog: Catalog) -> str:
    """The identity of a catalogue: SHA-256 of its canonical JSON, in lower-case hex."""
    return hashlib.sha256(canonical_json(catalog).encode()).hexdigest()


def from_canonical(text: str) -> Catalog:
    """The catalogue that `canonical_json` wrote; it was checked when it came in."""
    return Catalog.model_validate_json(text)
