"""Comments, reopened plans, teachers who moved, what identity last answered, and texts that can be erased."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0002_whole_keys')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FollowedTable',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('position', fields.BigIntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'followed', 'app': 'models', 'pk_attr': 'name', 'table_description': "How far the worker has followed something: identity's changes, a period's revisions."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='MovedTeacherTable',
            fields=[
                ('ptk_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('period', fields.CharField(max_length=16)),
                ('npsn', fields.CharField(max_length=8)),
                ('noticed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'moved_teacher', 'app': 'models', 'indexes': [Index(fields=['npsn', 'period'])], 'pk_attr': 'ptk_id', 'table_description': 'A teacher whose sekolah induk is another now than the school of the plan; gone when the two agree again.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PlanCommentTable',
            fields=[
                ('ptk_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('period', fields.CharField(max_length=16)),
                ('number', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('author', fields.UUIDField()),
                ('account', fields.CharField(max_length=64)),
                ('head', fields.CharField(null=True, max_length=16)),
                ('nama', fields.TextField(null=True, unique=False)),
                ('text', fields.TextField(null=True, unique=False)),
                ('erased_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'plan_comment', 'app': 'models', 'pk_attr': 'ptk_id', 'table_description': 'The discussion of a plan: no event, for it changes nothing; an erased comment keeps its place.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RegistryAnswerTable',
            fields=[
                ('path', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=128)),
                ('etag', fields.CharField(null=True, max_length=128)),
                ('body', fields.TextField(unique=False)),
                ('as_of', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'registry_answer', 'app': 'models', 'pk_attr': 'path', 'table_description': 'What identity last answered to a question, kept for the time when it is away.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='PlanTable',
            name='reopened_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name='PlanTextTable',
            name='salt',
            field=fields.CharField(null=True, max_length=32),
        ),
        ops.AlterField(
            model_name='PlanTextTable',
            name='value',
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name='PlanTextTable',
            name='erased_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        *(
            ops.RunSQL(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD PRIMARY KEY ({key}), "
                       f"ADD CONSTRAINT {table}_of FOREIGN KEY (ptk_id, period) REFERENCES plan (ptk_id, period)",
                       f"ALTER TABLE {table} DROP CONSTRAINT {table}_of")
            for table, key in (("plan_comment", "ptk_id, period, number"), ("moved_teacher", "ptk_id, period"))
        ),
    ]
