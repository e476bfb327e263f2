"""Catalogues: the lists that teachers of a period choose from, with the source of each row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.kit.text import find_refused_characters, is_blank, name_character, normalize_text
from workflows.files.base import FileModel, NonEmpty, StrictBool, StrictInt

Confidence = Literal["official", "secondary", "regulation", "unverified"]
Group = Literal["PNS", "PPPK", "NON_ASN"]
ProfileField = Literal["pangkat_golongan", "ruang", "jenjang_jabatan"]


def _check_text(text: str) -> str:
    """Normalise a text of a file. Refuses one that is blank or holds a character that cannot be shown."""
    text = normalize_text(text)
    if is_blank(text):
        raise PydanticCustomError("string_too_short", "blank")
    for character in find_refused_characters(text):
        raise PydanticCustomError("file.not_printable", "refused", {"character": name_character(character)})
    return text


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_check_text)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]{0,39}$")]
Codes = tuple[Code, ...]
ASPEK = ("BP", "AK", "KO", "HA", "LO", "AD", "KL")  # the seven aspects of BerAKHLAK in their official order


class Source(FileModel):
    """A document that rows were taken from."""

    code: Code
    title: Text
    location: Text
    kind: Literal["official", "secondary", "decision"]


class SourcedRow(FileModel):
    """A row with its sources. An inactive row is offered to nobody."""

    source: Codes = ()
    confidence: Confidence
    active: StrictBool = True
    note: Text | None = None


class Row(SourcedRow):
    """A row with a code. `label` is Indonesian and `gloss` its English meaning."""

    code: Code
    label: Text
    gloss: Text


class Jenjang(Row):
    """A level of education, its school forms in Dapodik, and the list that its teachers choose from in tab 1."""

    code: Annotated[Code, Field(pattern="^(PAUD|SD|SMP|SMA|SMK|SLB|KESETARAAN)$")]
    bentuk_pendidikan_id: NonEmpty[StrictInt]
    praktik_kinerja: Literal["indikator", "sub_indikator"]


class Choice(Row):
    """A row that teachers may choose. Without `jenjang` or `jenjang_jabatan` it is for all of them."""

    jenjang: Codes = ()
    unverified_jenjang: Codes = ()
    jenjang_jabatan: Codes = ()

    def offered_to(self, jenjang: str, jenjang_jabatan: str | None) -> bool:
        """Tell whether a teacher may choose the row. An unknown jenjang jabatan matches only rows without one."""
        return (
            self.active
            and (not self.jenjang or jenjang in self.jenjang)
            and (not self.jenjang_jabatan or jenjang_jabatan in self.jenjang_jabatan)
        )

    def confidence_for(self, jenjang: str) -> Confidence:
        """Return how certain it is that the row applies to a level."""
        return "unverified" if jenjang in self.unverified_jenjang else self.confidence


class PraktikKinerjaChoice(Choice):
    """An indikator of a komponen, or a sub indikator of PAUD, whose komponen is unknown."""

    komponen: Code | None = None


class Rhk(Choice):
    """A rencana hasil kerja with its fixed points. `catatan` defines one unit of it."""

    no_official: StrictInt | None = None
    poin: Annotated[StrictInt, Field(gt=0)]
    bukti_dukung: Text | None = None
    catatan: Text | None = None
    paraphrase: StrictBool = False


class DasarHukum(Row):
    """A legal basis of tugas tambahan (Guide, tab Tugas Tambahan)."""


class TugasTambahanChoice(Choice):
    """An additional duty, its regulation, and the ids of Dapodik for it."""

    dasar_hukum: Code
    pasal: Text | None = None
    jabatan_ptk_id: tuple[StrictInt, ...] = ()


class Opsi(FileModel):
    """One behaviour of an aspek, with the sources of the aspek."""

    code: Code
    label: Text
    gloss: Text
    active: StrictBool = True
    jenjang_jabatan: Codes = ()

    def offered_to(self, jenjang_jabatan: str | None) -> bool:
        """Tell whether a teacher may choose it. Behaviours are the same at every level."""
        return self.active and (not self.jenjang_jabatan or jenjang_jabatan in self.jenjang_jabatan)


class Aspek(Row):
    """One of the seven BerAKHLAK aspects. A teacher chooses exactly one of its behaviours."""

    opsi: tuple[Opsi, ...]


class RhkOtomatis(Row):
    """An RHK that the rangkuman adds automatically, its evidence and who uploads it (Guide, tab Rangkuman)."""

    trigger: Literal["chosen_praktik_kinerja", "always"]
    bukti: Text
    pengunggah: Literal["GURU", "KEPALA_SEKOLAH"]
    tahap: Literal["PELAKSANAAN"]


class PangkatGolongan(Row):
    """A rank. Its code joins golongan and ruang as Dapodik does: `III/c`."""


class StatusKepegawaian(SourcedRow):
    """An employment status of Dapodik. If `served` is false, its people do not plan here."""

    id: StrictInt
    label: Text
    gloss: Text
    group: Group
    served: StrictBool = True


class JenisPtk(SourcedRow):
    """A kind of educator in Dapodik, found by label if it has no id. `akses` is null if its access is undecided."""

    id: StrictInt | None = None
    label: Text | None = None
    gloss: Text
    akses: StrictBool | None = None


class EditDataDiri(SourcedRow):
    """The fields of the data diri that a status group may correct once (Guide 5)."""

    group: Group
    fields: tuple[ProfileField, ...]


RowT = TypeVar("RowT", bound=Row)
ChoiceT = TypeVar("ChoiceT", bound=Choice)


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that a teacher may choose from, in the order of the catalogue."""

    praktik_kinerja: tuple[PraktikKinerjaChoice, ...]
    rhk: tuple[Rhk, ...]
    tugas_tambahan: tuple[TugasTambahanChoice, ...]
    perilaku: tuple[Aspek, ...]


