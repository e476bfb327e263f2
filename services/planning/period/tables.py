"""Tortoise models of periods and catalogues."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PeriodTable(Model):
    """A period; it names its catalogue and its workflow, of which the newest is used; its values are revisions."""

    code = fields.CharField(primary_key=True, max_length=16)
    label = fields.JSONField[dict[str, str]]()
    starts = fields.DateField()
    ends = fields.DateField()
    catalog = fields.CharField(max_length=40)
    workflow = fields.CharField(max_length=64)

    class Meta:
        """Named like its noun."""

        table = "period"


class CatalogTable(Model):
    """A catalogue, immutable: its key is the SHA-256 of its canonical JSON, kept to the letter."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    code = fields.CharField(max_length=40)
    body = fields.TextField()
    imported_at = fields.DatetimeField()

    class Meta:
        """Named like its noun."""

        table = "catalog"
        indexes = (("code", "imported_at"),)
