"""The whole primary keys, which Tortoise cannot say; and no event or text without its plan."""

from tortoise import migrations
from tortoise.migrations import operations as ops

KEYS = {
    "period_revision": "period, number",
    "plan": "ptk_id, period",
    "plan_event": "ptk_id, period, version",
    "plan_text": "ptk_id, period, version, name",
    "command_key": "subject, mutation, key",
    "plt_confirmation": "npsn, period",
}
REFERENCES = {
    "period_revision": "FOREIGN KEY (period) REFERENCES period (code)",
    "plan_event": "FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)",
    "plan_text": "FOREIGN KEY (ptk_id, period, version) REFERENCES plan_event (ptk_id, period, version)",
}


class Migration(migrations.Migration):
    """Runs after the tables exist."""

    dependencies = [("models", "0001_initial")]

    operations = [
        *(
            ops.RunSQL(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY ({key})", ops.RunSQL.noop)
            for table, key in KEYS.items()
        ),
        *(
            ops.RunSQL(f"ALTER TABLE {table} ADD CONSTRAINT {table}_of {clause}",
                       f"ALTER TABLE {table} DROP CONSTRAINT {table}_of")
            for table, clause in REFERENCES.items()
        ),
    ]
