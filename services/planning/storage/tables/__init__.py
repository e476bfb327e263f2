"""The tables of planning.

Tortoise knows keys of one column only, so it is told the first one; migrations set the whole keys. Those of plans lead
with (ptk_id, period), so that big tables can be partitioned and distributed. Nothing here may call `save()` or
`get(pk=…)`.
"""

from __future__ import annotations

from services.planning.storage.tables.period import (
    CatalogTable,
    PeriodProposalEndTable,
    PeriodProposalTable,
    PeriodRevisionTable,
    PeriodTable,
)
from services.planning.storage.tables.plan import (
    CommandKeyTable,
    MovedTeacherTable,
    PlanCommentTable,
    PlanEventTable,
    PlanTable,
    PlanTextTable,
    PltConfirmationTable,
)
from services.planning.storage.tables.registry import (
    FollowedTable,
    RegistryAnswerTable,
    SchoolHeadTable,
)
from services.planning.storage.tables.timer import (
    NotificationReadTable,
    NotificationTable,
    PlanTimerActTable,
    PlanTimerTable,
)
from services.planning.storage.tables.workflow import (
    MigrationActTable,
    MigrationOutcomeTable,
    MigrationTable,
    RunTable,
    TrialFindingTable,
    TrialTable,
    WorkflowActTable,
    WorkflowVersionTable,
)

__all__ = [
    "CatalogTable",
    "CommandKeyTable",
    "FollowedTable",
    "MigrationActTable",
    "MigrationOutcomeTable",
    "MigrationTable",
    "MovedTeacherTable",
    "NotificationReadTable",
    "NotificationTable",
    "PeriodProposalEndTable",
    "PeriodProposalTable",
    "PeriodRevisionTable",
    "PeriodTable",
    "PlanCommentTable",
    "PlanEventTable",
    "PlanTable",
    "PlanTextTable",
    "PlanTimerActTable",
    "PlanTimerTable",
    "PltConfirmationTable",
    "RegistryAnswerTable",
    "RunTable",
    "SchoolHeadTable",
    "TrialFindingTable",
    "TrialTable",
    "WorkflowActTable",
    "WorkflowVersionTable",
]
