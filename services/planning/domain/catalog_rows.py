"""The rows of a catalogue: what stands in one line of each list, and where it comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Confidence = Literal["official", "secondary", "regulation", "unverified"]
Group = Literal["PNS", "PPPK", "NON_ASN"]
ProfileField = Literal["pangkat_golongan", "ruang", "jenjang_jabatan"]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,39}$")]
Codes = tuple[Code, ...]


class Frozen(BaseModel):
    """Strict and immutable: a wrong type or an unknown field in a file is refused, never bent into shape."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(Frozen):
    """A text that rows were taken from."""

    code: Code
    what: Text
    where: Text
    kind: Literal["official", "secondary", "decision"]


class Sourced(Frozen):
    """Provenance of a row. A row that is not `active` is known but offered to nobody."""

    source: Codes = ()
    confidence: Confidence
    active: bool = True
    note: Text | None = None


class Row(Sourced):
    """A coded row; `label` is what the screen shows, `gloss` its English reading."""

    code: Code
    label: Text
    gloss: Text


class Jenjang(Row):
    """A level of schooling, the Dapodik school forms it covers, and what its teachers choose in tab 1."""

    bentuk_pendidikan_id: Annotated[tuple[int, ...], Field(min_length=1)]
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

    no_official: int | None = None
    poin: Annotated[int, Field(gt=0)]
    bukti_dukung: Text | None = None
    catatan: Text | None = None
    paraphrase: bool = False


class DasarHukum(Row):
    """A legal basis of tugas tambahan (Guide, tab Tugas Tambahan)."""


class TugasTambahan(Choice):
    """An additional duty and the regulation that knows it."""

    dasar_hukum: Code
    pasal: Text | None = None


class Opsi(Frozen):
    """One behaviour of an aspek; its provenance is that of the aspek."""

    code: Code
    label: Text
    gloss: Text
    active: bool = True
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

    id: int
    label: Text
    gloss: Text
    group: Group
    served: bool = True


class JenisPtk(Sourced):
    """A kind of educator in Dapodik; `akses` null: unknown whether it may plan. No id: known by its label."""

    id: int | None = None
    label: Text | None = None
    gloss: Text
    akses: bool | None = None


class EditDataDiri(Sourced):
    """What people of one status group may correct in their data diri, once (Guide 5)."""

    group: Group
    fields: tuple[ProfileField, ...]
