# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise model of the audit log."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Audit(Model):
    """An event of the audit log. Rows are only added."""

    seq = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=32)
    outcome = fields.CharField(max_length=64)
    account_id = fields.UUIDField(null=True, db_index=True)
    client_id = fields.UUIDField(null=True, db_index=True)
    actor = fields.TextField(null=True)
    scope = fields.TextField(null=True)
    request_id = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "audit"
