"""The changes between two submissions of a plan, as codes and in the words of a catalogue."""

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
    """A change by codes. `before` is None for an addition, `after` for a removal.

    `subject` is the field, aspek or duty that changed; None if the part has only one.
    """

    part: PlanPart
    subject: str | None
    before: str | Tugas | None
    after: str | Tugas | None


Wording = str | Label | tuple[str | date, ...]  # what `render_value` accepts


@dataclass(frozen=True, slots=True)
class ChangeDescription:
    """A change with labels instead of codes, and with number and date of the decree instead of a duty."""

    part: PlanPart
    subject: Wording | None
    before: Wording | None
    after: Wording | None


def compare_submissions(old: Submission, new: Submission) -> tuple[ContentChange, ...]:
    """Return every change by codes. The order of choices does not count."""
    before, after = old.content, new.content
    praktik = before.praktik_kinerja.indikator, after.praktik_kinerja.indikator
    candidates = (
        *_field_by_field(PlanPart.DATA_DIRI, _data_diri(old), _data_diri(new)),
        ContentChange(PlanPart.PRAKTIK_KINERJA, None, *praktik),
        *_rhk(before.pengembangan_kompetensi.rhk, after.pengembangan_kompetensi.rhk),
        *_tugas(before.tugas_tambahan.tugas, after.tugas_tambahan.tugas),
        *_field_by_field(
            PlanPart.PERILAKU_KERJA, before.perilaku_kerja.pilihan, after.perilaku_kerja.pilihan
        ),
    )
    return tuple(change for change in candidates if change.before != change.after)


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
    """Compare duties by code. Several duties of one code are paired in their order."""
    for code in dict.fromkeys(tugas.code for tugas in (*old, *new)):
        only_old = [tugas for tugas in old if tugas.code == code and tugas not in new]
        only_new = [tugas for tugas in new if tugas.code == code and tugas not in old]
        for before, after in zip_longest(only_old, only_new):
            yield ContentChange(PlanPart.TUGAS_TAMBAHAN, code, before, after)


def _data_diri(submission: Submission) -> dict[str, str | None]:
    profile, school = submission.profile, submission.school
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
    """Return the change in words. A code that the catalogue lacks stays as it is."""
    labels = _labels(change, catalog)
    before, after = (_describe_value(value, labels) for value in (change.before, change.after))
    return ChangeDescription(change.part, _describe_subject(change, catalog), before, after)


def _describe_subject(change: ContentChange, catalog: Catalog) -> Wording | None:
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


def _describe_value(value: str | Tugas | None, labels: Mapping[str, str]) -> Wording | None:
    if not isinstance(value, Tugas):
        return value if value is None else labels.get(value, value)
    return tuple(part for part in (value.nomor_sk, value.tanggal_sk) if part) or NO_DECREE


def _labels(change: ContentChange, catalog: Catalog) -> dict[str, str]:
    """Return the labels of the codes that such a change can hold; none if it holds words."""
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
