# ruff: noqa: D106  (Tortoise's Meta)
"""Tortoise models of sign-in attempts, sessions, codes and refresh tokens."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class SignInAttempt(Model):
    """A sign-in at the provider, for one browser and one use, for minutes."""

    state_hash = fields.CharField(max_length=64, primary_key=True)
    browser_hash = fields.CharField(max_length=64)
    nonce = fields.CharField(max_length=64)
    code_verifier = fields.CharField(max_length=128)
    return_to = fields.TextField(null=True)
    app: fields.Field[dict[str, str] | None] = fields.JSONField(null=True)
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "sign_in_attempt"


class ProviderIdentity(Model):
    """The provider's id (`sub`) of the person who signed in first with an account."""

    account_id = fields.UUIDField(primary_key=True)
    issuer = fields.TextField()
    subject = fields.CharField(max_length=255)
    bound_at = fields.DatetimeField()

    class Meta:
        table = "provider_identity"


class Session(Model):
    """A session of an account, in a browser (hash of its cookie) or in an app (refresh tokens)."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField(db_index=True)
    app = fields.CharField(max_length=64, null=True)
    cookie_hash = fields.CharField(max_length=64, null=True, unique=True)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    # of the refresh token that was used last
    generation = fields.IntField(default=0)
    last_token_hash = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "session"


class AppCode(Model):
    """A code that an app receives after a sign-in and exchanges once. `session_id` is the session it got."""

    code_hash = fields.CharField(max_length=64, primary_key=True)
    account_id = fields.UUIDField()
    app = fields.CharField(max_length=64)
    redirect_uri = fields.TextField()
    code_challenge = fields.CharField(max_length=64)
    created_at = fields.DatetimeField(db_index=True)
    session_id = fields.UUIDField(null=True)

    class Meta:
        table = "app_code"


class RefreshToken(Model):
    """A refresh token of a session in an app. A used token stays, so that its reuse is detected."""

    token_hash = fields.CharField(max_length=64, primary_key=True)
    session_id = fields.UUIDField(db_index=True)
    generation = fields.IntField()

    class Meta:
        table = "refresh_token"
