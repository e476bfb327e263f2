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
            name='Account',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('email', fields.CharField(unique=True, max_length=254)),
                ('ptk_id', fields.UUIDField(null=True, db_index=True)),
                ('npsn', fields.CharField(null=True, max_length=8)),
                ('opened', fields.DateField(null=True)),
                ('closed', fields.DateField(null=True)),
                ('source', fields.TextField(unique=False)),
                ('as_of', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'accounts', 'app': 'models', 'pk_attr': 'id', 'table_description': "A belajar.id address, in lower case. Closed ones stay: the history of a person's addresses."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Assignment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('ptk_id', fields.UUIDField()),
                ('npsn', fields.CharField(db_index=True, max_length=8)),
                ('induk', fields.BooleanField()),
                ('since', fields.DateField(null=True)),
                ('tahun_ajaran_id', fields.CharField(null=True, max_length=8)),
                ('jenis_ptk_id', fields.CharField(null=True, max_length=8)),
                ('jabatan_ptk_id', fields.CharField(null=True, max_length=8)),
                ('source', fields.TextField(unique=False)),
                ('as_of', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('left_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'assignments', 'app': 'models', 'unique_together': (('ptk_id', 'npsn'),), 'pk_attr': 'id', 'table_description': 'A person at a school (Dapodik `ptk_terdaftar`); kept with `left_at` when they leave.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Change',
            fields=[
                ('seq', fields.BigIntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=8)),
                ('key', fields.CharField(max_length=36)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'changes', 'app': 'models', 'indexes': [Index(fields=['kind', 'key', 'seq'])], 'pk_attr': 'seq', 'table_description': 'That a teacher or a school changed. The revision of either is the `seq` of its last change.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Grant',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('account_id', fields.UUIDField(db_index=True)),
                ('scope', fields.CharField(max_length=64)),
                ('granted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('granted_by', fields.TextField(unique=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'grants', 'app': 'models', 'pk_attr': 'id', 'table_description': 'A platform scope (`admin`, `partner`, …) given to an account; revoked, never deleted.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ProvinceZone',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('provinsi', fields.TextField(unique=False)),
                ('zone', fields.CharField(max_length=32)),
                ('source', fields.TextField(unique=False)),
                ('as_of', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'province_zones', 'app': 'models', 'pk_attr': 'key', 'table_description': 'The time zone of a province; `key` is its name in one spelling (domain/zones.py).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PushCredential',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('npsn', fields.CharField(db_index=True, max_length=8)),
                ('token_hash', fields.CharField(unique=True, max_length=64)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'push_credentials', 'app': 'models', 'pk_attr': 'id', 'table_description': 'What a school shows when it pushes its data: the hash of a bearer token, bound to one NPSN.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='School',
            fields=[
                ('npsn', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8)),
                ('nama', fields.TextField(unique=False)),
                ('bentuk_pendidikan_id', fields.IntField(null=True)),
                ('bentuk_pendidikan', fields.TextField(null=True, unique=False)),
                ('status_sekolah', fields.TextField(null=True, unique=False)),
                ('kabupaten_kota', fields.TextField(null=True, unique=False)),
                ('provinsi', fields.TextField(null=True, unique=False)),
                ('provenance', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('read_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'schools', 'app': 'models', 'pk_attr': 'npsn', 'table_description': 'A satuan pendidikan.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SigningKey',
            fields=[
                ('kid', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('private_pem', fields.TextField(unique=False)),
                ('public_jwk', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('active_from', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('retired_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'signing_keys', 'app': 'models', 'pk_attr': 'kid', 'table_description': 'A key that signs tokens from `active_from` until a younger one does, shown until `retired_at`.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Teacher',
            fields=[
                ('ptk_id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('nama', fields.TextField(unique=False)),
                ('nip', fields.CharField(null=True, max_length=18)),
                ('nuptk', fields.CharField(null=True, max_length=16)),
                ('tanggal_lahir', fields.DateField(null=True)),
                ('status_kepegawaian_id', fields.IntField(null=True)),
                ('status_kepegawaian', fields.TextField(null=True, unique=False)),
                ('jenis_ptk_id', fields.CharField(null=True, max_length=8)),
                ('jenis_ptk', fields.TextField(null=True, unique=False)),
                ('pangkat_golongan', fields.CharField(null=True, max_length=8)),
                ('flags', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('provenance', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'teachers', 'app': 'models', 'pk_attr': 'ptk_id', 'table_description': 'A PTK: one person, whatever number of schools.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TugasTambahan',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('ptk_id', fields.UUIDField()),
                ('npsn', fields.CharField(db_index=True, max_length=8)),
                ('jabatan_ptk_id', fields.CharField(max_length=8)),
                ('nomor_sk', fields.TextField(null=True, unique=False)),
                ('tmt', fields.DateField()),
                ('tst', fields.DateField(null=True)),
                ('source', fields.TextField(unique=False)),
                ('as_of', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'tugas_tambahan', 'app': 'models', 'unique_together': (('ptk_id', 'npsn', 'jabatan_ptk_id', 'tmt'),), 'pk_attr': 'id', 'table_description': 'An additional duty under a decree, from our own file: getGtk does not carry them.'},
            bases=['Model'],
        ),
    ]
