# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise model of the push tokens of schools."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PushCredential(Model):
    """The hash of the bearer token with which a school pushes its data."""

    id = fields.UUIDField(primary_key=True)
    npsn = fields.CharField(max_length=8, db_index=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "push_credential"
