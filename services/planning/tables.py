"""The Tortoise models of planning, which Database loads.

Tortoise supports keys of one column only. Tables with other keys have no model, but SQL statements.
"""

from __future__ import annotations

from services.planning.period.tables import CatalogTable, PeriodTable
from services.planning.versions.tables import WorkflowVersionTable

__models__ = (CatalogTable, PeriodTable, WorkflowVersionTable)
