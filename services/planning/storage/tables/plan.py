"""Plans: the row, its events and their texts, the discussion, keys of commands, and facts that stand beside."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class CommandKeyTable(Model):
    """An idempotency key, kept only with a committed success."""

    subject = fields.CharField(primary_key=True, max_length=64)
    mutation = fields.CharField(max_length=64)
    key = fields.CharField(max_length=128)
    input_hash = fields.CharField(max_length=64)
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    version = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        """Key (subject, mutation, key): the scope of a key is subject and mutation."""

        table = "command_key"
