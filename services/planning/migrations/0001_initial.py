from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='CatalogTable',
            fields=[
                ('sha256', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('code', fields.CharField(max_length=40)),
                ('body', fields.TextField(unique=False)),
                ('imported_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'catalog', 'app': 'models', 'indexes': [Index(fields=['code', 'imported_at'])], 'pk_attr': 'sha256', 'table_description': 'A catalogue, immutable: its key is the SHA-256 of its canonical JSON, kept to the letter.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CommandKeyTable',
            fields=[
                ('subject', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('mutation', fields.CharField(max_length=64)),
                ('key', fields.CharField(max_length=128)),
                ('input_hash', fields.CharField(max_length=64)),
                ('ptk_id', fields.UUIDField()),
                ('period', fields.CharField(max_length=16)),
                ('version', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'command_key', 'app': 'models', 'pk_attr': 'subject', 'table_description': 'An idempotency key, kept only with a committed success.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PeriodRevisionTable',
            fields=[
                ('period', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ('number', fields.IntField()),
                ('values', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('author', fields.TextField(unique=False)),
                ('approver', fields.TextField(unique=False)),
                ('reason', fields.TextField(unique=False)),
                ('effective_from', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'period_revision', 'app': 'models', 'pk_attr': 'period', 'table_description': 'Parameter values of a period, append-only: who, why, and from when.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PeriodTable',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16)),
                ('label', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('starts', fields.DateField()),
                ('ends', fields.DateField()),
                ('catalog', fields.CharField(max_length=40)),
                ('workflow', fields.CharField(max_length=64)),
            ],
            options={'table': 'period', 'app': 'models', 'pk_attr': 'code', 'table_description': 'A period; it names its catalogue and its workflow, of which the newest is used; its values are revisions.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PlanEventTable',
            fields=[
                ('ptk_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('period', fields.CharField(max_length=16)),
                ('version', fields.IntField()),
                ('id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=32)),
                ('to', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('hash', fields.CharField(max_length=64)),
                ('body', fields.TextField(unique=False)),
            ],
            options={'table': 'plan_event', 'app': 'models', 'pk_attr': 'ptk_id', 'table_description': 'What happened to a plan. `body` is the canonical JSON that was hashed; the other columns only help to find it.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PlanTable',
            fields=[
                ('ptk_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('period', fields.CharField(max_length=16)),
                ('npsn', fields.CharField(max_length=8)),
                ('school', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('workflow', fields.CharField(max_length=64)),
                ('catalog', fields.CharField(max_length=64)),
                ('state', fields.CharField(max_length=64)),
                ('version', fields.IntField()),
                ('last_hash', fields.CharField(max_length=64)),
                ('tab', fields.CharField(max_length=32)),
                ('profile', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('content', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('submitted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('revision_due', fields.DateField(null=True)),
                ('note', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'plan', 'app': 'models', 'indexes': [Index(fields=['period', 'npsn', 'state'])], 'pk_attr': 'ptk_id', 'table_description': 'A plan as it is now. `version` is the number of its events, `last_hash` the hash of the last one.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PlanTextTable',
            fields=[
                ('ptk_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('period', fields.CharField(max_length=16)),
                ('version', fields.IntField()),
                ('name', fields.CharField(max_length=32)),
                ('salt', fields.CharField(max_length=32)),
                ('value', fields.TextField(unique=False)),
            ],
            options={'table': 'plan_text', 'app': 'models', 'pk_attr': 'ptk_id', 'table_description': 'Personal free text that an event mentions by digest; erasing it leaves the chain whole.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PltConfirmationTable',
            fields=[
                ('npsn', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8)),
                ('period', fields.CharField(max_length=16)),
                ('ptk_id', fields.UUIDField()),
                ('account', fields.CharField(max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'plt_confirmation', 'app': 'models', 'pk_attr': 'npsn', 'table_description': 'The Plt of a school has confirmed for a period: one fact, which covers later submissions too (Guide 11).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WorkflowVersionTable',
            fields=[
                ('sha256', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('name', fields.CharField(max_length=64)),
                ('body', fields.TextField(unique=False)),
                ('stored_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'workflow_version', 'app': 'models', 'indexes': [Index(fields=['name', 'stored_at'])], 'pk_attr': 'sha256', 'table_description': 'A version of a workflow, immutable: its key is the SHA-256 of its canonical JSON, kept to the letter.'},
            bases=['Model'],
        ),
    ]
