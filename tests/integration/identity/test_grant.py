from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import click
import pytest
from click.testing import CliRunner, Result

from services.identity.accounts import store as accounts_store
from services.identity.accounts import tables
from services.identity.accounts.commands import grant_scope, revoke_scope
from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.cli.admin import admin
from services.identity.cli.keys import keys
from services.identity.sign_in.commands import admit
from services.kit.command_line import get_operator
from services.kit.database import Database
from services.kit.problems import RequestRefused
from tests.integration.identity.environment import (
    NOW,
    dump_tables,
    find_account_id,
    import_registry,
    pool,
    run_concurrently,
)

OFFICER, TEACHER = "kosong@admin.sd.belajar.id", "satu@guru.sd.belajar.id"


@pytest.mark.usefixtures("database")
async def test_scope_is_granted_once_and_admits_an_account_without_a_ptk() -> None:
    await import_registry()
    with pytest.raises(RequestRefused, match="no_person"):
        await admit(OFFICER, NOW, pool())
    assert await grant_scope(OFFICER.upper(), "admin", "kepala", NOW)
    assert not await grant_scope(OFFICER, "admin", "another", NOW)
    assert (await admit(OFFICER, NOW, pool())).scopes == {"admin"}
    assert await tables.Grant.filter(account_id=await find_account_id(OFFICER)).count() == 1


@pytest.mark.usefixtures("database")
async def test_revoking_the_last_admin_keeps_the_rule_of_two_persons() -> None:
    assert not await accounts_store.has_admin(pool())
    await import_registry()

    await revoke_scope("pengelola@dinas.belajar.id", "admin", "dinas", NOW + timedelta(days=1))

    assert not await tables.Grant.filter(scope="admin", revoked_at=None).exists()
    assert await accounts_store.has_admin(pool())


@pytest.mark.usefixtures("database")
async def test_revoked_scope_is_absent_at_the_next_sign_in_and_stays_in_the_log() -> None:
    await import_registry()
    await grant_scope(TEACHER, "admin", "kepala", NOW)
    assert (await admit(TEACHER, NOW, pool())).scopes == {"admin"}
    later = NOW + timedelta(days=1)
    assert await revoke_scope(TEACHER, "admin", "dinas", later)
    assert not await revoke_scope(TEACHER, "admin", "dinas", later)
    assert (await admit(TEACHER, NOW, pool())).scopes == frozenset()
    (grant,) = [grant for grant in await accounts_store.load_grants(pool()) if grant.email == TEACHER]
    assert (grant.granted_by, grant.granted_at, grant.revoked_at) == ("kepala", NOW, later)
    account = await find_account_id(TEACHER)
    assert await audit_store.load_latest(10, None, account, pool()) == [
        AuditEvent(NOW, AuditKind.SCOPE_GRANTED, account_id=account, actor="kepala", scope="admin"),
        AuditEvent(later, AuditKind.SCOPE_REVOKED, account_id=account, actor="dinas", scope="admin"),
    ]


async def test_concurrent_grants_store_one_grant(database: Database) -> None:
    await import_registry()
    grants_of_one = (grant_scope(TEACHER, "status:read", "kepala", NOW) for _ in range(5))
    new = await run_concurrently(database, "scope_grant", *grants_of_one)
    assert sorted(new) == [False, False, False, False, True]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda: grant_scope("siapa@guru.sd.belajar.id", "admin", "kepala", NOW), "grant.account_unknown"),
        (lambda: grant_scope(TEACHER, "superuser", "kepala", NOW), "grant.scope_unknown"),
        (lambda: revoke_scope("siapa@guru.sd.belajar.id", "admin", "dinas", NOW), "grant.account_unknown"),
    ],
)
async def test_invalid_grant_is_refused_and_writes_nothing(
    change: Callable[[], Awaitable[bool]], code: str
) -> None:
    await import_registry()
    before = await dump_tables()
    with pytest.raises(RequestRefused, match=code):
        await change()
    assert await dump_tables() == before


def _run(group: click.Group, *words: str) -> Result:
    return CliRunner().invoke(group, words, catch_exceptions=False)


async def test_operator_grants_lists_revokes_and_rotates(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_registry()
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.dsn.replace("postgresql", "asyncpg", 1))

    def walk() -> list[str]:
        steps = [
            _run(admin, "grant", OFFICER, "admin"),
            _run(admin, "grant", OFFICER, "admin"),
            _run(admin, "list"),
            _run(admin, "revoke", OFFICER, "admin"),
            _run(admin, "revoke", OFFICER, "admin"),
            _run(keys, "rotate"),
            _run(keys, "list"),
        ]
        assert [step.exit_code for step in steps] == [0] * len(steps)
        return [step.output.strip() for step in steps]

    grant, second_grant, admin_list, *revocations, rotation, key_list = await asyncio.to_thread(walk)
    assert (grant, second_grant, revocations) == ("granted", "held already", ["revoked", "not held"])
    (line,) = (line for line in admin_list.splitlines() if line.startswith(f"{OFFICER}  admin"))
    assert f"  {get_operator()}  " in line
    assert line.endswith(f"  {await find_account_id(OFFICER)}")
    assert key_list.split()[0] == rotation.split()[0]
    assert "PRIVATE" not in rotation + key_list
    assert _run(admin, "grant", OFFICER, "superuser").exit_code == 2
