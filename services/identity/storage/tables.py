# ruff: noqa: D106  (Tortoise's Meta)
"""The tables of identity. They hold keys (`npsn`, `ptk_id`), not relations: nothing loads lazily.

Data minimisation (UU 27/2022 on personal data, art. 16): of Dapodik's many columns only those stand here that
planning or the head rule needs. NIK, religion, address, phone, education and passwords are never stored.
`provenance` keeps for each fact where its present value came from and when: `{fact: {source, as_of}}`.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class School(Model):
    """A satuan pendidikan."""

    npsn = fields.CharField(max_length=8, primary_key=True)
    nama = fields.TextField()
    bentuk_pendidikan_id = fields.IntField(null=True)
    bentuk_pendidikan = fields.TextField(null=True)
    status_sekolah = fields.TextField(null=True)
    kabupaten_kota = fields.TextField(null=True)
    provinsi = fields.TextField(null=True)
    provenance: fields.Field[dict[str, dict[str, str]]] = fields.JSONField()
    # when the school's data were last read, even if nothing had changed: older data never overwrite them
    read_at = fields.DatetimeField()

    class Meta:
        table = "schools"


class Teacher(Model):
    """A PTK: one person, whatever number of schools."""

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
    # codes of what looks wrong but does not hinder: ["nip.rounded", …]
    flags: fields.Field[list[str]] = fields.JSONField()
    provenance: fields.Field[dict[str, dict[str, str]]] = fields.JSONField()

    class Meta:
        table = "teachers"


class Assignment(Model):
    """A person at a school (Dapodik `ptk_terdaftar`); kept with `left_at` when they leave."""

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
        table = "assignments"
        unique_together = (("ptk_id", "npsn"),)


class TugasTambahan(Model):
    """An additional duty under a decree, from our own file: getGtk does not carry them."""

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
    """The time zone of a province; `key` is its name in one spelling (domain/zones.py)."""

    key = fields.CharField(max_length=64, primary_key=True)
    provinsi = fields.TextField()
    zone = fields.CharField(max_length=32)
    source = fields.TextField()
    as_of = fields.DatetimeField()

    class Meta:
        table = "province_zones"


class Account(Model):
    """A belajar.id address, in lower case. Closed ones stay: the history of a person's addresses."""

    id = fields.UUIDField(primary_key=True)
    email = fields.CharField(max_length=254, unique=True)
    ptk_id = fields.UUIDField(null=True, db_index=True)
    npsn = fields.CharField(max_length=8, null=True)
    opened = fields.DateField(null=True)
    closed = fields.DateField(null=True)
    source = fields.TextField()
    as_of = fields.DatetimeField()

    class Meta:
        table = "accounts"


class Grant(Model):
    """A platform scope (`admin`, …) given to an account; revoked, never deleted."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField(db_index=True)
    scope = fields.CharField(max_length=64)
    granted_at = fields.DatetimeField()
    granted_by = fields.TextField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "grants"


class SigningKey(Model):
    """A key that signs tokens from `active_from` until a younger one does, shown until `retired_at`."""

    kid = fields.CharField(max_length=64, primary_key=True)
    private_pem = fields.TextField()
    public_jwk: fields.Field[dict[str, str]] = fields.JSONField()
    created_at = fields.DatetimeField()
    active_from = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_keys"


class PushCredential(Model):
    """What a school shows when it pushes its data: the hash of a bearer token, bound to one NPSN."""

    id = fields.UUIDField(primary_key=True)
    npsn = fields.CharField(max_length=8, db_index=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "push_credentials"


class Change(Model):
    """That a teacher or a school changed. The revision of either is the `seq` of its last change."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.CharField(max_length=8)
    key = fields.CharField(max_length=36)
    at = fields.DatetimeField()

    class Meta:
        table = "changes"
        indexes = (("kind", "key", "seq"),)


class Client(Model):
    """A machine with credentials of its own; revoked, never deleted."""

    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    contact = fields.TextField()
    scopes: fields.Field[list[str]] = fields.JSONField()
    within: fields.Field[dict[str, object]] = fields.JSONField()
    registered_at = fields.DatetimeField()
    registered_by = fields.TextField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "clients"


class ClientRequest(Model):
    """A client of wide reach, or a secret for somebody else's: proposed by one person, approved by another."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=16)
    client_id = fields.UUIDField()
    values: fields.Field[dict[str, object]] = fields.JSONField()
    reason = fields.TextField()
    state = fields.CharField(max_length=16)
    expires_at = fields.DatetimeField()
    proposed_at = fields.DatetimeField()
    proposed_by = fields.TextField()
    proposed_ptk_id = fields.UUIDField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_reason = fields.TextField(null=True)

    class Meta:
        table = "client_request"


class ClientSecret(Model):
    """The hash of a client's secret; after a rotation two live side by side until the older one ends."""

    id = fields.UUIDField(primary_key=True)
    client_id = fields.UUIDField(db_index=True)
    hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)

    class Meta:
        table = "client_secrets"


class Audit(Model):
    """Who got in, with what, by whom, or why not: only ever added to."""

    seq = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    what = fields.CharField(max_length=32)
    outcome = fields.CharField(max_length=64)
    account = fields.UUIDField(null=True, db_index=True)
    client = fields.UUIDField(null=True, db_index=True)
    by = fields.TextField(null=True)
    scope = fields.TextField(null=True)
    request = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "audit"


class SignInAttempt(Model):
    """Somebody is at the provider: kept for one browser and one use, for minutes."""

    state_hash = fields.CharField(max_length=64, primary_key=True)
    browser_hash = fields.CharField(max_length=64)
    nonce = fields.CharField(max_length=64)
    code_verifier = fields.CharField(max_length=128)
    return_to = fields.TextField(null=True)
    app: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "sign_in_attempts"


class Session(Model):
    """An account that signed in, in a browser (known by the hash of its cookie) or in an app (by refresh tokens)."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField(db_index=True)
    app = fields.CharField(max_length=64, null=True)
    cookie_hash = fields.CharField(max_length=64, null=True, unique=True)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    # of the refresh tokens that were shown: how many in a row, and the hash of the last one
    generation = fields.IntField(default=0)
    shown = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "sessions"


class AppCode(Model):
    """What an app gets after a sign-in and changes for tokens, once; `session_id` is what it was changed for."""

    code_hash = fields.CharField(max_length=64, primary_key=True)
    account_id = fields.UUIDField()
    app = fields.CharField(max_length=64)
    redirect_uri = fields.TextField()
    code_challenge = fields.CharField(max_length=64)
    created_at = fields.DatetimeField(db_index=True)
    session_id = fields.UUIDField(null=True)

    class Meta:
        table = "app_codes"


class RefreshToken(Model):
    """A refresh token of a session in an app: kept when its time has passed, so that a copy is recognised."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    session_id = fields.UUIDField(db_index=True)
    generation = fields.IntField()

    class Meta:
        table = "refresh_tokens"
