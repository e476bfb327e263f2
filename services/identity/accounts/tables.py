# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise model of the platform scopes of accounts."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Grant(Model):
    """A platform scope (`admin`, …) of an account. It is revoked, never deleted."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField(db_index=True)
    scope = fields.CharField(max_length=64)
    granted_at = fields.DatetimeField()
    granted_by = fields.TextField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "scope_grant"
