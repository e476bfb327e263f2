"""Clients with secrets of their own, the audit, and people found by NIP and NUPTK."""

import functools
from json import dumps, loads
from typing import Any
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


def json() -> fields.JSONField[Any]:
    return fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)


def instant(**options: Any) -> fields.DatetimeField[Any]:
    return fields.DatetimeField(auto_now=False, auto_now_add=False, **options)


def table(name: str, key: str, description: str) -> dict[str, str]:
    return {"table": name, "app": "models", "pk_attr": key, "table_description": description}


class Migration(migrations.Migration):
    """The scope `partner` of accounts opened nothing, and nothing asks for it any more: it ends."""

    dependencies = [("models", "0002_turn_of_day")]

    operations = [
        ops.CreateModel(
            name="Audit",
            fields=[
                ("seq", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", instant()),
                ("what", fields.CharField(max_length=32)),
                ("outcome", fields.CharField(max_length=64)),
                ("account", fields.UUIDField(null=True, db_index=True)),
                ("client", fields.UUIDField(null=True, db_index=True)),
                ("by", fields.TextField(null=True, unique=False)),
                ("scope", fields.TextField(null=True, unique=False)),
                ("request", fields.CharField(null=True, max_length=64)),
            ],
            options=table("audit", "seq", "Who got in, with what, by whom, or why not: only ever added to."),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Client",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("name", fields.TextField(unique=False)),
                ("contact", fields.TextField(unique=False)),
                ("scopes", json()),
                ("within", json()),
                ("registered_at", instant()),
                ("registered_by", fields.TextField(unique=False)),
                ("revoked_at", instant(null=True)),
            ],
            options=table("clients", "id", "A machine with credentials of its own; revoked, never deleted."),
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ClientSecret",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("client_id", fields.UUIDField(db_index=True)),
                ("hash", fields.CharField(unique=True, max_length=64)),
                ("created_at", instant()),
                ("ends_at", instant(null=True)),
            ],
            options=table(
                "client_secrets", "id",
                "The hash of a client's secret; after a rotation two live side by side until the older one ends.",
            ),
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="Grant",
            options=table(
                "grants", "id", "A platform scope (`admin`, …) given to an account; revoked, never deleted."
            ),
        ),
        ops.RunSQL(
            "UPDATE grants SET revoked_at = now() WHERE scope = 'partner' AND revoked_at IS NULL",
            ops.RunSQL.noop,
        ),
        ops.AlterField(
            model_name="Teacher",
            name="nip",
            field=fields.CharField(null=True, db_index=True, max_length=18),
        ),
        ops.AlterField(
            model_name="Teacher",
            name="nuptk",
            field=fields.CharField(null=True, db_index=True, max_length=16),
        ),
    ]
