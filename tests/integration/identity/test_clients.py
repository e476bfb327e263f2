"""Clients as an admin manages them over HTTP and an operator at the command line, and what the audit keeps of it."""

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
    account_id,
    codes_of,
    contents,
    filled,
    identity_at,
    pool,
    race,
    sign_in,
)

ADMIN, TEACHER = "pengelola@dinas.belajar.id", "satu@guru.sd.belajar.id"
WANTED = {
    "name": "Dinas Contoh", "contact": "data@contoh.example", "scopes": ["status:read"],
    "within": {"provinsi": ["jawa barat"], "kabupaten_kota": ["kabupaten contoh"], "npsn": ["99000001"]},
}  # fmt: skip
PLACED = {"provinsi": ["Prov. Jawa Barat"], "kabupaten_kota": ["Kab. Contoh"], "npsn": ["99000001"]}


@pytest.fixture
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with filled(await fresh_url("services.identity")) as database:
        yield database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with identity_at(database) as client:
        yield client


async def bearer(client: aiohttp.ClientSession, email: str) -> dict[str, str]:
    _, told = await sign_in(client, email)
    return {"authorization": f"Bearer {told['access_token']}"}


async def send(
    client: aiohttp.ClientSession, path: str, body: object = None, *, who: str = ADMIN, method: str = "POST"
) -> tuple[int, Any]:
    headers = await bearer(client, who)
    async with client.request(method, f"/admin/clients{path}", json=body, headers=headers) as response:
        return response.status, None if response.status == 204 else await response.json()


async def opens(client: aiohttp.ClientSession, client_id: str, secret: str) -> bool:
    basic = {"authorization": aiohttp.encode_basic_auth(client_id, secret)}
    async with client.post("/token", data=FORM, headers=basic) as response:
        return response.status == 200


async def test_an_admin_registers_rotates_and_revokes(
    database: Database, client: aiohttp.ClientSession
) -> None:
    status, made = await send(client, "", WANTED)
    assert (status, made["older_secret_ends_at"]) == (201, None)
    client_id, first = made["client_id"], made["client_secret"]
    assert await opens(client, client_id, first)

    status, again = await send(client, f"/{client_id}/rotate", {"overlap_hours": 2})
    assert (status, again["older_secret_ends_at"]) == (200, "2024-01-05T05:00:00Z")
    second = again["client_secret"]
    assert (await opens(client, client_id, first), await opens(client, client_id, second)) == (True, True)
    async with identity_at(database, NOW + timedelta(hours=2)) as later:
        assert (await opens(later, client_id, first), await opens(later, client_id, second)) == (False, True)

    status, told = await send(client, "", method="GET")
    (shown,) = told["clients"]
    assert {name: shown[name] for name in ("client_id", "name", "scopes", "within", "revoked_at")} == {
        "client_id": client_id, "name": "Dinas Contoh", "scopes": ["status:read"], "within": PLACED,
        "revoked_at": None,
    }  # fmt: skip
    assert {one["ends_at"] for one in shown["secrets"]} == {"2024-01-05T05:00:00Z", None}
    assert first not in str(told)

    assert await send(client, f"/{client_id}/revoke") == (204, None)
    assert not await opens(client, client_id, second)
    acts = [AuditKind.CLIENT_REGISTERED, AuditKind.CLIENT_ROTATED, AuditKind.CLIENT_REVOKED]
    kept = [
        event
        for event in await audit_store.load_latest(50, UUID(client_id), None, pool())
        if event.kind in acts
    ]
    admin = f"account:{await account_id(ADMIN)}"
    assert [(event.kind, event.outcome, event.actor) for event in kept] == [
        (act, "ok", admin) for act in acts
    ]


async def test_no_secret_stands_in_the_database(client: aiohttp.ClientSession) -> None:
    _, made = await send(client, "", WANTED)
    await opens(client, made["client_id"], made["client_secret"])
    assert made["client_secret"] not in str(await contents())


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("", None, 422, "client.not_json"),
        ("", WANTED | {"within": {"provinsi": ["Atlantis"]}}, 422, "client.place_unknown"),
        ("", WANTED | {"scopes": []}, 422, "client.scopes"),
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
async def test_what_is_refused_changes_nothing(
    client: aiohttp.ClientSession, path: str, body: object, status: int, code: str
) -> None:
    living, gone = [await register(parse_registration(WANTED), "operator", NOW) for _ in range(2)]
    await revoke(gone.client_id, "operator", NOW)
    before = await contents()
    got, told = await send(client, path.format(id=living.client_id, gone=gone.client_id), body)
    assert (got, codes_of(told)) == (status, [code])
    after = await contents()
    # the admin has signed in to ask
    assert len(after.pop("Audit")) == len(before.pop("Audit")) + 1
    assert after == before


