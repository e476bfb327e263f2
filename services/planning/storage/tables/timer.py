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


class PlanTimerActTable(Model):
    """What an admin did with a timer: append-only; an erased reason keeps its place."""

    ptk_id = fields.UUIDField(primary_key=True)
    period = fields.CharField(max_length=16)
    id = fields.UUIDField()
    timer = fields.CharField(max_length=60)
    count = fields.IntField()
    act = fields.CharField(max_length=16)
    due_before = fields.DatetimeField(null=True)
    due_after = fields.DatetimeField(null=True)
    kind = fields.CharField(max_length=16)
    account = fields.TextField()
    by_ptk_id = fields.UUIDField(null=True)
    reason = fields.TextField(null=True)
    at = fields.DatetimeField()

    class Meta:
        """Key (ptk_id, period, id)."""

        table = "plan_timer_act"


class NotificationTable(Model):
    """That somebody was told of a plan by one of its timers: append-only. Names are looked up by who reads it."""

    recipient = fields.CharField(primary_key=True, max_length=64)
    at = fields.DatetimeField()
    id = fields.UUIDField()
    ptk_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    timer = fields.CharField(max_length=60)
    count = fields.IntField()
    workflow = fields.CharField(max_length=64)
    state = fields.CharField(max_length=64)
    state_since = fields.DatetimeField()
    who = fields.CharField(max_length=8)

    class Meta:
        """Key (recipient, at, id). `recipient` is `ptk:` and a `ptk_id`, or `dinas`; `who` says as whom."""

        table = "notification"
        indexes = (("ptk_id", "period"),)


class NotificationReadTable(Model):
    """That somebody has read a notification: a person, or, of what the dinas is told, an account."""

    reader = fields.CharField(primary_key=True, max_length=72)
    id = fields.UUIDField()
    at = fields.DatetimeField()

    class Meta:
        """Key (reader, id)."""

        table = "notification_read"
