"""Moving living plans to another version, and trying a version on what happened: orders, acts, outcomes, progress."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

Column = tuple[str, fields.Field[Any]]

WHOLE_KEYS = {
    "migration_act": "migration, number",
    "migration_outcome": "migration, back, ptk_id, period",
    "run": "work, number",
    "trial_finding": "trial, verdict, ptk_id, period",
}
WHO: list[Column] = [
    ("kind", fields.CharField(max_length=16)),
    ("account", fields.TextField(unique=False)),
    ("ptk_id", fields.UUIDField(null=True)),
]
REASON = ("reason", fields.TextField(unique=False))
AT = ("at", fields.DatetimeField(auto_now=False, auto_now_add=False))


def number(name: str = "number") -> Column:
    """The first column of a key that counts up by itself in no table."""
    return (name, fields.IntField(generated=False, primary_key=True, unique=True, db_index=True))


class Migration(migrations.Migration):
    """Tortoise knows keys of one column only; the whole keys are set here."""

    dependencies = [("models", "0009_numbers")]

    operations = [
        ops.CreateModel(
            name="MigrationTable",
            fields=[
                number(),
                ("old", fields.CharField(max_length=64)),
                ("new", fields.CharField(max_length=64)),
                ("states", fields.JSONField()),
                ("period", fields.CharField(null=True, max_length=16)),
                ("npsn", fields.CharField(null=True, max_length=8)),
                *WHO,
                REASON,
                AT,
            ],
            options={"table": "migration", "app": "models", "pk_attr": "number", "table_description": "An order to move living plans to another version of the workflow: who, when, why, which; never edited."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MigrationActTable",
            fields=[
                number("migration"),
                ("number", fields.IntField()),
                ("act", fields.CharField(max_length=16)),
                *WHO,
                REASON,
                AT,
            ],
            options={"table": "migration_act", "app": "models", "pk_attr": "migration", "table_description": "What was done with a migration after it was ordered: stopped, resumed, undone. Only ever added."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MigrationOutcomeTable",
            fields=[
                number("migration"),
                ("back", fields.BooleanField()),
                ("ptk_id", fields.UUIDField()),
                ("period", fields.CharField(max_length=16)),
                ("state", fields.CharField(max_length=64)),
                ("version", fields.IntField(null=True)),
                ("code", fields.CharField(null=True, max_length=64)),
                ("params", fields.JSONField(null=True)),
                AT,
            ],
            options={"table": "migration_outcome", "app": "models", "pk_attr": "migration", "table_description": "What became of a plan: moved (`version` is that of its event), or not, and why. `back`: when it was undone."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RunTable",
            fields=[
                ("work", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ("number", fields.IntField()),
                ("plans", fields.IntField()),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ptk_id", fields.UUIDField()),
                ("period", fields.CharField(max_length=16)),
                ("counts", fields.JSONField()),
                ("found", fields.BooleanField(default=False)),
                ("seconds", fields.FloatField(default=0.0)),
                ("stopped", fields.BooleanField(default=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "run", "app": "models", "pk_attr": "work", "table_description": "How far long work over many plans is: it is held while a batch is done, and moves on with the batch's commit."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TrialTable",
            fields=[
                number(),
                ("sha256", fields.CharField(max_length=64)),
                ("period", fields.CharField(max_length=16)),
                ("states", fields.JSONField()),
                *WHO,
                AT,
            ],
            options={"table": "trial", "app": "models", "pk_attr": "number", "table_description": "A version tried on what really happened in a period: who asked, and when."},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TrialFindingTable",
            fields=[
                number("trial"),
                ("verdict", fields.CharField(max_length=16)),
                ("ptk_id", fields.UUIDField()),
                ("period", fields.CharField(max_length=16)),
                ("version", fields.IntField()),
                ("detail", fields.JSONField()),
            ],
            options={"table": "trial_finding", "app": "models", "pk_attr": "trial", "table_description": "A plan that would have gone otherwise, or of which that cannot be told: the first ones of a trial."},
            bases=["Model"],
        ),
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY ({key})",
                ops.RunSQL.noop,
            )
            for table, key in WHOLE_KEYS.items()
        ),
        ops.RunSQL(
            "ALTER TABLE migration ADD CONSTRAINT migration_old FOREIGN KEY (old) REFERENCES workflow_version (sha256), "
            "ADD CONSTRAINT migration_new FOREIGN KEY (new) REFERENCES workflow_version (sha256)",
            "ALTER TABLE migration DROP CONSTRAINT migration_old, DROP CONSTRAINT migration_new",
        ),
        ops.AddIndex(model_name="PlanTable", index=Index(fields=["workflow", "ptk_id", "period"])),
    ]
