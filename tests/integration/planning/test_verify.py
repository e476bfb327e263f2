"""`rencana verify` finds manipulations of a real database."""

from __future__ import annotations

import asyncpg
import pytest

from services.planning.plan import store as plan_store
from tests.identity_samples import ptk
from tests.integration.planning.environment import Environment
from tests.integration.planning.plans import NOTE, decide_as_head, submit_plan
from tests.integration.planning.verification import find_faults, run_command
from tests.small_registry import HEAD_OF_SD, OF_TK, PNS

# The plan has eight events: started, confirmed, four tabs, submitted (7), returned (8).
FORGERIES = "UPDATE plan_event SET body = replace(body, '\"exceptional\":false', '\"exceptional\":true')"
MADE_ANEW = "UPDATE plan_event SET hash = encode(sha256(convert_to(body, 'UTF8')), 'hex')"
SWAP = """
CREATE TEMP TABLE held AS SELECT * FROM plan_event WHERE version IN (3, 4);
UPDATE plan_event e SET (id, kind, to_state, at, hash, body) =
  (SELECT id, kind, to_state, at, hash, body FROM held h WHERE h.version = 7 - e.version) WHERE version IN (3, 4);
"""
INSERTION = """
INSERT INTO plan_event SELECT ptk_id, period, 9, gen_random_uuid(), kind, to_state, at, hash, body
FROM plan_event WHERE version = 8
"""
SQUEEZED_IN = """
UPDATE plan_event SET version = version + 100 WHERE version > 4;
UPDATE plan_event SET version = version - 99 WHERE version > 100;
INSERT INTO plan_event SELECT ptk_id, period, 5, gen_random_uuid(), kind, to_state, at, hash, body
FROM plan_event WHERE version = 4;
UPDATE plan SET version = 9;
"""
MANIPULATIONS = {
    "a body": (f"{FORGERIES} WHERE version = 4", {("body_changed", 4)}),
    "a body and its hash": (f"{FORGERIES} WHERE version = 4; {MADE_ANEW} WHERE version = 4", {("link_broken", 5)}),
    "the last body and its hash": (
        f"{FORGERIES} WHERE version = 8; {MADE_ANEW} WHERE version = 8", {("last_hash_differs", 8)}
    ),
    "the last body, its hash and the plan's": (
        f"""{FORGERIES.replace('"exceptional":', '"to":')} WHERE version = 8; UPDATE plan_event SET
        body = replace(body, '"to":"draft"', '"to":"approved"'), to_state = 'approved' WHERE version = 8;
        {MADE_ANEW} WHERE version = 8; UPDATE plan SET last_hash = (SELECT hash FROM plan_event WHERE version = 8)""",
        {("row_differs", 8)},
    ),
    "two events swapped": (SWAP, {("columns_differ", 3), ("columns_differ", 4), ("link_broken", 3)}),
    "the last event lost": (
        "DELETE FROM plan_event WHERE version = 8; DELETE FROM plan_text WHERE version = 8", {("tail_lost", 8)}
    ),
    "the last event lost, and the plan put back to it": (
        "DELETE FROM plan_event WHERE version = 8; DELETE FROM plan_text WHERE version = 8;"
        "UPDATE plan SET version = 7",
        {("last_hash_differs", 7)},
    ),
    "an event lost": ("DELETE FROM plan_event WHERE version = 5", {("gap", 6)}),
    "the first event lost": (
        "DELETE FROM plan_event WHERE version = 1; DELETE FROM plan_text WHERE version = 1", {("gap", 2)}
    ),
    "an event added": (INSERTION, {("events_added", 9), ("link_broken", 9)}),
    "an event squeezed in": (SQUEEZED_IN, {("columns_differ", 5), ("link_broken", 5)}),
    "a column: kind": ("UPDATE plan_event SET kind = 'started' WHERE version = 6", {("columns_differ", 6)}),
    "a column: to_state": ("UPDATE plan_event SET to_state = 'x' WHERE version = 6", {("columns_differ", 6)}),
    "a column: id": ("UPDATE plan_event SET id = gen_random_uuid() WHERE version = 6", {("columns_differ", 6)}),
    "a column: at": ("UPDATE plan_event SET at = at + '1 s' WHERE version = 6", {("columns_differ", 6)}),
    "the plan: state": ("UPDATE plan SET state = 'approved'", {("row_differs", 8)}),
    "the plan: school": ("UPDATE plan SET npsn = '99000003'", {("row_differs", 8)}),
    "the plan: workflow": ("UPDATE plan SET workflow = 'x'", {("row_differs", 8)}),
    "the plan: version": ("UPDATE plan SET version = 9", {("tail_lost", 9)}),
    "the plan: choices": (
        "UPDATE plan SET content = jsonb_set(content, '{perilaku_kerja}', '{}')", {("snapshot_differs", 7)}
    ),
    "the plan: name": (
        "UPDATE plan SET profile = jsonb_set(profile, '{nama,value}', '\"Budi\"')", {("snapshot_differs", 7)}
    ),
    "the plan: name of the school": (
        "UPDATE plan SET school = jsonb_set(school, '{nama}', '\"SD\"')", {("snapshot_differs", 7)}
    ),
    "the plan: data diri that nobody can read": ("UPDATE plan SET profile = '[]'", {("snapshot_differs", 7)}),
    "the plan: end of the chain": ("UPDATE plan SET last_hash = 'x'", {("last_hash_differs", 8)}),
    "a text": ("UPDATE plan_text SET value = 'Sudah baik.' WHERE name = 'reason'", {("text_changed", 8)}),
    "a salt": ("UPDATE plan_text SET salt = 'x' WHERE name = 'nama'", {("text_changed", 8)}),
    "a text lost": ("DELETE FROM plan_text WHERE name = 'content'", {("text_lost", 7)}),
    "a text hidden": (
        "UPDATE plan_text SET value = NULL, salt = NULL, erased_at = now() WHERE name = 'reason'",
        {("text_erased_without_event", 8)},
    ),
    "a text added": (
        "INSERT INTO plan_text SELECT ptk_id, period, 3, name, salt, value FROM plan_text WHERE name = 'reason'",
        {("text_unknown", 3)},
    ),
}  # fmt: skip


