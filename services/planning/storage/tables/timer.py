"""What goes by the clock: timers of plans, what admins did with them, and who was told what."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model


class PlanTimerTable(Model):
    """A timer of a plan in its state, replaced when the plan enters another one. `due` null: it fires no more."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    timer = fields.CharField(max_length=60)
    first_due = fields.DatetimeField()
    due = fields.DatetimeField(null=True)
    count = fields.IntField()
    fixed = fields.BooleanField(default=False)
    incident = fields.JSONField[list[dict[str, Any]]](null=True)
    tries = fields.IntField(default=0)
    tried_at = fields.DatetimeField(null=True)

    class Meta:
        """Key (ptk_id, period, timer). `fixed`: an admin gave `due`; `incident`: the problems of the last try."""

        table = "plan_timer"
