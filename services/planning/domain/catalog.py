"""A catalogue: the lists that teachers of a period choose from, and the questions asked of them."""

from __future__ import annotations

from dataclasses import dataclass

from services.planning.domain.catalog_rows import (
    Aspek,
    Code,
    DasarHukum,
    EditDataDiri,
    Frozen,
    Group,
    JenisPtk,
    Jenjang,
    PangkatGolongan,
    PraktikKinerja,
    ProfileField,
    Rhk,
    RhkOtomatis,
    Row,
    Source,
    StatusKepegawaian,
    TugasTambahan,
)


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything one teacher may choose from, in the order of the catalogue."""

    praktik_kinerja: tuple[PraktikKinerja, ...]
    rhk: tuple[Rhk, ...]
    tugas_tambahan: tuple[TugasTambahan, ...]
    perilaku: tuple[Aspek, ...]


class Catalog(Frozen):
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
        wanted = (label or "").strip().casefold()
        rows = (row for row in self.jenis_ptk if row.id is None and row.label)
        return next((row for row in rows if (row.label or "").casefold() == wanted), None)


def _with_offered_opsi(aspek: Aspek, jenjang_jabatan: str | None) -> Aspek:
    return aspek.model_copy(update={"opsi": tuple(o for o in aspek.opsi if o.offered_to(jenjang_jabatan))})