async def tamper(environment: Environment, script: str) -> None:
    """Change the database with the rights of its owner."""
    connection = await asyncpg.connect(environment.database.dsn)
    try:
        await connection.execute(f"SET session_replication_role = replica; {script}")
    finally:
        await connection.close()


async def returned(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)


async def test_each_manipulation_is_found_at_its_version(environment: Environment) -> None:
    await returned(environment)
    assert await find_faults(environment) == []
    for manipulation, (script, expected) in MANIPULATIONS.items():
        before = await environment.dump_tables()
        tables = ("plan", "plan_event", "plan_text", "plan_timer")
        rows = {table: await environment.sql(f"SELECT * FROM {table}") for table in tables}
        await tamper(environment, script)
        assert await environment.dump_tables() != before, f"{manipulation}: nothing was done"
        faults = set(await find_faults(environment))
        assert expected <= faults, (manipulation, faults)
        assert min(version for _, version in faults) == min(version for _, version in expected), (
            manipulation,
            faults,
        )
        await restore(environment, rows)
        assert await environment.dump_tables() == before


async def restore(environment: Environment, rows: dict[str, list[dict[str, object]]]) -> None:
    connection = await asyncpg.connect(environment.database.dsn)
    try:
        await connection.execute("TRUNCATE plan CASCADE")
        for table, old in rows.items():
            await connection.copy_records_to_table(
                table, records=[tuple(row.values()) for row in old], columns=list(old[0])
            )
    finally:
        await connection.close()


async def test_verify_command_prints_findings_and_exits_with_an_error(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await returned(environment)
    await submit_plan(environment, OF_TK, indikator={"indikator": "PAUD-PPE"})
    whole = await run_command(environment, monkeypatch, "verify")
    assert (whole.exit_code, whole.stdout) == (0, "2 plans, 16 events checked: 2 intact, 0 with findings\n")
    assert "plans" in whole.stderr, "progress is shown beside the report"
    await tamper(environment, f"{FORGERIES} WHERE version = 4 AND ptk_id = '{ptk(PNS)}'")
    wrong = await run_command(environment, monkeypatch, "verify", "--language", "en")
    lines = wrong.stdout.splitlines()
    assert wrong.exit_code == 2
    assert lines[0].startswith(
        f"{ptk(PNS)} 2024-1 version 4 [verify.body_changed] The body of the event does not"
    )
    assert lines[1:] == ["2 plans, 16 events checked: 1 intact, 1 with findings"]
    for chosen, code, plans in (
        (("--ptk-id", str(ptk(OF_TK))), 0, 1), (("--ptk-id", str(ptk(PNS))), 2, 1),
        (("--period", "2024-1"), 2, 2), (("--period", "2024-2"), 0, 0),
    ):  # fmt: skip
        result = await run_command(environment, monkeypatch, "verify", *chosen)
        assert (result.exit_code, f"{plans} plans" in result.stdout) == (code, True)


async def test_every_plan_is_checked_with_any_batch_size(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await returned(environment)
    for size in (1, 2, 5):
        monkeypatch.setattr(plan_store, "BATCH_SIZE", size)
        for _ in range(2):
            await copy_plan(environment)
        copies = int((await environment.sql("SELECT count(*) FROM plan"))[0]["count"])
        read = [
            plan.ptk_id
            async for plan in plan_store.stream_stored_plans(None, None, environment.database.connection)
        ]
        assert len(read) == len(set(read)) == copies
        assert await verify_count(environment) == copies


async def verify_count(environment: Environment) -> int:
    return await plan_store.count_plans(None, None, environment.database.connection)


async def copy_plan(environment: Environment) -> None:
    await environment.sql(
        "INSERT INTO plan SELECT gen_random_uuid(), period, npsn, school, workflow, catalog, state, version, "
        "last_hash, tab, profile, content, updated_at, submitted_at, revision_due, note, reopened_at FROM plan LIMIT 1"
    )
