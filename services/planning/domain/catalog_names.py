"""The names of a catalogue: every code stands once, and every code that a row mentions exists."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from services.kit.problem import Problem
from services.planning.domain.catalog import Catalog
from services.planning.domain.catalog_rows import Choice, Sourced

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


def repeated_codes(catalog: Catalog) -> Iterator[Problem]:
    """Codes that stand twice where a code must find one row."""
    for sections in NAMESPACES:
        yield from _repeated(
            (row.code, (section, str(i), "code"))
            for section in sections
            for i, row in enumerate(getattr(catalog, section))
        )
    yield from _repeated(
        (opsi.code, ("perilaku", str(i), "opsi", str(j), "code"))
        for i, aspek in enumerate(catalog.perilaku)
        for j, opsi in enumerate(aspek.opsi)
    )


def repeated_ids(catalog: Catalog) -> Iterator[Problem]:
    """Dapodik ids, or labels in their place, that stand twice."""
    yield from _repeated(
        (form, ("jenjang", str(i), "bentuk_pendidikan_id", str(j)))
        for i, row in enumerate(catalog.jenjang)
        for j, form in enumerate(row.bentuk_pendidikan_id)
    )
    yield from _repeated(
        (row.id, ("status_kepegawaian", str(i), "id")) for i, row in enumerate(catalog.status_kepegawaian)
    )
    yield from _repeated(
        (row.id if row.id is not None else (row.label or "").casefold(), ("jenis_ptk", str(i), "id"))
        for i, row in enumerate(catalog.jenis_ptk)
    )
    yield from _repeated(
        (row.group, ("edit_data_diri", str(i), "group")) for i, row in enumerate(catalog.edit_data_diri)
    )
    for i, row in enumerate(catalog.jenis_ptk):
        if row.id is None and row.label is None:
            yield Problem("catalog.jenis_ptk_unnamed", {"place": f"jenis_ptk.{i}"}, ("jenis_ptk", str(i)))


def _repeated(keys: Iterable[tuple[Hashable, tuple[str, ...]]]) -> Iterator[Problem]:
    seen: set[Hashable] = set()
    for key, path in keys:
        if key in seen:
            yield Problem("catalog.repeated", {"value": key, "place": ".".join(path)}, path)
        seen.add(key)


def dangling_references(catalog: Catalog) -> Iterator[Problem]:
    """Codes that rows mention and nothing bears."""
    sources = {row.code for row in catalog.sources}
    for section in SOURCED[1:]:
        rows: Sequence[Sourced] = getattr(catalog, section)
        for i, row in enumerate(rows):
            yield from _dangling(row.source, sources, (section, str(i), "source"))
    jenjang = {row.code for row in catalog.jenjang}
    jabatan = {row.code for row in catalog.jenjang_jabatan}
    for section in ("indikator", "sub_indikator", "rhk", "tugas_tambahan"):
        choices: Sequence[Choice] = getattr(catalog, section)
        for i, choice in enumerate(choices):
            yield from _dangling(choice.jenjang, jenjang, (section, str(i), "jenjang"))
            own = set(choice.jenjang) or jenjang
            yield from _dangling(choice.unverified_jenjang, own, (section, str(i), "unverified_jenjang"))
            yield from _dangling(choice.jenjang_jabatan, jabatan, (section, str(i), "jenjang_jabatan"))
    for i, aspek in enumerate(catalog.perilaku):
        for j, opsi in enumerate(aspek.opsi):
            path = ("perilaku", str(i), "opsi", str(j), "jenjang_jabatan")
            yield from _dangling(opsi.jenjang_jabatan, jabatan, path)
    komponen = {row.code for row in catalog.komponen}
    for section in ("indikator", "sub_indikator"):
        for i, praktik in enumerate(getattr(catalog, section)):
            named = (praktik.komponen,) if praktik.komponen else ()
            yield from _dangling(named, komponen, (section, str(i), "komponen"))
    bases = {row.code for row in catalog.dasar_hukum}
    for i, duty in enumerate(catalog.tugas_tambahan):
        yield from _dangling((duty.dasar_hukum,), bases, ("tugas_tambahan", str(i), "dasar_hukum"))


def _dangling(named: Iterable[str], known: set[str], path: tuple[str, ...]) -> Iterator[Problem]:
    for code in named:
        if code not in known:
            yield Problem("catalog.dangling", {"value": code, "place": ".".join(path)}, path)
