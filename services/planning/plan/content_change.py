"""What changed between two states of a plan: found by codes, then said in the words of a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import zip_longest

from services.planning.people.model import Reference
from services.planning.period.catalog import Catalog, Opsi, Row
from services.planning.plan.erasable_text import Submission
from services.planning.plan.tabs import Tugas
from workflows.model.definition import Label

# Names of fields that a change can be about.
FIELD_LABELS = {
    "nama": Label("Nama", "Name"),
    "nip": Label("NIP", "NIP"),
    "nuptk": Label("NUPTK", "NUPTK"),
    "status_kepegawaian": Label("Status kepegawaian", "Employment status"),
    "jenis_ptk": Label("Jenis PTK", "Kind of staff (jenis PTK)"),
    "pangkat_golongan": Label("Pangkat/golongan", "Rank (pangkat/golongan)"),
    "jenjang_jabatan": Label("Jenjang jabatan", "Level of position (jenjang jabatan)"),
    "school": Label("Satuan pendidikan", "School"),
}
NO_DECREE = Label("surat keputusan belum diisi", "no decree filled in")


class PlanPart(StrEnum):
    """A part of the plan, in the order of the screen."""

    DATA_DIRI = "data_diri"
    PRAKTIK_KINERJA = "praktik_kinerja"
    PENGEMBANGAN_KOMPETENSI = "pengembangan_kompetensi"
    TUGAS_TAMBAHAN = "tugas_tambahan"
    PERILAKU_KERJA = "perilaku_kerja"


@dataclass(frozen=True, slots=True)
class ContentChange:
    """What was chosen before (None: it is new) and is now (None: it is gone), by codes.

    `about` is the field, aspek or duty that changed; None where the part says enough.
    """

    part: PlanPart
    subject: str | None
    before: str | Tugas | None
    after: str | Tugas | None


Wording = str | Label | tuple[str | date, ...]  # as `show` takes them


@dataclass(frozen=True, slots=True)
class ChangeDescription:
    """The same with names and labels for codes; of a duty the number and date of its decree."""

    part: PlanPart
    subject: Wording | None
    before: Wording | None
    after: Wording | None


def compare_submissions(old: Submission, new: Submission) -> tuple[ContentChange, ...]:
    """Every change, by codes; another order of the same choices is none."""
    was, now = old.content, new.content
    praktik = (was.praktik_kinerja.indikator, now.praktik_kinerja.indikator)
    found = (
        *_field_by_field(PlanPart.DATA_DIRI, _data_diri(old), _data_diri(new)),
        ContentChange(PlanPart.PRAKTIK_KINERJA, None, *praktik),
        *_rhk(was.pengembangan_kompetensi.rhk, now.pengembangan_kompetensi.rhk),
        *_tugas(was.tugas_tambahan.tugas, now.tugas_tambahan.tugas),
        *_field_by_field(PlanPart.PERILAKU_KERJA, was.perilaku_kerja.pilihan, now.perilaku_kerja.pilihan),
    )
    return tuple(change for change in found if change.before != change.after)


def _field_by_field(
    part: PlanPart, old: Mapping[str, str | None], new: Mapping[str, str | None]
) -> Iterator[ContentChange]:
    for name in {**old, **new}:
        yield ContentChange(part, name, old.get(name), new.get(name))


def _rhk(old: Sequence[str], new: Sequence[str]) -> Iterator[ContentChange]:
    part = PlanPart.PENGEMBANGAN_KOMPETENSI
    yield from (ContentChange(part, None, code, None) for code in old if code not in new)
    yield from (ContentChange(part, None, None, code) for code in new if code not in old)


def _tugas(old: Sequence[Tugas], new: Sequence[Tugas]) -> Iterator[ContentChange]:
    """A duty that stands in both with another decree was changed; several of one code are paired in their order."""
    for code in dict.fromkeys(tugas.code for tugas in (*old, *new)):
        gone = [tugas for tugas in old if tugas.code == code and tugas not in new]
        come = [tugas for tugas in new if tugas.code == code and tugas not in old]
        for before, after in zip_longest(gone, come):
            yield ContentChange(PlanPart.TUGAS_TAMBAHAN, code, before, after)


def _data_diri(state: Submission) -> dict[str, str | None]:
    profile, school = state.profile, state.school
    return {
        "nama": profile.nama.value,
        "nip": profile.nip.value,
        "nuptk": profile.nuptk.value,
        "status_kepegawaian": _reference(profile.status_kepegawaian.value),
        "jenis_ptk": _reference(profile.jenis_ptk.value),
        "pangkat_golongan": profile.pangkat_golongan.value,
        "jenjang_jabatan": profile.jenjang_jabatan.value,
        "school": f"{school.nama} ({school.npsn})",
    }


def _reference(reference: Reference | None) -> str | None:
    return (reference.label or str(reference.id)) if reference else None


def describe_change(change: ContentChange, catalog: Catalog) -> ChangeDescription:
    """The same change in words; a code that the catalogue does not know stays as it is."""
    labels = _labels(change, catalog)
    before, after = (_value(value, labels) for value in (change.before, change.after))
    return ChangeDescription(change.part, _about(change, catalog), before, after)


def _about(change: ContentChange, catalog: Catalog) -> Wording | None:
    code = change.subject
    if code is None:
        return None
    match change.part:
        case PlanPart.DATA_DIRI:
            return FIELD_LABELS[code]
        case PlanPart.TUGAS_TAMBAHAN if duty := catalog.find_tugas_tambahan(code):
            return duty.label
        case PlanPart.PERILAKU_KERJA if aspek := catalog.find_aspek(code):
            return aspek.label
    return code


def _value(value: str | Tugas | None, labels: Mapping[str, str]) -> Wording | None:
    if not isinstance(value, Tugas):
        return value if value is None else labels.get(value, value)
    return tuple(part for part in (value.nomor_sk, value.tanggal_sk) if part) or NO_DECREE


def _labels(change: ContentChange, catalog: Catalog) -> dict[str, str]:
    """The labels of what such a change can name; none where what it names are words already."""
    rows: Iterable[Row | Opsi] = ()
    match change.part:
        case PlanPart.DATA_DIRI if change.subject == "jenjang_jabatan":
            rows = catalog.jenjang_jabatan
        case PlanPart.PRAKTIK_KINERJA:
            rows = (*catalog.indikator, *catalog.sub_indikator)
        case PlanPart.PENGEMBANGAN_KOMPETENSI:
            rows = catalog.rhk
        case PlanPart.PERILAKU_KERJA:
            rows = (opsi for aspek in catalog.perilaku if aspek.code == change.subject for opsi in aspek.opsi)
    return {row.code: row.label for row in rows}
