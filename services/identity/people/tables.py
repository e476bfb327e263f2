# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise models of schools, teachers, their assignments and duties, zones, accounts and changes.

They have keys (`npsn`, `ptk_id`) instead of relations, so that nothing loads lazily.

Data minimisation (UU 27/2022 on personal data, art. 16): of Dapodik's many columns these tables have only those that
planning or the head rule needs. NIK, religion, address, phone, education and passwords are never stored.
`provenance` has the source and instant of each fact: `{fact: {source, as_of}}`.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class School(Model):
    """A satuan pendidikan (school)."""

    npsn = fields.CharField(max_length=8, primary_key=True)
    nama = fields.TextField()
    bentuk_pendidikan_id = fields.IntField(null=True)
    bentuk_pendidikan = fields.TextField(null=True)
    status_sekolah = fields.TextField(null=True)
    kabupaten_kota = fields.TextField(null=True)
    provinsi = fields.TextField(null=True)
    provenance: fields.Field[dict[str, dict[str, str]]] = fields.JSONField()
    # instant of the last data, even if they changed nothing: older data never overwrite them
    read_at = fields.DatetimeField()

    class Meta:
        table = "school"


class Teacher(Model):
    """A PTK: one row per person, in any number of schools."""

    ptk_id = fields.UUIDField(primary_key=True)
    nama = fields.TextField()
    nip = fields.CharField(max_length=18, null=True, db_index=True)
    nuptk = fields.CharField(max_length=16, null=True, db_index=True)
    tanggal_lahir = fields.DateField(null=True)
    status_kepegawaian_id = fields.IntField(null=True)
    status_kepegawaian = fields.TextField(null=True)
    jenis_ptk_id = fields.CharField(max_length=8, null=True)
    jenis_ptk = fields.TextField(null=True)
    pangkat_golongan = fields.CharField(max_length=8, null=True)
    # codes of doubtful data: ["nip.rounded", …]
    flags: fields.Field[list[str]] = fields.JSONField()
    provenance: fields.Field[dict[str, dict[str, str]]] = fields.JSONField()

    class Meta:
        table = "teacher"


class Assignment(Model):
    """A person at a school (Dapodik `ptk_terdaftar`). The row stays with `left_at` when the person leaves."""

    id = fields.UUIDField(primary_key=True)
    ptk_id = fields.UUIDField()
    npsn = fields.CharField(max_length=8, db_index=True)
    induk = fields.BooleanField()
    since = fields.DateField(null=True)
    tahun_ajaran_id = fields.CharField(max_length=8, null=True)
    jenis_ptk_id = fields.CharField(max_length=8, null=True)
    jabatan_ptk_id = fields.CharField(max_length=8, null=True)
    source = fields.TextField()
    as_of = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        table = "assignment"
        unique_together = (("ptk_id", "npsn"),)


class TugasTambahan(Model):
    """An additional duty under a decree, from a file, because getGtk does not contain them."""

    id = fields.UUIDField(primary_key=True)
    ptk_id = fields.UUIDField()
    npsn = fields.CharField(max_length=8, db_index=True)
    jabatan_ptk_id = fields.CharField(max_length=8)
    nomor_sk = fields.TextField(null=True)
    tmt = fields.DateField()
    tst = fields.DateField(null=True)
    source = fields.TextField()
    as_of = fields.DatetimeField()

    class Meta:
        table = "tugas_tambahan"
        unique_together = (("ptk_id", "npsn", "jabatan_ptk_id", "tmt"),)


class ProvinceZone(Model):
    """The time zone of a province. `key` is its name as `normalize_province` returns it."""

    key = fields.CharField(max_length=64, primary_key=True)
    provinsi = fields.TextField()
    zone = fields.CharField(max_length=32)
    source = fields.TextField()
    as_of = fields.DatetimeField()

    class Meta:
        table = "province_zone"


class Account(Model):
    """A belajar.id address in lower case. Closed accounts stay as the history of a person's addresses."""

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254, unique=True)
    ptk_id = fields.UUIDField(null=True, db_index=True)
    npsn = fields.CharField(max_length=8, null=True)
    opened = fields.DateField(null=True)
    closed = fields.DateField(null=True)
    source = fields.TextField()
    as_of = fields.DatetimeField()

    class Meta:
        table = "account"


class Change(Model):
    """A change of a teacher or a school. The change number of either is the `seq` of its last change."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.CharField(max_length=8)
    key = fields.CharField(max_length=36)
    at = fields.DatetimeField()

    class Meta:
        table = "registry_change"
        indexes = (("kind", "key", "seq"),)
