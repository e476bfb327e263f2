"""What each database role may do: asked of the migrated databases, and tried."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from devtools.postgres import PrivatePostgres
from devtools.service_process import LOGIN_SUFFIX, SUPERUSER
from services.kit.database import Database
from services.kit.grants import list_roles, load_grants
from services.kit.settings import SettingsError
from services.kit.sql import Statement
from tests.conftest import Fresh
from tests.contract.test_sql_statements import ROOT, STATEMENTS

# s: SELECT, i: INSERT, u: UPDATE, d: DELETE, in brackets the only columns; other letters are never granted
MATRIX = {
    "identity": """
table                operate                                            read  serve
account              siu                                                s     siu
app_code             sd                                                 -     sid u(session_id)
assignment           siu                                                s     siu
audit                si                                                 s     i s(seq)
client               si u(revoked_at)                                   s     si u(revoked_at)
client_request       si u(state,decided_by,decided_at,decision_reason)  s     si u(state,decided_by,decided_at,decision_reason)
client_secret        si u(ends_at)                                      -     si u(ends_at)
provider_identity    sd                                                 -     siu
province_zone        siu                                                s     s
push_credential      si u(revoked_at)                                   -     s
refresh_token        -                                                  -     sid
registry_change      si                                                 s     si
school               siu                                                s     siu
scope_grant          si u(revoked_at)                                   s     s
session              s u(ended_at)                                      -     sid u(used_at,ended_at,generation,last_token_hash)
sign_in_attempt      -                                                  -     sid
signing_key          si u(private_pem,retired_at)                       -     si u(private_pem)
teacher              siu                                                s     siu
tortoise_migrations  s                                                  s     s
tugas_tambahan       siu                                                s     s
""",  # noqa: E501
    "planning": """
table                  operate                     read  serve              worker
admin_act              si u(reason)                s     si                 s
batch_run              -                           s     siu                su
catalog                si u(imported_at)           s     si u(imported_at)  s
change_request         si u(state)                 s     si u(state)        s
command_key            si u(input_hash)            s     si                 sid
dry_run                -                           s     si                 s
dry_run_command_count  -                           s     s                  siu
head_change            -                           s     s                  sid
identity_answer        -                           s     siud               -
migration              -                           s     si                 s
migration_outcome      -                           s     s                  siu
moved_teacher          sd                          s     sd                 siud
notification           sd                          s     s                  si
notification_read      sd                          s     si                 -
period                 si                          s     si                 s
period_revision        si                          s     si                 s
plan                   siu                         s     siu                siu
plan_comment           s u(nama,text,erased_at)    s     si                 -
plan_event             si                          s     si                 si
plan_text              si u(salt,value,erased_at)  s     si                 si
plan_timer             siud                        s     siud               siud
plt_confirmation       s                           s     si                 s
tortoise_migrations    s                           s     s                  s
worker_position        -                           s     s                  siu
workflow_version       si                          s     si                 s
""",
}
SERVICES = sorted(MATRIX)
VERBS = {
    "SELECT": "s",
    "INSERT": "i",
    "UPDATE": "u",
    "DELETE": "d",
    "TRUNCATE": "T",
    "REFERENCES": "R",
    "TRIGGER": "G",
}
COLUMN_VERBS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")
FORBIDDEN = {
    "identity": [
        "DELETE FROM audit", "UPDATE audit SET outcome = 'ok'", "TRUNCATE audit", "DROP TABLE audit",
        "DELETE FROM registry_change", "UPDATE registry_change SET seq = seq + 1",
        "ALTER TABLE audit ADD COLUMN note text", "CREATE TABLE copy (id int)", "CREATE TEMP TABLE copy (id int)",
        "CREATE SCHEMA copies", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "UPDATE tortoise_migrations SET name = ''", "UPDATE scope_grant SET scope = 'admin'",
        "UPDATE session SET account_id = gen_random_uuid()", "UPDATE signing_key SET public_jwk = '{}'",
    ],
    "planning": [
        "DELETE FROM plan_event", "UPDATE plan_event SET body = ''", "TRUNCATE plan_event CASCADE",
        "DROP TABLE plan_event CASCADE", "DELETE FROM plan_text", "UPDATE plan_text SET name = ''", "DELETE FROM plan",
        "DELETE FROM admin_act", "UPDATE admin_act SET account = ''", "UPDATE plan_comment SET account = ''",
        "DELETE FROM plan_comment", "UPDATE workflow_version SET body = ''", "UPDATE period_revision SET number = 0",
        "ALTER TABLE plan DISABLE TRIGGER ALL", "CREATE TABLE copy (id int)", "CREATE TEMP TABLE copy (id int)",
    ],
}  # fmt: skip
# what only the owner's role or another role of the service may do
ONE_ROLE = {
    "INSERT INTO scope_grant SELECT gen_random_uuid(), gen_random_uuid(), 'admin', now(), 'x'": [
        "identity_operate"
    ],
    "UPDATE plan_text SET salt = NULL, value = NULL, erased_at = now()": ["planning_operate"],
    "UPDATE admin_act SET reason = NULL": ["planning_operate"],
    "SELECT private_pem FROM signing_key": ["identity_operate", "identity_serve"],
    "SELECT token_hash FROM refresh_token": ["identity_serve"],
    "SELECT kind FROM audit": ["identity_operate", "identity_read"],
}


@pytest.fixture(scope="module")
async def urls(fresh_url: Fresh) -> dict[str, str]:
    """A migrated database of each service. Rights on the database itself are not copied from a template."""
    urls = {}
    for name in SERVICES:
        urls[name] = (await fresh_url(f"services.{name}")).replace("asyncpg", "postgresql", 1)
        await Database(urls[name].replace("postgresql", "asyncpg", 1), f"services.{name}").migrate()
    return urls


@pytest.fixture(scope="module")
async def connections(urls: dict[str, str]) -> AsyncIterator[dict[str, asyncpg.Connection]]:
    """The owner's connection to the database of each service."""
    connections = {name: await asyncpg.connect(url) for name, url in urls.items()}
    yield connections
    for connection in connections.values():
        await connection.close()


