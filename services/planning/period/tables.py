"""Tortoise models of periods and catalogues."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class PeriodTable(Model):
    """A period. `catalog` and `workflow` are names; the newest catalogue and the published version are used."""

    code = fields.CharField(primary_key=True, max_length=16)
    label = fields.JSONField[dict[str, str]]()
    starts = fields.DateField()
    ends = fields.DateField()
    catalog = fields.CharField(max_length=40)
    workflow = fields.CharField(max_length=64)

    class Meta:
        """Name of the table."""

        table = "period"


class CatalogTable(Model):
    """An immutable catalogue. Its key is the SHA-256 of its canonical JSON, which `body` holds."""

    sha256 = fields.CharField(primary_key=True, max_length=64)
    code = fields.CharField(max_length=40)
    body = fields.TextField()
    imported_at = fields.DatetimeField()

    class Meta:
        """Name of the table and its indexes."""

        table = "catalog"
        indexes = (("code", "imported_at"),)
