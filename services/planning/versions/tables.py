"""Tortoise model of workflow versions."""

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
