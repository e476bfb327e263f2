"""A catalogue: the lists that teachers of a period choose from, and where each row comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from workflows.files.base import FileModel, NonEmpty, StrictBool, StrictInt

Confidence = Literal["official", "secondary", "regulation", "unverified"]
Group = Literal["PNS", "PPPK", "NON_ASN"]
ProfileField = Literal["pangkat_golongan", "ruang", "jenjang_jabatan"]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,39}$")]
Codes = tuple[Code, ...]


class Source(FileModel):
    """A text that rows were taken from."""

    code: Code
    what: Text
    where: Text
    kind: Literal["official", "secondary", "decision"]


class Sourced(FileModel):
    """Provenance of a row. A row that is not `active` is known but offered to nobody."""

    source: Codes = ()
    confidence: Confidence
    active: StrictBool = True
    note: Text | None = None


class Row(Sourced):
    """A coded row; `label` is what the screen shows, `gloss` its English reading."""

    code: Code
    label: Text
    gloss: Text


class Jenjang(Row):
    """A level of schooling, the Dapodik school forms it covers, and what its teachers choose in tab 1."""

    bentuk_pendidikan_id: NonEmpty[StrictInt]
    praktik_kinerja: Literal["indikator", "sub_indikator"]


class Choice(Row):
    """A row that a teacher may choose. No `jenjang`, no `jenjang_jabatan` named: it is for all of them."""

    jenjang: Codes = ()
    unverified_jenjang: Codes = ()
    jenjang_jabatan: Codes = ()

    def offered_to(self, jenjang: str, jenjang_jabatan: str | None) -> bool:
        """Whether a teacher may choose it; an unknown jenjang jabatan matches no row that names one."""
        return (
            self.active
            and (not self.jenjang or jenjang in self.jenjang)
            and (not self.jenjang_jabatan or jenjang_jabatan in self.jenjang_jabatan)
        )

    def confidence_for(self, jenjang: str) -> Confidence:
        """How sure it is that this level has this row (DOMAIN.md "Reference data")."""
        return "unverified" if jenjang in self.unverified_jenjang else self.confidence


class PraktikKinerja(Choice):
    """An indikator under its komponen, or a sub indikator of PAUD, whose komponen is not known."""

    komponen: Code | None = None


class Rhk(Choice):
    """A rencana hasil kerja with its static points; `catatan` says what one unit of it is."""

    no_official: StrictInt | None = None
    poin: Annotated[StrictInt, Field(gt=0)]
    bukti_dukung: Text | None = None
    catatan: Text | None = None
    paraphrase: StrictBool = False


class DasarHukum(Row):
    """A legal basis of tugas tambahan (Guide, tab Tugas Tambahan)."""


class TugasTambahan(Choice):
    """An additional duty and the regulation that knows it."""

    dasar_hukum: Code
    pasal: Text | None = None


class Opsi(FileModel):
    """One behaviour of an aspek; its provenance is that of the aspek."""

    code: Code
    label: Text
    gloss: Text
    active: StrictBool = True
    jenjang_jabatan: Codes = ()

    def offered_to(self, jenjang_jabatan: str | None) -> bool:
        """As `Choice.offered_to`; behaviours are the same at every level."""
        return self.active and (not self.jenjang_jabatan or jenjang_jabatan in self.jenjang_jabatan)


class Aspek(Row):
    """One of the seven BerAKHLAK aspects with its behaviours, of which a teacher chooses exactly one."""

    opsi: tuple[Opsi, ...]


class RhkOtomatis(Row):
    """An RHK that the rangkuman shows by itself, its evidence and who uploads that (Guide, tab Rangkuman)."""

    trigger: Literal["chosen_praktik_kinerja", "always"]
    bukti: Text
    pengunggah: Literal["GURU", "KEPALA_SEKOLAH"]
    tahap: Literal["PELAKSANAAN"]


class PangkatGolongan(Row):
    """A rank; its code is golongan and ruang together, as Dapodik writes it (`III/c`)."""


class StatusKepegawaian(Sourced):
    """An employment status of Dapodik; `served` is false where its people do not plan here at all."""

    id: StrictInt
    label: Text
    gloss: Text
    group: Group
    served: StrictBool = True


class JenisPtk(Sourced):
    """A kind of educator in Dapodik; `akses` null: unknown whether it may plan. No id: known by its label."""

    id: StrictInt | None = None
    label: Text | None = None
    gloss: Text
    akses: StrictBool | None = None


class EditDataDiri(Sourced):
    """What people of one status group may correct in their data diri, once (Guide 5)."""

    group: Group
    fields: tuple[ProfileField, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything one teacher may choose from, in the order of the catalogue."""

    praktik_kinerja: tuple[PraktikKinerja, ...]
    rhk: tuple[Rhk, ...]
    tugas_tambahan: tuple[TugasTambahan, ...]
    perilaku: tuple[Aspek, ...]


