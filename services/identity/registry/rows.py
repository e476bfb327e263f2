"""Models of the rows of getSekolah, getGtk and getPengguna."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.identity.people.model import AssignmentFacts, SchoolFacts, TeacherFacts
from services.identity.registry import fields
from services.identity.registry.fields import find_latest_pangkat
from services.identity.registry.json_input import InputPath, Json
from services.kit.problems import Problem, RequestRefused

Model = TypeVar("Model", bound=BaseModel)


def read_row(model: type[Model], row: Json, path: InputPath) -> Model:
    """Validate a row. Raises RequestRefused with the code and path of each wrong field."""
    if not isinstance(row, dict):
        raise RequestRefused(Problem("row.not_an_object", path=path))
    try:
        return model.model_validate(row)
    except ValidationError as error:
        # `from None`, and only code, path and our own params: a pydantic error contains the personal value
        raise RequestRefused(
            [
                Problem(
                    "field.missing" if item["type"] == "missing" else item["type"],
                    # a text that is not of ours could contain the value
                    {"field": str(item["loc"][0]), **(item.get("ctx", {}) if "." in item["type"] else {})},
                    (*path, *(str(part) for part in item["loc"])),
                )
                for item in error.errors(include_url=False, include_input=False)
            ]
        ) from None


CIVIL_SERVANTS = {1, 2, 3, 10}


def find_flags(
    nip: str | None, nuptk: str | None, nik: str | None, birth_date: date | None, status: int | None
) -> tuple[str, ...]:
    """Return the codes of doubtful values, in a fixed order."""
    birth = birth_date.strftime("%Y%m%d") if birth_date else None
    checks = {
        "nip.rounded": nip is not None and nip.endswith("000"),  # serials start at 001
        "nip.birth_date": nip is not None and birth is not None and nip[:8] != birth,
        "nip.structure": nip is not None and status in CIVIL_SERVANTS and not "01" <= nip[12:14] <= "12",
        "nuptk.rounded": nuptk is not None and nuptk.endswith("0"),
        "nik.structure": nik is not None and not _is_plausible_nik(nik, birth_date),
        "nik.rounded": nik is not None and len(nik) == 16 and nik.endswith("0"),
    }
    return tuple(code for code, suspicious in checks.items() if suspicious)


def _is_plausible_nik(nik: str, birth_date: date | None) -> bool:
    """Return whether a NIK has 16 digits with the birth date as digits 7 to 12, or is a passport number.

    The date is ddmmyy, with 40 added to the day for women.
    """
    if not (nik.isascii() and nik.isdigit()):
        return nik.isalnum()
    if len(nik) != 16 or birth_date is None:
        return len(nik) == 16
    rest = birth_date.strftime("%m%y")
    return nik[8:12] == rest and int(nik[6:8]) in (birth_date.day, birth_date.day + 40)


# status_kepegawaian of civil servants who must have a NIP; a candidate (CPNS, 10) may not have it yet
NIP_REQUIRED = {1, 2, 3}


class RowModel(BaseModel):
    """The base of models of a row from outside."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Sekolah(RowModel):
    """The row of getSekolah."""

    npsn: fields.Npsn
    nama: fields.RequiredText
    bentuk_pendidikan_id: fields.Number = None
    bentuk_pendidikan_id_str: fields.Text = None
    status_sekolah: fields.Code = None
    status_sekolah_str: fields.Text = None
    kabupaten_kota: fields.Text = None
    provinsi: fields.Text = None

    def to_facts(self) -> SchoolFacts:
        """Return the facts to store. `status_sekolah` is a word even if only its number was sent."""
        status = self.status_sekolah_str or {"1": "Negeri", "2": "Swasta"}.get(self.status_sekolah or "")
        return SchoolFacts(
            npsn=self.npsn,
            nama=self.nama,
            bentuk_pendidikan_id=self.bentuk_pendidikan_id,
            bentuk_pendidikan=self.bentuk_pendidikan_id_str,
            status_sekolah=status,
            kabupaten_kota=self.kabupaten_kota,
            provinsi=self.provinsi,
        )


class Gtk(RowModel):
    """A row of getGtk: a person at this school."""

    ptk_id: fields.RequiredUuid
    ptk_terdaftar_id: fields.Uuid = None
    tahun_ajaran_id: fields.Code = None
    ptk_induk: fields.Flag
    tanggal_surat_tugas: fields.Date = None
    nama: fields.RequiredText
    tanggal_lahir: fields.Date = None
    nuptk: fields.Nuptk = None
    nik: fields.Nik = Field(default=None, repr=False)
    nip: fields.Nip = None
    jenis_ptk_id: fields.Code = None
    jenis_ptk_id_str: fields.Text = None
    jabatan_ptk_id: fields.Code = None
    status_kepegawaian_id: fields.Number = None
    status_kepegawaian_id_str: fields.Text = None
    pangkat_golongan_terakhir: Json = None
    rwy_kepangkatan: Json = None

    def to_teacher(self) -> TeacherFacts:
        """Return the facts to store about the person."""
        pangkat, pangkat_flags = find_latest_pangkat(self.rwy_kepangkatan, self.pangkat_golongan_terakhir)
        flags = (
            find_flags(self.nip, self.nuptk, self.nik, self.tanggal_lahir, self.status_kepegawaian_id)
            + pangkat_flags
        )
        return TeacherFacts(
            ptk_id=self.ptk_id,
            nama=self.nama,
            nip=self.nip,
            nuptk=self.nuptk,
            tanggal_lahir=self.tanggal_lahir,
            status_kepegawaian_id=self.status_kepegawaian_id,
            status_kepegawaian=self.status_kepegawaian_id_str,
            jenis_ptk_id=self.jenis_ptk_id,
            jenis_ptk=self.jenis_ptk_id_str,
            pangkat_golongan=pangkat,
            flags=flags,
        )

    def to_assignment(self, npsn: str) -> AssignmentFacts:
        """Return the facts to store about the assignment. Rows of getGtk do not contain the NPSN."""
        return AssignmentFacts(
            ptk_id=self.ptk_id,
            npsn=npsn,
            induk=self.ptk_induk,
            since=self.tanggal_surat_tugas,
            tahun_ajaran_id=self.tahun_ajaran_id,
            jenis_ptk_id=self.jenis_ptk_id,
            jabatan_ptk_id=self.jabatan_ptk_id,
        )


class Pengguna(RowModel):
    """A row of getPengguna: a Dapodik user. `username` is an e-mail address, at some schools of belajar.id."""

    username: fields.Text = None
    ptk_id: fields.Uuid = None


def read_gtk(row: Json, path: InputPath) -> Gtk:
    """Read a row of getGtk. Raises RequestRefused, also for a civil servant without a NIP."""
    gtk = read_row(Gtk, row, path)
    if gtk.status_kepegawaian_id in NIP_REQUIRED and gtk.nip is None:
        raise RequestRefused(Problem("nip.required", {"field": "nip"}, (*path, "nip")))
    return gtk
