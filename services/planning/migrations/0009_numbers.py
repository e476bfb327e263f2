"""What numbers are made of: region of a plan, stays that ended, who leads a school, covering indexes."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

REGIONS = """
UPDATE plan SET provinsi = school ->> 'provinsi', kabupaten_kota = school ->> 'kabupaten_kota'
WHERE school ->> 'provinsi' IS NOT NULL OR school ->> 'kabupaten_kota' IS NOT NULL
"""
# A stay began with the event before that moved the plan, or with its first one.
STAYS = """
UPDATE plan_event e SET ended = m.before, lasted = floor(extract(epoch FROM m.at - m.since))::int
FROM (
  SELECT ptk_id, period, version, at, body::jsonb ->> 'from' AS before,
    lag(at) OVER (PARTITION BY ptk_id, period ORDER BY version) AS since
  FROM plan_event WHERE body::jsonb ->> 'from' IS DISTINCT FROM "to") m
WHERE (e.ptk_id, e.period, e.version) = (m.ptk_id, m.period, m.version) AND m.before IS NOT NULL
"""
COVERING = {
    "plan_numbers": "plan (period, provinsi, kabupaten_kota, npsn, workflow, state) INCLUDE (state_since, ptk_id)",
    "plan_event_stays": "plan_event (period, ended, lasted, ptk_id) WHERE ended IS NOT NULL",
}


class Migration(migrations.Migration):
    """Tortoise's models know no index with conditions or columns beside its key."""

    dependencies = [("models", "0008_timers")]

    operations = [
        *(
            ops.AddField(model_name="PlanTable", name=name, field=fields.TextField(null=True, unique=False))
            for name in ("provinsi", "kabupaten_kota")
        ),
        ops.AddField(
            model_name="PlanEventTable", name="ended", field=fields.CharField(null=True, max_length=64)
        ),
        ops.AddField(model_name="PlanEventTable", name="lasted", field=fields.IntField(null=True)),
        ops.RunSQL(REGIONS, ops.RunSQL.noop),
        ops.RunSQL(STAYS, ops.RunSQL.noop),
        ops.CreateModel(
            name="SchoolHeadTable",
            fields=[
                ("npsn", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8)),
                ("kind", fields.CharField(max_length=16)),
                ("ptk_id", fields.UUIDField(null=True)),
                ("as_of", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "school_head",
                "app": "models",
                "pk_attr": "npsn",
                "table_description": "Who leads a school that plans stand at, as identity last said: for numbers only.",
            },
            bases=["Model"],
        ),
        *(
            ops.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
            for name, columns in COVERING.items()
        ),
        ops.AddIndex(model_name="PlanTable", index=Index(fields=["workflow", "period", "state", "ptk_id"])),
        ops.RemoveIndex(model_name="PlanTable", fields=["workflow", "period", "state"]),
    ]
