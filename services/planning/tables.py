"""The Tortoise models of planning, which Database loads.

Tortoise knows keys of one column, so a table whose key has several has no model: its statements are SQL.
"""

from __future__ import annotations

from services.planning.period.tables import CatalogTable, PeriodTable
from services.planning.versions.tables import WorkflowVersionTable

__models__ = (CatalogTable, PeriodTable, WorkflowVersionTable)
