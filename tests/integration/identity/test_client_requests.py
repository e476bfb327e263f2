"""Change requests for API clients, which one person proposes and another approves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from click.testing import CliRunner, Result

from services.identity.accounts.commands import grant_scope, import_accounts
from services.identity.accounts.tables import Grant
from services.identity.audit import store as audit_store
from services.identity.cli.clients import clients as client_group
from services.identity.clients import tables
from services.kit.change_request import EXPIRES_AFTER
from services.kit.database import Database
from services.kit.problems import RequestRefused
from tests.identity_samples import ptk
from tests.integration.identity.clients import ADMIN, REGISTRATION, TEACHER, authorize, is_secret_valid, send
from tests.integration.identity.environment import (
    NOW,
    dump_tables,
    find_account_id,
    list_codes,
    pool,
    serve_identity_at,
)

NATIONWIDE_REGISTRATION = REGISTRATION | {"within": {"nationwide": True}, "reason": "Pemantauan nasional."}
REASON = {"reason": "Diperiksa."}
# a teacher who is an admin with two accounts, and another admin
AUTHOR, OTHER_ACCOUNT, SECOND = TEACHER, "satu.lagi@guru.sd.belajar.id", ADMIN


@pytest.fixture
def database(filled_database: Database) -> Database:
    return filled_database


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
async def test_nationwide_limits_need_two_persons(
    database: Database, client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", database.url)
    monkeypatch.setenv("RENCANA_NOW", NOW.isoformat())

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, client_group, [*words])

    client_id = (await send(client, "", REGISTRATION, email=AUTHOR))[1]["client_id"]
    before = (await tables.Client.get(id=client_id)).territory
    proposal = await run("limit", client_id, "--nationwide", "--reason", "Pemantauan nasional.")
    id = proposal.output.split()[1]
    assert (await tables.Client.get(id=client_id)).territory == before
    assert isinstance((await run("execute", id)).exception, RequestRefused)
    assert (await send(client, f"/requests/{id}/approve", REASON, email=SECOND))[0] == 200
    assert (await run("execute", id)).output == "changed\n"
    assert (await tables.Client.get(id=client_id)).territory == {"nationwide": True}
    assert isinstance((await run("execute", id)).exception, RequestRefused)


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