WIDE = WANTED | {"within": {"nationwide": True}, "reason": "Pemantauan nasional."}
REASON = {"reason": "Diperiksa."}
# a teacher who is an admin with two accounts, and another admin
AUTHOR, OTHER_ACCOUNT, SECOND = TEACHER, "satu.lagi@guru.sd.belajar.id", ADMIN


@pytest.fixture
async def admins(database: Database) -> None:
    rows = f"email,ptk_id,npsn,opened,closed\n{OTHER_ACCOUNT},{ptk(1)},99000001,2020-01-01,\n"
    await import_accounts(rows.encode(), "accounts", NOW)
    for email in (AUTHOR, OTHER_ACCOUNT):
        await grant_scope(email, "admin", "test", NOW)


async def without_sign_ins() -> dict[str, Any]:
    found = await contents()
    found.pop("Audit")
    return found


async def propose(client: aiohttp.ClientSession, who: str = AUTHOR, path: str = "", body: Any = None) -> str:
    status, told = await send(client, path, body or WIDE, who=who)
    assert (status, told["request"]["state"]) == (202, "proposed")
    assert "client_secret" not in told
    return str(told["request"]["id"])


async def refused(client: aiohttp.ClientSession, path: str, who: str, body: Any = REASON) -> list[str]:
    """The codes of what is refused and changes nothing."""
    before = await without_sign_ins()
    status, told = await send(client, path, body, who=who)
    assert status in {404, 422}, told
    assert await without_sign_ins() == before
    return codes_of(told)


@pytest.mark.usefixtures("admins")
async def test_a_nationwide_client_takes_two_persons(client: aiohttp.ClientSession) -> None:
    id = await propose(client)
    for act in ("approve", "reject"):
        for who in (AUTHOR, OTHER_ACCOUNT):
            assert await refused(client, f"/requests/{id}/{act}", who) == ["change_request.is_yours"]
    assert await refused(client, f"/requests/{id}/execute", AUTHOR) == ["change_request.proposed"]
    assert await refused(client, f"/requests/{id}/approve", SECOND, {"reason": " "}) == ["client.reason"]

    status, told = await send(client, f"/requests/{id}/approve", REASON, who=SECOND)

    assert (status, told["request"]["state"]) == (200, "approved")
    assert await tables.Client.all().count() == 0
    assert await refused(client, f"/requests/{id}/execute", SECOND) == ["client.not_proposer"]
    status, made = await send(client, f"/requests/{id}/execute", who=AUTHOR)
    assert (status, await opens(client, made["client_id"], made["client_secret"])) == (201, True)
    assert await refused(client, f"/requests/{id}/execute", AUTHOR) == ["change_request.executed"]
    (shown,) = (await send(client, "", method="GET"))[1]["clients"]
    assert (shown["within"], shown["registered_by"]) == (
        {"nationwide": True}, f"account:{await account_id(AUTHOR)}",
    )  # fmt: skip
    kept = await audit_store.load_latest(50, UUID(made["client_id"]), None, pool())
    assert [event.kind for event in kept if event.kind.startswith("client.")] == [
        "client.proposed", "client.approved", "client.registered",
    ]  # fmt: skip
    assert made["client_secret"] not in str(await contents())


@pytest.mark.usefixtures("admins")
async def test_a_secret_for_somebody_elses_client_takes_two_persons(client: aiohttp.ClientSession) -> None:
    _, made = await send(client, "", WANTED, who=AUTHOR)
    path = f"/{made['client_id']}/rotate"
    assert (await send(client, path, {"overlap_hours": 2}, who=OTHER_ACCOUNT))[0] == 200
    before = await tables.ClientSecret.all().count()

    id = await propose(client, SECOND, path, {"overlap_hours": 2, "reason": "Bocor."})
    await send(client, f"/requests/{id}/approve", REASON, who=AUTHOR)
    assert await tables.ClientSecret.all().count() == before
    status, shown = await send(client, f"/requests/{id}/execute", who=SECOND)

    assert (status, await opens(client, made["client_id"], shown["client_secret"])) == (201, True)
    late = await propose(client, SECOND, path, {"reason": "Bocor."})
    await send(client, f"/requests/{late}/approve", REASON, who=AUTHOR)
    assert await send(client, f"/{made['client_id']}/revoke", who=SECOND) == (204, None)
    assert await refused(client, f"/requests/{late}/execute", SECOND) == ["client.revoked"]


