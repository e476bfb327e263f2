"""What goes by the clock: timers of plans, what admins did with them, notifications and who has read them."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

WHOLE_KEYS = {
    "plan_timer": "ptk_id, period, timer",
    "plan_timer_act": "ptk_id, period, id",
    "notification": "recipient, at, id",
    "notification_read": "reader, id",
}
OF_A_PLAN = ("plan_timer", "plan_timer_act")
# What falls due, in order: by timer, so that a million of one keep no other waiting. And what failed, for admins. Timers
# that fire no more are in neither.
DUE = "CREATE INDEX plan_timer_due ON plan_timer (period, timer, due, ptk_id) WHERE due IS NOT NULL AND incident IS NULL"
FAILED = "CREATE INDEX plan_timer_failed ON plan_timer (tried_at, ptk_id, period, timer) WHERE incident IS NOT NULL"


class Migration(migrations.Migration):
    """Tortoise knows keys of one column only; the whole keys are set here. Plans that live have no timers yet."""

    dependencies = [("models", "0007_state_since")]

    operations = [
        ops.CreateModel(
            name="PlanTimerTable",
            fields=[
                ("ptk_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("period", fields.CharField(max_length=16)),
                ("timer", fields.CharField(max_length=60)),
                ("first_due", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("count", fields.IntField()),
                ("fixed", fields.BooleanField(default=False)),
                ("incident", fields.JSONField(null=True)),
                ("tries", fields.IntField(default=0)),
                ("tried_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "plan_timer",
                "app": "models",
                "pk_attr": "ptk_id",
                "table_description": "A timer of a plan in its state, replaced when the plan enters another one. `due` null: it fires no more.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PlanTimerActTable",
            fields=[
                ("ptk_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("period", fields.CharField(max_length=16)),
                ("id", fields.UUIDField()),
                ("timer", fields.CharField(max_length=60)),
                ("count", fields.IntField()),
                ("act", fields.CharField(max_length=16)),
                ("due_before", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("due_after", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=16)),
                ("account", fields.TextField(unique=False)),
                ("by_ptk_id", fields.UUIDField(null=True)),
                ("reason", fields.TextField(null=True, unique=False)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "plan_timer_act",
                "app": "models",
                "pk_attr": "ptk_id",
                "table_description": "What an admin did with a timer: append-only; an erased reason keeps its place.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NotificationTable",
            fields=[
                ("recipient", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("id", fields.UUIDField()),
                ("ptk_id", fields.UUIDField()),
                ("period", fields.CharField(max_length=16)),
                ("timer", fields.CharField(max_length=60)),
                ("count", fields.IntField()),
                ("workflow", fields.CharField(max_length=64)),
                ("state", fields.CharField(max_length=64)),
                ("state_since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("who", fields.CharField(max_length=8)),
            ],
            options={
                "table": "notification",
                "app": "models",
                "indexes": [Index(fields=["ptk_id", "period"])],
                "pk_attr": "recipient",
                "table_description": "That somebody was told of a plan by one of its timers: append-only. Names are looked up by who reads it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NotificationReadTable",
            fields=[
                ("reader", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=72)),
                ("id", fields.UUIDField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notification_read",
                "app": "models",
                "pk_attr": "reader",
                "table_description": "That somebody has read a notification: a person, or, of what the dinas is told, an account.",
            },
            bases=["Model"],
        ),
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY ({key})",
                ops.RunSQL.noop,
            )
            for table, key in WHOLE_KEYS.items()
        ),
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {table}_of "
                "FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)",
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_of",
            )
            for table in OF_A_PLAN
        ),
        ops.RunSQL(DUE, "DROP INDEX plan_timer_due"),
        ops.RunSQL(FAILED, "DROP INDEX plan_timer_failed"),
    ]
