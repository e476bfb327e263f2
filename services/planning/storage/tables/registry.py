"""What identity last said, and how far it was followed."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class RegistryAnswerTable(Model):
    """What identity last answered to a question, kept for the time when it is away."""

    path = fields.CharField(primary_key=True, max_length=128)
    etag = fields.CharField(max_length=128, null=True)
    body = fields.TextField()
    as_of = fields.DatetimeField(db_index=True)

    class Meta:
        """Named like its noun."""

        table = "registry_answer"
