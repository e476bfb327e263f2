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
