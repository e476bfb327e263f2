# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise models of clients, change requests about them and their secrets."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Client(Model):
    """An API client. It is revoked, never deleted."""

    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    contact = fields.TextField()
    scopes: fields.Field[list[str]] = fields.JSONField()
    territory: fields.Field[dict[str, object]] = fields.JSONField()
    registered_at = fields.DatetimeField()
    registered_by = fields.TextField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "client"


class ClientRequest(Model):
    """A change request for a client of wide reach, or for a secret of somebody else's client."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.CharField(max_length=16)
    client_id = fields.UUIDField()
    values: fields.Field[dict[str, object]] = fields.JSONField()
    reason = fields.TextField()
    state = fields.CharField(max_length=16)
    expires_at = fields.DatetimeField()
    proposed_at = fields.DatetimeField()
    proposed_by = fields.TextField()
    proposed_ptk_id = fields.UUIDField(null=True)
    decided_by = fields.TextField(null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_reason = fields.TextField(null=True)

    class Meta:
        table = "client_request"


class ClientSecret(Model):
    """The hash of a client's secret. After a rotation two are valid until the older one ends."""

    id = fields.UUIDField(primary_key=True)
    client_id = fields.UUIDField(db_index=True)
    hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)

    class Meta:
        table = "client_secret"