class Catalog(FileModel):
    """An immutable catalogue. `catalog_file.load` reads it, and `catalog_file.sha256_of` is its identity."""

    code: Code
    sources: tuple[Source, ...]
    jenjang: tuple[Jenjang, ...]
    komponen: tuple[Row, ...]
    indikator: tuple[PraktikKinerjaChoice, ...]
    sub_indikator: tuple[PraktikKinerjaChoice, ...]
    rhk: tuple[Rhk, ...]
    rhk_otomatis: tuple[RhkOtomatis, ...]
    dasar_hukum: tuple[DasarHukum, ...]
    tugas_tambahan: tuple[TugasTambahanChoice, ...]
    perilaku: tuple[Aspek, ...]
    jenjang_jabatan: tuple[Row, ...]
    pangkat_golongan: tuple[PangkatGolongan, ...]
    golongan_pppk: tuple[PangkatGolongan, ...]
    status_kepegawaian: tuple[StatusKepegawaian, ...]
    jenis_ptk: tuple[JenisPtk, ...]
    edit_data_diri: tuple[EditDataDiri, ...]

    def jenjang_of(self, bentuk_pendidikan_id: int | None) -> str | None:
        """Return the level of a Dapodik school form, or None if the form is not served."""
        rows = (row for row in self.jenjang if bentuk_pendidikan_id in row.bentuk_pendidikan_id)
        return next((row.code for row in rows), None)

    def level(self, jenjang: str) -> Jenjang:
        """Return the level of a code. Raises KeyError if there is none."""
        return {row.code: row for row in self.jenjang}[jenjang]

    def choices(self, jenjang: str, jenjang_jabatan: str | None = None) -> Choices:
        """Return what a teacher may choose. PAUD has sub indikator (Guide, tab Praktik Kinerja)."""

        def list_offered(rows: Iterable[ChoiceT]) -> tuple[ChoiceT, ...]:
            return tuple(row for row in rows if row.offered_to(jenjang, jenjang_jabatan))

        perilaku = (
            aspek.model_copy(
                update={"opsi": tuple(one for one in aspek.opsi if one.offered_to(jenjang_jabatan))}
            )
            for aspek in self.perilaku
            if aspek.active
        )
        praktik_kinerja = (
            self.sub_indikator if self.level(jenjang).praktik_kinerja == "sub_indikator" else self.indikator
        )
        return Choices(
            list_offered(praktik_kinerja),
            list_offered(self.rhk),
            list_offered(self.tugas_tambahan),
            tuple(perilaku),
        )

    def find_praktik_kinerja(self, code: str) -> PraktikKinerjaChoice | None:
        """Find an indikator or sub indikator, even an inactive one: plans may hold it."""
        return _find((*self.indikator, *self.sub_indikator), code)

    def find_rhk(self, code: str) -> Rhk | None:
        """Find an RHK, even an inactive one."""
        return _find(self.rhk, code)

    def find_tugas_tambahan(self, code: str) -> TugasTambahanChoice | None:
        """Find a tugas tambahan, even an inactive one."""
        return _find(self.tugas_tambahan, code)

    def find_aspek(self, code: str) -> Aspek | None:
        """Find an aspek of perilaku kerja with all its behaviours, even inactive ones."""
        return _find(self.perilaku, code)

    def label_of(self, code: str) -> str:
        """Return the label of a choice or aspek, even of an inactive one; the code if no list has it."""
        rows: Iterable[Row | Opsi] = (
            *self.indikator, *self.sub_indikator, *self.rhk, *self.tugas_tambahan, *self.perilaku,
            *(opsi for aspek in self.perilaku for opsi in aspek.opsi),
        )  # fmt: skip
        return next((row.label for row in rows if row.code == code), code)

    def find_status_kepegawaian(self, identifier: int | None) -> StatusKepegawaian | None:
        """Find an employment status by its Dapodik id."""
        return next((row for row in self.status_kepegawaian if row.id == identifier), None)

    def status_group(self, identifier: int | None) -> Group | None:
        """Return the group of an employment status, or None for an unknown status."""
        row = self.find_status_kepegawaian(identifier)
        return row.group if row else None

    def editable_fields(self, group: Group | None) -> tuple[ProfileField, ...]:
        """Return the fields of the data diri that a group may correct: none without a group (Guide 5)."""
        return next((row.fields for row in self.edit_data_diri if row.active and row.group == group), ())

    def find_jenis_ptk(self, identifier: int | None, label: str | None) -> JenisPtk | None:
        """Find a jenis PTK by its Dapodik id, or by its label if the row has no id."""
        if identifier is not None:
            for row in self.jenis_ptk:
                if row.id == identifier:
                    return row
        folded_label = (label or "").strip().casefold()
        rows = (row for row in self.jenis_ptk if row.id is None and row.label)
        return next((row for row in rows if (row.label or "").casefold() == folded_label), None)


@dataclass(frozen=True, slots=True)
class CatalogLevel:
    """A catalogue as teachers of one level and jenjang jabatan see it. The first three fields identify it."""

    sha256: str
    jenjang: str
    jenjang_jabatan: str | None
    catalog: Catalog = field(compare=False, repr=False)

    @property
    def exists(self) -> bool:
        """Whether the catalogue has the level, and the jenjang jabatan if there is one."""
        return self.jenjang in {row.code for row in self.catalog.jenjang} and self.jenjang_jabatan in {
            None, *(row.code for row in self.catalog.jenjang_jabatan),
        }  # fmt: skip

    @property
    def choices(self) -> Choices:
        """What the teachers may choose."""
        return self.catalog.choices(self.jenjang, self.jenjang_jabatan)


def _find(rows: Iterable[RowT], code: str) -> RowT | None:
    return next((row for row in rows if row.code == code), None)
