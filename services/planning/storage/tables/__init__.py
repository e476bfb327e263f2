"""Tortoise models of planning.

Tortoise knows keys of one column, so a table whose key has several has no model: its statements are SQL.
"""

from __future__ import annotations

from services.planning.storage.tables.period import CatalogTable, PeriodTable
from services.planning.storage.tables.workflow import WorkflowVersionTable

__all__ = [
    "CatalogTable",
    "PeriodTable",
    "WorkflowVersionTable",
]
