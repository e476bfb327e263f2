"""API clients: management by admins over HTTP and by operators at the command line, and the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from click import Group
from click.testing import CliRunner, Result

from services.identity.accounts.commands import grant_scope, import_accounts
from services.identity.accounts.tables import Grant
from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditKind
from services.identity.cli.audit import audit as audit_group
from services.identity.cli.clients import clients as client_group
from services.identity.clients import tables
from services.identity.clients.commands import register, revoke, rotate
from services.identity.clients.model import parse_registration
from services.kit.change_request import EXPIRES_AFTER
from services.kit.command_line import get_operator
from services.kit.database import Database
from services.kit.problems import RequestRefused
from services.planning.people.identity.credentials import Credentials
from tests.conftest import Fresh
from tests.credentials import FORM, authorization
from tests.identity_samples import ptk
from tests.integration.identity.environment import (
    NOW,
    dump_tables,
    find_account_id,
    list_codes,
    open_filled,
    pool,
    run_concurrently,
    serve_identity_at,
    sign_in,
)

ADMIN, TEACHER = "pengelola@dinas.belajar.id", "satu@guru.sd.belajar.id"
REGISTRATION = {
    "name": "Dinas Contoh", "contact": "data@contoh.example", "scopes": ["status:read"],
    "within": {"provinsi": ["jawa barat"], "kabupaten_kota": ["kabupaten contoh"], "npsn": ["99000001"]},
}  # fmt: skip
NORMALIZED_TERRITORY = {
    "provinsi": ["Prov. Jawa Barat"],
    "kabupaten_kota": ["Kab. Contoh"],
    "npsn": ["99000001"],
}


@pytest.fixture
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with open_filled(await fresh_url("services.identity")) as database:
        yield database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_identity_at(database) as client:
        yield client


async def authorize(client: aiohttp.ClientSession, email: str) -> dict[str, str]:
    _, body = await sign_in(client, email)
    return {"authorization": f"Bearer {body['access_token']}"}


async def send(
    client: aiohttp.ClientSession, path: str, body: object = None, *, email: str = ADMIN, method: str = "POST"
) -> tuple[int, Any]:
    headers = await authorize(client, email)
    async with client.request(method, f"/admin/clients{path}", json=body, headers=headers) as response:
        return response.status, None if response.status == 204 else await response.json()


async def is_secret_valid(client: aiohttp.ClientSession, client_id: str, secret: str) -> bool:
    basic = {"authorization": aiohttp.encode_basic_auth(client_id, secret)}
    async with client.post("/token", data=FORM, headers=basic) as response:
        return response.status == 200


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


NATIONWIDE_REGISTRATION = REGISTRATION | {"within": {"nationwide": True}, "reason": "Pemantauan nasional."}
REASON = {"reason": "Diperiksa."}
# a teacher who is an admin with two accounts, and another admin
AUTHOR, OTHER_ACCOUNT, SECOND = TEACHER, "satu.lagi@guru.sd.belajar.id", ADMIN


@pytest.fixture
async def admins(database: Database) -> None:
    rows = f"email,ptk_id,npsn,opened,closed\n{OTHER_ACCOUNT},{ptk(1)},99000001,2020-01-01,\n"
    await import_accounts(rows.encode(), "accounts", NOW)
    for email in (AUTHOR, OTHER_ACCOUNT):
        await grant_scope(email, "admin", "test", NOW)


async def dump_without_sign_ins() -> dict[str, Any]:
    tables_by_name = await dump_tables()
    tables_by_name.pop("Audit")
    return tables_by_name


async def propose(
    client: aiohttp.ClientSession, email: str = AUTHOR, path: str = "", body: Any = None
) -> str:
    status, response = await send(client, path, body or NATIONWIDE_REGISTRATION, email=email)
    assert (status, response["request"]["state"]) == (202, "proposed")
    assert "client_secret" not in response
    return str(response["request"]["id"])


async def expect_refusal(
    client: aiohttp.ClientSession, path: str, email: str, body: Any = REASON
) -> list[str]:
    """Send a request that is refused and changes nothing. Returns the codes."""
    before = await dump_without_sign_ins()
    status, response = await send(client, path, body, email=email)
    assert status in {404, 422}, response
    assert await dump_without_sign_ins() == before
    return list_codes(response)


@pytest.mark.usefixtures("admins")
async def test_nationwide_client_needs_two_persons(client: aiohttp.ClientSession) -> None:
    id = await propose(client)
    for act in ("approve", "reject"):
        for email in (AUTHOR, OTHER_ACCOUNT):
            assert await expect_refusal(client, f"/requests/{id}/{act}", email) == ["change_request.is_yours"]
    assert await expect_refusal(client, f"/requests/{id}/execute", AUTHOR) == ["change_request.proposed"]
    assert await expect_refusal(client, f"/requests/{id}/approve", SECOND, {"reason": " "}) == [
        "client.reason"
    ]

    status, body = await send(client, f"/requests/{id}/approve", REASON, email=SECOND)

    assert (status, body["request"]["state"]) == (200, "approved")
    assert await tables.Client.all().count() == 0
    assert await expect_refusal(client, f"/requests/{id}/execute", SECOND) == ["client.not_proposer"]
    status, credentials = await send(client, f"/requests/{id}/execute", email=AUTHOR)
    assert (
        status,
        await is_secret_valid(client, credentials["client_id"], credentials["client_secret"]),
    ) == (201, True)
    assert await expect_refusal(client, f"/requests/{id}/execute", AUTHOR) == ["change_request.executed"]
    (client_json,) = (await send(client, "", method="GET"))[1]["clients"]
    assert (client_json["within"], client_json["registered_by"]) == (
        {"nationwide": True}, f"account:{await find_account_id(AUTHOR)}",
    )  # fmt: skip
    events = await audit_store.load_latest(50, UUID(credentials["client_id"]), None, pool())
    assert [event.kind for event in events if event.kind.startswith("client.")] == [
        "client.proposed", "client.approved", "client.registered",
    ]  # fmt: skip
    assert credentials["client_secret"] not in str(await dump_tables())


@pytest.mark.usefixtures("admins")
async def test_secret_of_another_persons_client_needs_two_persons(client: aiohttp.ClientSession) -> None:
    _, credentials = await send(client, "", REGISTRATION, email=AUTHOR)
    path = f"/{credentials['client_id']}/rotate"
    assert (await send(client, path, {"overlap_hours": 2}, email=OTHER_ACCOUNT))[0] == 200
    before = await tables.ClientSecret.all().count()

    id = await propose(client, SECOND, path, {"overlap_hours": 2, "reason": "Bocor."})
    await send(client, f"/requests/{id}/approve", REASON, email=AUTHOR)
    assert await tables.ClientSecret.all().count() == before
    status, secret = await send(client, f"/requests/{id}/execute", email=SECOND)

    assert (status, await is_secret_valid(client, credentials["client_id"], secret["client_secret"])) == (
        201,
        True,
    )
    late = await propose(client, SECOND, path, {"reason": "Bocor."})
    await send(client, f"/requests/{late}/approve", REASON, email=AUTHOR)
    assert await send(client, f"/{credentials['client_id']}/revoke", email=SECOND) == (204, None)
    assert await expect_refusal(client, f"/requests/{late}/execute", SECOND) == ["client.revoked"]


@pytest.mark.usefixtures("admins")
async def test_approved_rotation_is_refused_after_a_newer_secret(
    client: aiohttp.ClientSession,
) -> None:
    _, credentials = await send(client, "", REGISTRATION, email=AUTHOR)
    path = f"/{credentials['client_id']}/rotate"
    id = await propose(client, SECOND, path, {"overlap_hours": 0, "reason": "Bocor."})
    await send(client, f"/requests/{id}/approve", REASON, email=AUTHOR)
    _, newer = await send(client, path, {"overlap_hours": 0}, email=AUTHOR)
    await tables.ClientSecret.filter(ends_at=None).update(created_at=datetime(2100, 1, 1, tzinfo=UTC))

    assert await expect_refusal(client, f"/requests/{id}/execute", SECOND) == ["client.rotated_since"]
    assert await is_secret_valid(client, newer["client_id"], newer["client_secret"])


@pytest.mark.usefixtures("admins")
@pytest.mark.parametrize("reason", ["a\0b", "\ud800", " "])
async def test_invalid_reason_is_refused(client: aiohttp.ClientSession, reason: str) -> None:
    id = await propose(client)
    assert await expect_refusal(client, f"/requests/{id}/approve", SECOND, {"reason": reason}) == [
        "client.reason"
    ]


@pytest.mark.usefixtures("admins")
async def test_rejected_withdrawn_or_expired_request_cannot_be_executed(
    database: Database, client: aiohttp.ClientSession
) -> None:
    for act, email, state in (("reject", SECOND, "rejected"), ("withdraw", AUTHOR, "withdrawn")):
        id = await propose(client)
        _, body = await send(client, f"/requests/{id}/{act}", REASON, email=email)
        assert body["request"]["state"] == state
        assert await expect_refusal(client, f"/requests/{id}/approve", SECOND) == [f"change_request.{state}"]
        assert await expect_refusal(client, f"/requests/{id}/execute", AUTHOR) == [f"change_request.{state}"]
    waiting, approved = await propose(client), await propose(client)
    await send(client, f"/requests/{approved}/approve", REASON, email=SECOND)
    async with serve_identity_at(database, NOW + EXPIRES_AFTER) as later:
        assert await expect_refusal(later, f"/requests/{waiting}/approve", SECOND) == [
            "change_request.expired"
        ]
        assert await expect_refusal(later, f"/requests/{approved}/execute", AUTHOR) == [
            "change_request.expired"
        ]
        _, body = await send(later, "/requests", method="GET")
        states = {one["id"]: one["state"] for one in body["requests"]}
        assert (states[waiting], states[approved]) == ("expired", "expired")
    for path in (f"/requests/{UUID(int=9)}/approve", "/requests/x/execute"):
        assert await expect_refusal(client, path, SECOND) == ["change_request.unknown"]


@pytest.mark.usefixtures("admins")
async def test_request_for_wide_reach_needs_a_reason(client: aiohttp.ClientSession) -> None:
    for reason in ({}, {"reason": ""}, {"reason": 5}, {"reason": "x" * 2001}):
        body = REGISTRATION | {"within": {"nationwide": True}} | reason
        assert await expect_refusal(client, "", AUTHOR, body) == ["client.reason"]


@pytest.mark.usefixtures("admins")
async def test_one_of_concurrent_decisions_and_executions_succeeds(client: aiohttp.ClientSession) -> None:
    id = await propose(client)
    await authorize(client, SECOND)
    acts = [f"/requests/{id}/{act}" for act in ("approve", "reject") * 3]
    answers = await asyncio.gather(*(send(client, path, REASON, email=SECOND) for path in acts))
    assert sorted(status for status, _ in answers) == [200, *[422] * 5]
    second_path = await propose(client)
    await send(client, f"/requests/{second_path}/approve", REASON, email=SECOND)
    path = f"/requests/{second_path}/execute"
    responses = await asyncio.gather(*(send(client, path, email=AUTHOR) for _ in range(5)))
    assert sorted(status for status, _ in responses) == [201, *[422] * 4]
    assert await tables.Client.all().count() == 1


@pytest.mark.usefixtures("admins")
async def test_operator_proposes_once_there_is_an_admin(
    database: Database, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.url)
    monkeypatch.setenv("RENCANA_NOW", NOW.isoformat())

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, client_group, [*words])

    words = ("register", "planning", "--contact", "x", "--scope", "registry:read", "--nationwide")
    assert isinstance((await run(*words)).exception, RequestRefused)
    proposal = await run(*words, "--reason", "Pemasangan kedua.")
    id = proposal.output.splitlines()[0].removeprefix("proposed: ")
    assert isinstance((await run("execute", id)).exception, RequestRefused)
    assert id in (await run("requests")).output
    await send(client, f"/requests/{id}/approve", REASON)
    credentials = dict(line.split(": ", 1) for line in (await run("execute", id)).output.splitlines())
    assert credentials.keys() == {"client_id", "client_secret"}
    await Grant.all().delete()
    assert (await run(*words)).output.startswith("client_id: ")


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
