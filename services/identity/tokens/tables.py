# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise model of signing keys."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SigningKey(Model):
    """A key that signs tokens from `active_from` until a later one does, and is published until `retired_at`."""

    kid = fields.CharField(max_length=64, primary_key=True)
    private_pem = fields.TextField()
    public_jwk: fields.Field[dict[str, str]] = fields.JSONField()
    created_at = fields.DatetimeField()
    active_from = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_key"