@pytest.mark.usefixtures("admins")
async def test_an_approved_rotation_is_refused_once_the_client_has_a_newer_secret(
    client: aiohttp.ClientSession,
) -> None:
    _, made = await send(client, "", WANTED, who=AUTHOR)
    path = f"/{made['client_id']}/rotate"
    id = await propose(client, SECOND, path, {"overlap_hours": 0, "reason": "Bocor."})
    await send(client, f"/requests/{id}/approve", REASON, who=AUTHOR)
    _, newer = await send(client, path, {"overlap_hours": 0}, who=AUTHOR)
    await tables.ClientSecret.filter(ends_at=None).update(created_at=datetime(2100, 1, 1, tzinfo=UTC))

    assert await refused(client, f"/requests/{id}/execute", SECOND) == ["client.rotated_since"]
    assert await opens(client, newer["client_id"], newer["client_secret"])


@pytest.mark.usefixtures("admins")
@pytest.mark.parametrize("reason", ["a\0b", "\ud800", " "])
async def test_a_reason_that_cannot_be_kept_is_refused(client: aiohttp.ClientSession, reason: str) -> None:
    id = await propose(client)
    assert await refused(client, f"/requests/{id}/approve", SECOND, {"reason": reason}) == ["client.reason"]


@pytest.mark.usefixtures("admins")
async def test_what_is_rejected_withdrawn_or_expired_opens_nothing(
    database: Database, client: aiohttp.ClientSession
) -> None:
    for act, who, state in (("reject", SECOND, "rejected"), ("withdraw", AUTHOR, "withdrawn")):
        id = await propose(client)
        _, told = await send(client, f"/requests/{id}/{act}", REASON, who=who)
        assert told["request"]["state"] == state
        assert await refused(client, f"/requests/{id}/approve", SECOND) == [f"change_request.{state}"]
        assert await refused(client, f"/requests/{id}/execute", AUTHOR) == [f"change_request.{state}"]
    waiting, approved = await propose(client), await propose(client)
    await send(client, f"/requests/{approved}/approve", REASON, who=SECOND)
    async with identity_at(database, NOW + EXPIRES_AFTER) as later:
        assert await refused(later, f"/requests/{waiting}/approve", SECOND) == ["change_request.expired"]
        assert await refused(later, f"/requests/{approved}/execute", AUTHOR) == ["change_request.expired"]
        _, told = await send(later, "/requests", method="GET")
        states = {one["id"]: one["state"] for one in told["requests"]}
        assert (states[waiting], states[approved]) == ("expired", "expired")
    for path in (f"/requests/{UUID(int=9)}/approve", "/requests/x/execute"):
        assert await refused(client, path, SECOND) == ["change_request.unknown"]


@pytest.mark.usefixtures("admins")
async def test_a_reason_is_needed_for_wide_reach(client: aiohttp.ClientSession) -> None:
    for reason in ({}, {"reason": ""}, {"reason": 5}, {"reason": "x" * 2001}):
        body = WANTED | {"within": {"nationwide": True}} | reason
        assert await refused(client, "", AUTHOR, body) == ["client.reason"]


@pytest.mark.usefixtures("admins")
async def test_of_many_decisions_and_executions_at_once_one_counts(client: aiohttp.ClientSession) -> None:
    id = await propose(client)
    await bearer(client, SECOND)
    acts = [f"/requests/{id}/{act}" for act in ("approve", "reject") * 3]
    answers = await asyncio.gather(*(send(client, path, REASON, who=SECOND) for path in acts))
    assert sorted(status for status, _ in answers) == [200, *[422] * 5]
    other = await propose(client)
    await send(client, f"/requests/{other}/approve", REASON, who=SECOND)
    path = f"/requests/{other}/execute"
    shown = await asyncio.gather(*(send(client, path, who=AUTHOR) for _ in range(5)))
    assert sorted(status for status, _ in shown) == [201, *[422] * 4]
    assert await tables.Client.all().count() == 1


