"""Versions of the workflow, what was done with them, and living plans moved from one to another."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class WorkflowVersionTable(Model):
    """A version of a workflow, immutable: its key is the SHA-256 of its canonical JSON, kept to the letter."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    name = fields.CharField(max_length=64)
    body = fields.TextField()
    stored_at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "workflow_version"
        indexes = (("name", "stored_at"),)


class MigrationTable(Model):
    """An order to move living plans to another version of the workflow: who, when, why, which; never edited."""

    number = fields.IntField(primary_key=True, generated=False)
    old = fields.CharField(max_length=64)
    new = fields.CharField(max_length=64)
    states = fields.JSONField[dict[str, str]]()
    period = fields.CharField(max_length=16, null=True)
    npsn = fields.CharField(max_length=8, null=True)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Named like its noun. `states` maps states of `old` to states of `new`."""

        table = "migration"


class MigrationActTable(Model):
    """What was done with a migration after it was ordered: stopped, resumed, undone. Only ever added."""

    migration = fields.IntField(primary_key=True, generated=False)
    number = fields.IntField()
    act = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Key (migration, number)."""

        table = "migration_act"


class TrialTable(Model):
    """A version tried on what really happened in a period: who asked, and when."""

    number = fields.IntField(primary_key=True, generated=False)
    sha256 = fields.CharField(max_length=64)
    period = fields.CharField(max_length=16)
    states = fields.JSONField[dict[str, str]]()
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "trial"