def roles_of(service: str) -> list[str]:
    return list_roles(load_grants(f"services.{service}"), service)


async def describe_rights(role: str, table: str, columns: list[str], connection: asyncpg.Connection) -> str:
    """Ask what a role may do with a table."""
    granted = [
        verb
        for verb in VERBS
        if await connection.fetchval("SELECT has_table_privilege($1, $2, $3)", role, table, verb)
    ]
    rights = ["".join(VERBS[verb] for verb in granted)]
    question = "SELECT has_column_privilege($1, $2::text, $3::text, $4)"
    for verb in COLUMN_VERBS:
        names = [one for one in columns if await connection.fetchval(question, role, table, one, verb)]
        if names and verb not in granted:
            rights.append(f"{VERBS[verb]}({','.join(names)})")
    return " ".join(filter(None, rights)) or "-"


@pytest.mark.parametrize("service", SERVICES)
async def test_roles_have_these_rights(connections: dict[str, asyncpg.Connection], service: str) -> None:
    connection, roles = connections[service], roles_of(service)
    tables = await connection.fetch(
        "SELECT relname, array_agg(attname::text ORDER BY attnum) FROM pg_class JOIN pg_attribute ON attrelid = "
        "pg_class.oid WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f') "
        "AND attnum > 0 GROUP BY 1 ORDER BY 1"
    )
    rows = [["table", *(role.removeprefix(f"{service}_") for role in roles)]]
    rows += [
        [table, *[await describe_rights(role, table, columns, connection) for role in roles]]
        for table, columns in tables
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    assert lines == MATRIX[service].strip().splitlines()


@pytest.mark.parametrize("service", SERVICES)
def test_grants_name_every_table_of_the_baseline(service: str) -> None:
    tables = re.findall(
        r"^CREATE TABLE (\w+)", (ROOT / service / "migrations/baseline.sql").read_text(), re.MULTILINE
    )
    grants = [line for line in load_grants(f"services.{service}").splitlines() if line.startswith("GRANT")]
    assert tables
    assert [table for table in tables if not any(re.search(rf"\b{table}\b", line) for line in grants)] == []


@pytest.mark.parametrize(("file", "statement"), STATEMENTS)
async def test_every_statement_is_allowed_to_a_role(
    connections: dict[str, asyncpg.Connection], file: Path, statement: Statement
) -> None:
    if re.search(r"^SET ", statement.text, re.MULTILINE):
        return
    service = file.relative_to(ROOT).parts[0]
    connection = connections[service]
    allowed = []
    for role in roles_of(service):
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {role}")
            try:
                async with connection.transaction():
                    # checks the rights of each table, and runs nothing
                    await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement.text}")
                allowed.append(role)
            except asyncpg.InsufficientPrivilegeError:
                continue
    assert set(allowed) - {f"{service}_read"}


