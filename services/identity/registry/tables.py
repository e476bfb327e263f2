# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise model of the credentials with which schools push their data."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PushCredential(Model):
    """What a school shows when it pushes its data: the hash of a bearer token, bound to one NPSN."""

    id = fields.UUIDField(primary_key=True)
    npsn = fields.CharField(max_length=8, db_index=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "push_credentials"
