"""What admins do with versions of a workflow; and how many plans live on each, counted by index alone."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

# What releases stored before anybody could do anything with it was in use as it came, the newest by name.
PUBLISHED_AS_STORED = """
INSERT INTO workflow_act (name, number, sha256, act, kind, account, reason, at)
SELECT name, row_number() OVER (PARTITION BY name ORDER BY stored_at, sha256), sha256, 'published', 'release',
  'rencana', 'Shipped with a release.', stored_at
FROM workflow_version
"""


class Migration(migrations.Migration):
    """Tortoise knows keys of one column only; the whole key is set here."""

    dependencies = [("models", "0004_events_by_time")]

    operations = [
        ops.CreateModel(
            name="WorkflowActTable",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("number", fields.IntField()),
                ("sha256", fields.CharField(max_length=64)),
                ("act", fields.CharField(max_length=16)),
                ("kind", fields.CharField(max_length=16)),
                ("account", fields.TextField(unique=False)),
                ("ptk_id", fields.UUIDField(null=True)),
                ("reason", fields.TextField(unique=False)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("parent", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "workflow_act",
                "app": "models",
                "pk_attr": "name",
                "table_description": "What somebody did with a version of a workflow: append-only, numbered by name; its status follows from it.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(
            "ALTER TABLE workflow_act DROP CONSTRAINT workflow_act_pkey, ADD PRIMARY KEY (name, number), "
            "ADD CONSTRAINT workflow_act_of FOREIGN KEY (sha256) REFERENCES workflow_version (sha256)",
            "ALTER TABLE workflow_act DROP CONSTRAINT workflow_act_of",
        ),
        ops.RunSQL(PUBLISHED_AS_STORED, ops.RunSQL.noop),
        ops.AddIndex(model_name="PlanTable", index=Index(fields=["workflow", "period", "state"])),
    ]
