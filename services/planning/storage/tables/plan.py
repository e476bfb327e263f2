"""Plans: the row, its events and their texts, the discussion, keys of commands, and facts that stand beside."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PlanTable(Model):
    """A plan as it is now. `version` is the number of its events, `last_hash` the hash of the last one."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    npsn = fields.CharField(max_length=8)
    school = fields.JSONField[dict[str, object]]()
    workflow = fields.CharField(max_length=64)
    catalog = fields.CharField(max_length=64)
    state = fields.CharField(max_length=64)
    version = fields.IntField()
    last_hash = fields.CharField(max_length=64)
    tab = fields.CharField(max_length=32)
    profile = fields.JSONField[dict[str, object]]()
    content = fields.JSONField[dict[str, object]]()
    updated_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField(null=True)
    revision_due = fields.DateField(null=True)
    note = fields.TextField(null=True)
    reopened_at = fields.DatetimeField(null=True)
    state_since = fields.DatetimeField(null=True)
    provinsi = fields.TextField(null=True)
    kabupaten_kota = fields.TextField(null=True)

    class Meta:
        """Key (ptk_id, period): one plan per teacher and period. The head finds the plans of the school by NPSN.

        `npsn` and the region repeat what `school` says, to be found and counted by.
        """

        table = "plan"
        # The second counts the plans of a version and leads the worker through those that wait, without reading others;
        # by the third plans are moved to another version in the order of their keys. Migration 0009 adds one that
        # covers what numbers are made of (decision 14).
        indexes = (
            ("period", "npsn", "state"),
            ("workflow", "period", "state", "ptk_id"),
            ("workflow", "ptk_id", "period"),
        )


class PlanEventTable(Model):
    """What happened to a plan. `body` is the canonical JSON that was hashed; the other columns only help to find it."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    id = fields.UUIDField()
    kind = fields.CharField(max_length=32)
    to = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    hash = fields.CharField(max_length=64)
    body = fields.TextField()
    ended = fields.CharField(max_length=64, null=True)
    lasted = fields.IntField(null=True)

    class Meta:
        """Key (ptk_id, period, version): the version of a plan names its event.

        `ended` is the state whose stay it ended, if it did, `lasted` how many seconds the plan had been in it.
        """

        table = "plan_event"


class PlanTextTable(Model):
    """Personal free text that an event mentions by digest; erasing it leaves the chain whole."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    name = fields.CharField(max_length=32)
    salt = fields.CharField(max_length=32, null=True)
    value = fields.TextField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        """Key (ptk_id, period, version, name)."""

        table = "plan_text"


class CommandKeyTable(Model):
    """An idempotency key, kept only with a committed success."""

    subject = fields.CharField(primary_key=True, max_length=64)
    mutation = fields.CharField(max_length=64)
    key = fields.CharField(max_length=128)
    input_hash = fields.CharField(max_length=64)
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        """Key (subject, mutation, key): the scope of a key is subject and mutation."""

        table = "command_key"


class PltConfirmationTable(Model):
    """The Plt of a school has confirmed for a period: one fact, which covers later submissions too (Guide 11)."""

    npsn = fields.CharField(primary_key=True, max_length=8)
    period = fields.CharField(max_length=16)
    ptk_id = fields.UUIDField()
    account = fields.CharField(max_length=64)
    at = fields.DatetimeField()

    class Meta:
        """Key (npsn, period)."""

        table = "plt_confirmation"


class PlanCommentTable(Model):
    """The discussion of a plan: no event, for it changes nothing; an erased comment keeps its place."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    number = fields.IntField()
    at = fields.DatetimeField()
    author = fields.UUIDField()
    account = fields.CharField(max_length=64)
    head = fields.CharField(max_length=16, null=True)
    nama = fields.TextField(null=True)
    text = fields.TextField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        """Key (ptk_id, period, number). `head` says as which head somebody wrote, null for the owner."""

        table = "plan_comment"


class MovedTeacherTable(Model):
    """A teacher whose sekolah induk is another now than the school of the plan; gone when the two agree again."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    npsn = fields.CharField(max_length=8)
    noticed_at = fields.DatetimeField()

    class Meta:
        """Key (ptk_id, period); `npsn` is the sekolah induk of today, whose head finds the plan by it."""

        table = "moved_teacher"
        indexes = (("npsn", "period"),)
