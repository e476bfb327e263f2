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


class SchoolHeadTable(Model):
    """Who leads a school that plans stand at, as identity last said: for numbers only."""

    npsn = fields.CharField(primary_key=True, max_length=8)
    kind = fields.CharField(max_length=16)
    ptk_id = fields.UUIDField(null=True)
    as_of = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "school_head"
