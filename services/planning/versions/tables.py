"""Tortoise model of workflow versions."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class WorkflowVersionTable(Model):
    """An immutable version of a workflow. Its key is the SHA-256 of its canonical JSON, which `body` holds."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    name = fields.CharField(max_length=64)
    body = fields.TextField()
    stored_at = fields.DatetimeField()

    class Meta:
        """Name of the table and its indexes."""

        table = "workflow_version"
        indexes = (("name", "stored_at"),)
