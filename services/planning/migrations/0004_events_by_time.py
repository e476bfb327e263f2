"""Which plans came to wait lately: events are written in the order of time, so an index of ranges is tiny."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Tortoise's models know no such index."""

    dependencies = [("models", "0003_the_superiors_side")]

    operations = [
        ops.RunSQL(
            "CREATE INDEX plan_event_at ON plan_event USING brin (at) WITH (autosummarize = on)",
            "DROP INDEX plan_event_at",
        ),
    ]