@pytest.mark.parametrize("service", SERVICES)
async def test_forbidden_statements_change_nothing(
    urls: dict[str, str], connections: dict[str, asyncpg.Connection], service: str
) -> None:
    owner, audited = connections[service], {"identity": "audit", "planning": "admin_act"}[service]
    insert = {
        "audit": "INSERT INTO audit (at, kind, outcome) VALUES (now(), 'token', 'ok')",
        "admin_act": "INSERT INTO admin_act (subject, act, actor_kind, account, reason, at, detail) "
        "VALUES ('s', 'act', 'operator', 'x', 'r', now(), '{}')",
    }[audited]
    await owner.execute(insert)
    before = await owner.fetch(f"SELECT * FROM {audited}")
    for role in roles_of(service):
        login = urls[service].replace(f"//{SUPERUSER}:", f"//{role}{LOGIN_SUFFIX}:", 1)
        connection = await asyncpg.connect(login)
        others = [
            one for one, roles in ONE_ROLE.items() if roles[0].startswith(service) and role not in roles
        ]
        try:
            for statement in (*FORBIDDEN[service], *others):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        finally:
            await connection.close()
    assert await owner.fetch(f"SELECT * FROM {audited}") == before
    assert await owner.fetchval("SELECT to_regclass('copy')") is None


@pytest.mark.parametrize("service", SERVICES)
async def test_group_roles_cannot_log_in_and_may_not_more_than_their_grants(
    connections: dict[str, asyncpg.Connection], service: str
) -> None:
    roles = await connections[service].fetch(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY($1) AND NOT (rolcanlogin OR rolsuper OR rolcreaterole "
        "OR rolcreatedb OR rolbypassrls OR rolreplication)",
        roles_of(service),
    )
    assert {row["rolname"] for row in roles} == set(roles_of(service))


async def test_migrating_again_takes_back_what_was_granted_by_hand(
    urls: dict[str, str], connections: dict[str, asyncpg.Connection]
) -> None:
    owner = connections["planning"]
    await owner.execute("GRANT ALL ON plan_event, plan_comment TO planning_serve, PUBLIC")
    await owner.execute("CREATE TABLE added (id int); GRANT SELECT (id) ON added TO planning_read")

    await Database(urls["planning"].replace("postgresql", "asyncpg", 1), "services.planning").migrate()

    assert await describe_rights("planning_serve", "plan_event", ["body"], owner) == "si"
    assert await describe_rights("planning_worker", "plan_comment", ["text"], owner) == "-"
    assert await describe_rights("planning_read", "added", ["id"], owner) == "-"
    await owner.execute("DROP TABLE added")


async def test_migration_without_the_roles_says_what_to_run(
    urls: dict[str, str], connections: dict[str, asyncpg.Connection]
) -> None:
    owner = connections["identity"]
    database = Database(urls["identity"].replace("postgresql", "asyncpg", 1), "services.identity")
    await owner.execute("ALTER ROLE identity_read RENAME TO another")
    try:
        with pytest.raises(
            SettingsError, match=r"RENCANA_IDENTITY_DATABASE_URL: .*: CREATE ROLE identity_read;$"
        ):
            await database.migrate()
    finally:
        await owner.execute("ALTER ROLE another RENAME TO identity_read")


async def test_migration_as_another_role_than_the_owner_is_refused(
    urls: dict[str, str], postgres: PrivatePostgres
) -> None:
    url = urls["planning"].replace(
        f"postgresql://{SUPERUSER}:", f"asyncpg://planning_operate{LOGIN_SUFFIX}:", 1
    )
    with pytest.raises(SettingsError, match="runs as the owner of the database") as refusal:
        await Database(url, "services.planning").migrate()
    assert postgres.password not in str(refusal.value)
