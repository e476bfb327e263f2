"""Periods with the values that admins give them, and the lists of a period."""

from __future__ import annotations

from typing import Any

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


class PeriodProposalTable(Model):
    """A change of a period's values that an admin proposed: append-only, numbered by period."""

    period = fields.CharField(primary_key=True, max_length=16)
    number = fields.IntField()
    before = fields.JSONField[dict[str, Any]]()
    values = fields.JSONField[dict[str, Any]]()
    wanted = fields.DatetimeField(null=True)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Key (period, number). `before` is what stood for each of `values`; `wanted` null: once approved."""

        table = "period_proposal"


class PeriodProposalEndTable(Model):
    """How a proposal ended, once: approved by a second person, or withdrawn."""

    period = fields.CharField(primary_key=True, max_length=16)
    number = fields.IntField()
    how = fields.CharField(max_length=16)
    revisions = fields.JSONField[list[int]]()
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        """Key (period, number), that of the proposal. `revisions` are the numbers of those that came of it."""

        table = "period_proposal_end"


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
