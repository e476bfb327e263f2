"""API clients: registration, rotation and revocation by admins and operators, and the audit log."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp
import pytest
from click import Group
from click.testing import CliRunner, Result

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditKind
from services.identity.cli.audit import audit as audit_group
from services.identity.cli.clients import clients as client_group
from services.identity.clients import tables
from services.identity.clients.commands import register, revoke, rotate
from services.identity.clients.model import parse_registration
from services.kit.command_line import get_operator
from services.kit.database import Database
from services.kit.problems import RequestRefused
from services.planning.people.identity.credentials import Credentials
from tests.credentials import authorization
from tests.integration.identity.clients import ADMIN, REGISTRATION, TEACHER, authorize, is_secret_valid, send
from tests.integration.identity.environment import (
    NOW,
    dump_tables,
    find_account_id,
    list_codes,
    pool,
    run_concurrently,
    serve_identity_at,
)

NORMALIZED_TERRITORY = {
    "provinsi": ["Prov. Jawa Barat"],
    "kabupaten_kota": ["Kab. Contoh"],
    "npsn": ["99000001"],
}


@pytest.fixture
def database(filled_database: Database) -> Database:
    return filled_database


async def test_admin_registers_rotates_and_revokes_a_client(
    database: Database, client: aiohttp.ClientSession
) -> None:
    status, credentials = await send(client, "", REGISTRATION)
    assert (status, credentials["older_secret_ends_at"]) == (201, None)
    client_id, first = credentials["client_id"], credentials["client_secret"]
    assert await is_secret_valid(client, client_id, first)

    status, again = await send(client, f"/{client_id}/rotate", {"overlap_hours": 2})
    assert (status, again["older_secret_ends_at"]) == (200, "2024-01-05T05:00:00Z")
    second = again["client_secret"]
    assert (
        await is_secret_valid(client, client_id, first),
        await is_secret_valid(client, client_id, second),
    ) == (True, True)
    async with serve_identity_at(database, NOW + timedelta(hours=2)) as later:
        assert (
            await is_secret_valid(later, client_id, first),
            await is_secret_valid(later, client_id, second),
        ) == (False, True)

    status, body = await send(client, "", method="GET")
    (client_json,) = body["clients"]
    assert {name: client_json[name] for name in ("client_id", "name", "scopes", "within", "revoked_at")} == {
        "client_id": client_id, "name": "Dinas Contoh", "scopes": ["status:read"], "within": NORMALIZED_TERRITORY,
        "revoked_at": None,
    }  # fmt: skip
    assert {one["ends_at"] for one in client_json["secrets"]} == {"2024-01-05T05:00:00Z", None}
    assert first not in str(body)

    assert await send(client, f"/{client_id}/revoke") == (204, None)
    assert not await is_secret_valid(client, client_id, second)
    acts = [AuditKind.CLIENT_REGISTERED, AuditKind.CLIENT_ROTATED, AuditKind.CLIENT_REVOKED]
    events = [
        event
        for event in await audit_store.load_latest(50, UUID(client_id), None, pool())
        if event.kind in acts
    ]
    admin = f"account:{await find_account_id(ADMIN)}"
    assert [(event.kind, event.outcome, event.actor) for event in events] == [
        (act, "ok", admin) for act in acts
    ]


async def test_database_contains_no_secret(client: aiohttp.ClientSession) -> None:
    _, credentials = await send(client, "", REGISTRATION)
    await is_secret_valid(client, credentials["client_id"], credentials["client_secret"])
    assert credentials["client_secret"] not in str(await dump_tables())


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("", None, 422, "client.not_json"),
        ("", REGISTRATION | {"within": {"provinsi": ["Atlantis"]}}, 422, "client.place_unknown"),
        ("", REGISTRATION | {"scopes": []}, 422, "client.scopes"),
        ("/{id}/rotate", {"overlap_hours": -1}, 422, "client.overlap"),
        ("/{id}/rotate", {"overlap_hours": 721}, 422, "client.overlap"),
        ("/{id}/rotate", {"overlap_hours": True}, 422, "client.overlap"),
        ("/{id}/rotate", {"overlap_hours": "2"}, 422, "client.overlap"),
        ("/{id}/rotate", [], 422, "client.overlap"),
        (f"/{UUID(int=9)}/rotate", {}, 404, "client.unknown"),
        (f"/{UUID(int=9)}/revoke", {}, 404, "client.unknown"),
        ("/x/revoke", {}, 404, "client.unknown"),
        ("/{gone}/rotate", {"reason": "Bocor."}, 422, "client.revoked"),
        ("/{gone}/revoke", {}, 422, "client.revoked"),
    ],
)
async def test_refused_request_changes_nothing(
    client: aiohttp.ClientSession, path: str, body: object, status: int, code: str
) -> None:
    registration = parse_registration(REGISTRATION)
    active_client, revoked_client = [await register(registration, "operator", NOW) for _ in range(2)]
    await revoke(revoked_client.client_id, "operator", NOW)
    before = await dump_tables()
    got, body = await send(
        client, path.format(id=active_client.client_id, gone=revoked_client.client_id), body
    )
    assert (got, list_codes(body)) == (status, [code])
    after = await dump_tables()
    # the admin has signed in to ask
    assert len(after.pop("Audit")) == len(before.pop("Audit")) + 1
    assert after == before


@pytest.mark.parametrize("email", [TEACHER, "nobody", "service"])
async def test_only_admins_manage_clients(client: aiohttp.ClientSession, email: str) -> None:
    headers = {}
    if email != "nobody":
        headers = await (authorization(client) if email == "service" else authorize(client, email))
    before = await dump_tables()
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("POST", f"/{uuid4()}/rotate"),
        ("POST", f"/{uuid4()}/revoke"),
        ("GET", "/requests"),
        *(("POST", f"/requests/{uuid4()}/{act}") for act in ("approve", "reject", "withdraw", "execute")),
    ):
        async with client.request(
            method, f"/admin/clients{path}", json=REGISTRATION, headers=headers
        ) as response:
            assert response.status == (403 if email == "service" else 401), await response.text()
            assert response.headers["www-authenticate"].startswith("Bearer")
    assert await dump_tables() == before


async def test_concurrent_rotations_leave_two_secrets(database: Database) -> None:
    secret = await register(parse_registration(REGISTRATION), "operator", NOW)
    hour = timedelta(hours=1)
    rotations = await run_concurrently(
        database, "client_secret", *(rotate(secret.client_id, hour, "operator", NOW) for _ in range(2))
    )
    live = await tables.ClientSecret.filter(ends_at=None)
    assert (len({one.secret for one in rotations}), len(live)) == (2, 1)
    assert await tables.ClientSecret.filter(ends_at__gt=NOW).count() <= 1


async def test_commands_manage_a_client_and_record_each_act(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.url)
    monkeypatch.setenv("RENCANA_NOW", NOW.isoformat())

    async def run(group: Group, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, group, [*words])

    registration = await run(
        client_group, "register", "Dinas Contoh", "--contact", "data@contoh.example", "--scope", "status:read",
        "--provinsi", "Jawa Barat", "--npsn", "99000001",
    )  # fmt: skip
    assert registration.exit_code == 0, registration.output
    credentials = dict(line.split(": ", 1) for line in registration.output.splitlines())
    async with serve_identity_at(database) as client:
        assert await is_secret_valid(client, credentials["client_id"], credentials["client_secret"])
    rotation = await run(client_group, "rotate", credentials["client_id"])
    assert "the one before it ends 2024-01-06 03:00 UTC" in rotation.output
    client_list = (await run(client_group, "list")).output
    assert (
        "Dinas Contoh  status:read  Prov. Jawa Barat, 99000001  secrets: until 2024-01-06 03:00 UTC"
        in client_list
    )
    assert (await run(client_group, "revoke", credentials["client_id"])).output == "revoked\n"
    lines = (await run(audit_group, "list", "--client", credentials["client_id"])).output.splitlines()
    assert [line.split("  ")[1] for line in lines] == [
        "client.registered",
        "token",
        "client.rotated",
        "client.revoked",
    ]
    assert lines[0].endswith(f"scope=status:read  actor={get_operator()}")
    refusal = await run(client_group, "register", "X", "--contact", "y", "--scope", "status:read")
    assert isinstance(refusal.exception, RequestRefused)


async def test_command_changes_the_limits_of_a_client(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.url)
    monkeypatch.setenv("RENCANA_NOW", NOW.isoformat())

    async def limit(client_id: object, *words: str) -> Result:
        return await asyncio.to_thread(
            CliRunner().invoke, client_group, ["limit", str(client_id), "--reason", "Meluas.", *words]
        )

    secret = await register(parse_registration(REGISTRATION), "operator", NOW)
    assert (await limit(secret.client_id, "--kabupaten-kota", "kab. contoh")).output == "changed\n"
    (client,) = await tables.Client.all()
    assert client.territory == {"kabupaten_kota": ["Kab. Contoh"]}
    async with serve_identity_at(database) as session:
        assert await is_secret_valid(session, str(secret.client_id), secret.secret)
    events = await audit_store.load_latest(10, secret.client_id, None, pool())
    assert [event.kind for event in events][:2] == ["client.registered", "client.limited"]

    before = await dump_tables()
    for words, code in (
        (("--provinsi", "Atlantis"), "client.place_unknown"),
        ((), "client.within"),
        (("--nationwide", "--npsn", "99000001"), "client.within"),
    ):
        refusal = (await limit(secret.client_id, *words)).exception
        assert isinstance(refusal, RequestRefused)
        assert [problem.code for problem in refusal.problems] == [code]
    unknown = (await limit(uuid4(), "--npsn", "99000001")).exception
    assert isinstance(unknown, RequestRefused)
    assert await dump_tables() == before


async def test_planning_uses_a_rotated_secret(database: Database) -> None:
    """Rotate the secret of planning and restart planning with it, while the old one is valid."""
    registration = parse_registration(
        {"name": "planning", "contact": "x", "scopes": ["registry:read"], "within": {"nationwide": True}}
    )
    secret = await register(registration, "operator", NOW)
    async with serve_identity_at(database, env="prod") as client:
        old = await authorization(client, Credentials(str(secret.client_id), secret.secret))
        again = await rotate(secret.client_id, timedelta(hours=1), "operator", NOW)
        new = await authorization(client, Credentials(str(secret.client_id), again.secret))
        for headers in (
            old,
            new,
            await authorization(client, Credentials(str(secret.client_id), secret.secret)),
        ):
            async with client.get("/v1/changes", headers=headers) as response:
                assert response.status == 200
