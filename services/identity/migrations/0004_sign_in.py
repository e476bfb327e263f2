from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0003_clients_and_audit')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AppCode',
            fields=[
                ('code_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('account_id', fields.UUIDField()),
                ('app', fields.CharField(max_length=64)),
                ('redirect_uri', fields.TextField(unique=False)),
                ('code_challenge', fields.CharField(max_length=64)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('session_id', fields.UUIDField(null=True)),
            ],
            options={'table': 'app_codes', 'app': 'models', 'pk_attr': 'code_hash', 'table_description': 'What an app gets after a sign-in and changes for tokens, once; `session_id` is what it was changed for.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RefreshToken',
            fields=[
                ('token_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('session_id', fields.UUIDField(db_index=True)),
                ('generation', fields.IntField()),
            ],
            options={'table': 'refresh_tokens', 'app': 'models', 'pk_attr': 'token_hash', 'table_description': 'A refresh token of a session in an app: kept when its time has passed, so that a copy is recognised.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Session',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account_id', fields.UUIDField(db_index=True)),
                ('app', fields.CharField(null=True, max_length=64)),
                ('cookie_hash', fields.CharField(null=True, unique=True, max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('generation', fields.IntField(default=0)),
                ('shown', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'sessions', 'app': 'models', 'pk_attr': 'id', 'table_description': 'An account that signed in, in a browser (known by the hash of its cookie) or in an app (by refresh tokens).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SignInAttempt',
            fields=[
                ('state_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('browser_hash', fields.CharField(max_length=64)),
                ('nonce', fields.CharField(max_length=64)),
                ('code_verifier', fields.CharField(max_length=128)),
                ('return_to', fields.TextField(null=True, unique=False)),
                ('app', fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sign_in_attempts', 'app': 'models', 'pk_attr': 'state_hash', 'table_description': 'Somebody is at the provider: kept for one browser and one use, for minutes.'},
            bases=['Model'],
        ),
    ]

