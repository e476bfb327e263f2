"""Create the tables of identity by `baseline.sql`."""

from pathlib import Path

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Runs `baseline.sql`, which is a separate file so that a linter can check it."""

    initial = True

    operations = [ops.RunSQL(Path(__file__).with_name("baseline.sql").read_text("utf-8"))]