class Catalog(FileModel):
    """One immutable catalogue. Read it with `catalog_file.load`; its identity is `catalog_file.sha256_of`."""

    code: Code
    sources: tuple[Source, ...]
    jenjang: tuple[Jenjang, ...]
    komponen: tuple[Row, ...]
    indikator: tuple[PraktikKinerja, ...]
    sub_indikator: tuple[PraktikKinerja, ...]
    rhk: tuple[Rhk, ...]
    rhk_otomatis: tuple[RhkOtomatis, ...]
    dasar_hukum: tuple[DasarHukum, ...]
    tugas_tambahan: tuple[TugasTambahan, ...]
    perilaku: tuple[Aspek, ...]
    jenjang_jabatan: tuple[Row, ...]
    pangkat_golongan: tuple[PangkatGolongan, ...]
    golongan_pppk: tuple[PangkatGolongan, ...]
    status_kepegawaian: tuple[StatusKepegawaian, ...]
    jenis_ptk: tuple[JenisPtk, ...]
    edit_data_diri: tuple[EditDataDiri, ...]

    def jenjang_of(self, bentuk_pendidikan_id: int | None) -> str | None:
        """The code of the level that a Dapodik school form belongs to; None where the form is not served."""
        rows = (row for row in self.jenjang if bentuk_pendidikan_id in row.bentuk_pendidikan_id)
        return next((row.code for row in rows), None)

    def level(self, jenjang: str) -> Jenjang:
        """The level of this code; KeyError where there is none."""
        for row in self.jenjang:
            if row.code == jenjang:
                return row
        raise KeyError(jenjang)

    def choices(self, jenjang: str, jenjang_jabatan: str | None = None) -> Choices:
        """What a teacher of this level may choose; PAUD has sub indikator (Guide, tab Praktik Kinerja)."""
        sub = self.level(jenjang).praktik_kinerja == "sub_indikator"
        praktik = self.sub_indikator if sub else self.indikator
        return Choices(
            tuple(row for row in praktik if row.offered_to(jenjang, jenjang_jabatan)),
            tuple(row for row in self.rhk if row.offered_to(jenjang, jenjang_jabatan)),
            tuple(row for row in self.tugas_tambahan if row.offered_to(jenjang, jenjang_jabatan)),
            tuple(_with_offered_opsi(aspek, jenjang_jabatan) for aspek in self.perilaku if aspek.active),
        )

    def find_praktik_kinerja(self, code: str) -> PraktikKinerja | None:
        """An indikator or sub indikator by code, offered or not: old choices must stay readable."""
        return next((row for row in (*self.indikator, *self.sub_indikator) if row.code == code), None)

    def find_rhk(self, code: str) -> Rhk | None:
        """An RHK by code, offered or not."""
        return next((row for row in self.rhk if row.code == code), None)

    def find_tugas_tambahan(self, code: str) -> TugasTambahan | None:
        """A tugas tambahan by code, offered or not."""
        return next((row for row in self.tugas_tambahan if row.code == code), None)

    def find_aspek(self, code: str) -> Aspek | None:
        """An aspek of perilaku kerja with all its behaviours, offered or not."""
        return next((row for row in self.perilaku if row.code == code), None)

    def find_status_kepegawaian(self, identifier: int | None) -> StatusKepegawaian | None:
        """An employment status by its Dapodik id."""
        return next((row for row in self.status_kepegawaian if row.id == identifier), None)

    def status_group(self, identifier: int | None) -> Group | None:
        """PNS, PPPK or NON_ASN; None where the status is unknown, which gives no right to edit anything."""
        row = self.find_status_kepegawaian(identifier)
        return row.group if row else None

    def editable_fields(self, group: Group | None) -> tuple[ProfileField, ...]:
        """What a person of this group may correct in the data diri (Guide 5, as read by DOMAIN.md)."""
        return next((row.fields for row in self.edit_data_diri if row.active and row.group == group), ())

    def find_jenis_ptk(self, identifier: int | None, label: str | None) -> JenisPtk | None:
        """A jenis PTK by its Dapodik id; rows whose id nobody published are known by their label."""
        for row in self.jenis_ptk:
            if row.id is not None and row.id == identifier:
                return row
        folded_label = (label or "").strip().casefold()
        rows = (row for row in self.jenis_ptk if row.id is None and row.label)
        return next((row for row in rows if (row.label or "").casefold() == folded_label), None)


def _with_offered_opsi(aspek: Aspek, jenjang_jabatan: str | None) -> Aspek:
    return aspek.model_copy(update={"opsi": tuple(o for o in aspek.opsi if o.offered_to(jenjang_jabatan))})
