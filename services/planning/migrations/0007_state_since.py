"""When a plan came to its state: for how long it waits, and when its timers fall due."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# The last event that moved the plan, or its first one.
BACKFILL = """
UPDATE plan p SET state_since = (
  SELECT max(e.at) FROM plan_event e WHERE (e.ptk_id, e.period) = (p.ptk_id, p.period)
    AND e.body::jsonb ->> 'from' IS DISTINCT FROM e."to")
"""


class Migration(migrations.Migration):
    """Plans that exist are given theirs from their events."""

    dependencies = [("models", "0006_period_proposals")]

    operations = [
        ops.AddField(
            model_name="PlanTable",
            name="state_since",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(BACKFILL, ops.RunSQL.noop),
    ]