@pytest.mark.usefixtures("admins")
async def test_an_operator_proposes_too_once_there_is_an_admin(
    database: Database, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.url)
    monkeypatch.setenv("RENCANA_NOW", NOW.isoformat())

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, client_group, [*words])

    words = ("register", "planning", "--contact", "x", "--scope", "registry:read", "--nationwide")
    assert isinstance((await run(*words)).exception, RequestRefused)
    proposed = await run(*words, "--reason", "Pemasangan kedua.")
    id = proposed.output.splitlines()[0].removeprefix("proposed: ")
    assert isinstance((await run("execute", id)).exception, RequestRefused)
    assert id in (await run("requests")).output
    await send(client, f"/requests/{id}/approve", REASON)
    made = dict(line.split(": ", 1) for line in (await run("execute", id)).output.splitlines())
    assert made.keys() == {"client_id", "client_secret"}
    await Grant.all().delete()
    assert (await run(*words)).output.startswith("client_id: ")


@pytest.mark.parametrize("who", [TEACHER, "nobody", "service"])
async def test_only_admins_manage_clients(client: aiohttp.ClientSession, who: str) -> None:
    headers = {}
    if who != "nobody":
        headers = await (authorization(client) if who == "service" else bearer(client, who))
    before = await contents()
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("POST", f"/{uuid4()}/rotate"),
        ("POST", f"/{uuid4()}/revoke"),
        ("GET", "/requests"),
        *(("POST", f"/requests/{uuid4()}/{act}") for act in ("approve", "reject", "withdraw", "execute")),
    ):
        async with client.request(method, f"/admin/clients{path}", json=WANTED, headers=headers) as response:
            assert response.status == (403 if who == "service" else 401), await response.text()
            assert response.headers["www-authenticate"].startswith("Bearer")
    assert await contents() == before


async def test_rotations_at_once_leave_two_secrets(database: Database) -> None:
    made = await register(parse_registration(WANTED), "operator", NOW)
    hour = timedelta(hours=1)
    shown = await race(
        database, "client_secrets", *(rotate(made.client_id, hour, "operator", NOW) for _ in range(2))
    )
    live = await tables.ClientSecret.filter(ends_at=None)
    assert (len({one.secret for one in shown}), len(live)) == (2, 1)
    assert await tables.ClientSecret.filter(ends_at__gt=NOW).count() <= 1


async def test_the_commands_do_the_same(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.url)
    monkeypatch.setenv("RENCANA_NOW", NOW.isoformat())

    async def run(group: Group, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, group, [*words])

    registered = await run(
        client_group, "register", "Dinas Contoh", "--contact", "data@contoh.example", "--scope", "status:read",
        "--provinsi", "Jawa Barat", "--npsn", "99000001",
    )  # fmt: skip
    assert registered.exit_code == 0, registered.output
    made = dict(line.split(": ", 1) for line in registered.output.splitlines())
    async with identity_at(database) as client:
        assert await opens(client, made["client_id"], made["client_secret"])
    rotated = await run(client_group, "rotate", made["client_id"])
    assert "the one before it ends 2024-01-06 03:00 UTC" in rotated.output
    listed = (await run(client_group, "list")).output
    assert (
        "Dinas Contoh  status:read  Prov. Jawa Barat, 99000001  secrets: until 2024-01-06 03:00 UTC" in listed
    )
    assert (await run(client_group, "revoke", made["client_id"])).output == "revoked\n"
    lines = (await run(audit_group, "list", "--client", made["client_id"])).output.splitlines()
    assert [line.split("  ")[1] for line in lines] == [
        "client.registered",
        "token",
        "client.rotated",
        "client.revoked",
    ]
    assert lines[0].endswith(f"scope=status:read  actor={get_operator()}")
    refused = await run(client_group, "register", "X", "--contact", "y", "--scope", "status:read")
    assert isinstance(refused.exception, RequestRefused)


async def test_planning_before_a_secret_that_was_rotated(database: Database) -> None:
    """What an operator does: rotate, start planning with the new secret, and nobody is without an answer."""
    wanted = parse_registration(
        {"name": "planning", "contact": "x", "scopes": ["registry:read"], "within": {"nationwide": True}}
    )
    made = await register(wanted, "operator", NOW)
    async with identity_at(database, env="prod") as client:
        old = await authorization(client, Credentials(str(made.client_id), made.secret))
        again = await rotate(made.client_id, timedelta(hours=1), "operator", NOW)
        new = await authorization(client, Credentials(str(made.client_id), again.secret))
        for headers in (old, new, await authorization(client, Credentials(str(made.client_id), made.secret))):
            async with client.get("/v1/changes", headers=headers) as response:
                assert response.status == 200
