"""Does a catalogue add up? Codes are unique, references resolve, and no level is left without choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.kit.problem import Problem
from services.planning.domain.catalog import Catalog
from services.planning.domain.catalog_names import dangling_references, repeated_codes, repeated_ids

JENJANG = ("PAUD", "SD", "SMP", "SMA", "SMK", "SLB", "KESETARAAN")
ASPEK = ("BP", "AK", "KO", "HA", "LO", "AD", "KL")  # the seven of BerAKHLAK
GROUPS = ("PNS", "PPPK", "NON_ASN")


def findings(catalog: Catalog) -> tuple[Problem, ...]:
    """Everything wrong with a catalogue, each with the path of its row; empty where it may be used."""
    return (
        *repeated_codes(catalog),
        *repeated_ids(catalog),
        *dangling_references(catalog),
        *_incomplete_lists(catalog),
        *_levels_without_choices(catalog),
    )


def _incomplete_lists(catalog: Catalog) -> Iterator[Problem]:
    yield from _absent("jenjang", JENJANG, {row.code for row in catalog.jenjang})
    yield from _absent("perilaku", ASPEK, {row.code for row in catalog.perilaku if row.active})
    yield from _absent("edit_data_diri", GROUPS, {row.group for row in catalog.edit_data_diri})


def _absent(section: str, needed: Iterable[str], present: set[str]) -> Iterator[Problem]:
    for code in needed:
        if code not in present:
            yield Problem("catalog.incomplete", {"list": section, "value": code}, (section,))


def _levels_without_choices(catalog: Catalog) -> Iterator[Problem]:
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
