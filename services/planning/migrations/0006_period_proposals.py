"""Changes of a period's values as admins propose, approve or withdraw them: each act a row that stays."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

WHOLE_KEYS = {"period_proposal": "period, number", "period_proposal_end": "period, number"}


class Migration(migrations.Migration):
    """Tortoise knows keys of one column only; the whole keys are set here."""

    dependencies = [("models", "0005_workflow_acts")]

    operations = [
        ops.CreateModel(
            name='PeriodProposalTable',
            fields=[
                ('period', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ('number', fields.IntField()),
                ('before', fields.JSONField()),
                ('values', fields.JSONField()),
                ('wanted', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('kind', fields.CharField(max_length=16)),
                ('account', fields.TextField(unique=False)),
                ('ptk_id', fields.UUIDField(null=True)),
                ('reason', fields.TextField(unique=False)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'period_proposal', 'app': 'models', 'pk_attr': 'period', 'table_description': "A change of a period's values that an admin proposed: append-only, numbered by period."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PeriodProposalEndTable',
            fields=[
                ('period', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ('number', fields.IntField()),
                ('how', fields.CharField(max_length=16)),
                ('revisions', fields.JSONField()),
                ('kind', fields.CharField(max_length=16)),
                ('account', fields.TextField(unique=False)),
                ('ptk_id', fields.UUIDField(null=True)),
                ('reason', fields.TextField(unique=False)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'period_proposal_end', 'app': 'models', 'pk_attr': 'period', 'table_description': 'How a proposal ended, once: approved by a second person, or withdrawn.'},
            bases=['Model'],
        ),
        *(
            ops.RunSQL(
                f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY ({key})",
                ops.RunSQL.noop,
            )
            for table, key in WHOLE_KEYS.items()
        ),
        ops.RunSQL(
            "ALTER TABLE period_proposal_end ADD CONSTRAINT period_proposal_end_of "
            "FOREIGN KEY (period, number) REFERENCES period_proposal (period, number)",
            "ALTER TABLE period_proposal_end DROP CONSTRAINT period_proposal_end_of",
        ),
    ]
