"""Tortoise models of planning.

A table whose key has several columns needs no model: its statements are SQL. Those that still have one carry the
first column of the key only, so nothing may call `save()` or `get(pk=…)` on them.
"""

from __future__ import annotations

from services.planning.storage.tables.period import CatalogTable, PeriodTable
from services.planning.storage.tables.workflow import (
    WorkflowVersionTable,
)

__all__ = [
    "CatalogTable",
    "PeriodTable",
    "WorkflowVersionTable",
]
