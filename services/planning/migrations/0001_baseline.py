"""All tables of planning: `baseline.sql`, run unchanged."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """The SQL is in a separate file, so that a linter and a reader find it."""

    initial = True

    operations = [ops.RunSQL(Path(__file__).with_name("baseline.sql").read_text("utf-8"))]
