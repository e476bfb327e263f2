from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from services.identity.api.edges import build_exception_handlers
from services.identity.api.push import (
    MAX_BUNDLE_BYTES,
    MAX_PROBLEMS,
    PUSHES_PER_MINUTE,
    WRONG_TOKEN_COST,
    PushLimits,
    push_routes,
)
from services.identity.audit import store as audit_store
from services.identity.people import store as people_store
from services.identity.people.queries import answer_teacher
from services.identity.people.tables import Account
from services.identity.registry.commands import issue_push_token, revoke_push_tokens
from services.identity.registry.json_input import MAX_ROWS
from services.identity.registry.tables import PushCredential
from services.identity.settings import MESSAGE_FILES
from services.kit.clock import Clock
from services.kit.database import Database, DatabaseMiddleware
from services.kit.http import RequestLog
from services.kit.problems import Messages
from services.kit.rate_limit import RateLimit
from tests.identity_samples import NPSN, OTHER_NPSN, PASSWORD, bundle, gtk, kepala, pengguna, ptk, sekolah
from tests.integration.identity.environment import load_heads, load_headships_of, pool
from tests.serving import serving
from workflows.model.messages import format_value

NOW = datetime(2024, 1, 5, 3, tzinfo=UTC)
MESSAGES = Messages.load(*MESSAGE_FILES, format_value=format_value)


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    app = Starlette(
        routes=push_routes(MESSAGES, Clock(NOW), PushLimits(RateLimit("address", 600)), database),
        middleware=[Middleware(RequestLog), Middleware(DatabaseMiddleware, database=database)],
        exception_handlers=build_exception_handlers(MESSAGES),
    )
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def _push(
    client: aiohttp.ClientSession, token: str | None, value: Any, npsn: str = NPSN, **headers: str
) -> tuple[int, Any]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = {"content-type": "application/json"} | headers
    if token is not None:
        headers["authorization"] = token
    async with client.put(f"/v1/schools/{npsn}/dapodik", data=BytesIO(data), headers=headers) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text.startswith("{") else text


async def test_push_returns_the_report_of_changes(client: aiohttp.ClientSession) -> None:
    token = f"Bearer {await issue_push_token(NPSN, NOW)}"
    status, report = await _push(client, token, bundle(gtk(1), gtk(2, nip=5), users=[pengguna(1)]))
    assert status == 200
    assert [(item["kind"], item["key"]) for item in report["new"]] == [
        ("school", NPSN),
        ("teacher", str(ptk(1))),
    ]
    assert [(one["code"], one["path"]) for one in report["refused"]] == [
        ("identifier.number", ["getGtk", "rows", "1", "nip"])
    ]
    assert report["refused"][0]["message"].startswith("Isian nip dikirim sebagai bilangan")
    assert await people_store.load_school_read_at(NPSN, pool()) == NOW
    status, again = await _push(client, token, bundle(gtk(1), gtk(2, nip=5)))
    assert (status, again["new"], again["changed"], again["left"], again["unchanged"]) == (200, [], [], [], 2)


async def test_push_opens_no_account_and_returns_no_password(client: aiohttp.ClientSession) -> None:
    token = f"Bearer {await issue_push_token(NPSN, NOW)}"
    users = [pengguna(1), pengguna(2, username=5)]
    status, report = await _push(client, token, bundle(gtk(1), users=users) | {"password": PASSWORD})
    assert (status, PASSWORD in json.dumps(report), await Account.all().count()) == (200, False, 0)


async def is_registry_empty() -> bool:
    return not await people_store.select_changes_after(
        0, 1, pool()
    ) and not await people_store.load_teacher_names([ptk(1)], pool())


@pytest.mark.parametrize(
    "scheme", [None, "", "Bearer", "Bearer wrong", "Basic {token}", "{token}", "Bearer {other}"]
)
async def test_push_without_the_schools_token_changes_nothing(
    client: aiohttp.ClientSession, scheme: str | None
) -> None:
    token, other_token = await issue_push_token(NPSN, NOW), await issue_push_token(OTHER_NPSN, NOW)
    header = None if scheme is None else scheme.format(token=token, other=other_token)
    status, answer = await _push(client, header, bundle(gtk(1)))
    assert (status, [one["code"] for one in answer["problems"]]) == (401, ["push.credential"])
    assert await is_registry_empty()


async def test_revoked_or_replaced_push_token_is_refused(client: aiohttp.ClientSession) -> None:
    first = await issue_push_token(NPSN, NOW)
    second = await issue_push_token(NPSN, NOW)
    assert (await _push(client, f"Bearer {first}", bundle(gtk(1))))[0] == 401
    assert await revoke_push_tokens(NPSN, NOW, pool()) == 1
    assert (await _push(client, f"Bearer {second}", bundle(gtk(1))))[0] == 401
    assert await is_registry_empty()


async def test_push_token_is_stored_as_a_hash(client: aiohttp.ClientSession) -> None:
    token = await issue_push_token(NPSN, NOW)
    credential = await PushCredential.get(npsn=NPSN)
    assert token not in {str(value) for value in vars(credential).values()}


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [
        (bundle(gtk(1), school=sekolah(OTHER_NPSN)), 422, "push.other_school"),
        (b"{", 422, "json.unreadable"),
        (b"\xff", 422, "json.unreadable"),
        (b"[" * 200_000, 422, "json.unreadable"),
        ([bundle(gtk(1))], 422, "bundle.no_school"),
        ({"success": False, "message": "Aplikasi tidak terdaftar pada Web Service Dapodik"}, 422,
         "dapodik.not_registered"),
    ],
)  # fmt: skip
async def test_push_of_another_bundle_changes_nothing(
    client: aiohttp.ClientSession, value: Any, status: int, code: str
) -> None:
    token = f"Bearer {await issue_push_token(NPSN, NOW)}"
    got, answer = await _push(client, token, value, **{"accept-language": "en"})
    assert (got, [one["code"] for one in answer["problems"]]) == (status, [code])
    assert answer["problems"][0]["message"] != code
    assert await is_registry_empty()


async def test_push_of_another_type_or_too_large_is_refused(client: aiohttp.ClientSession) -> None:
    token = f"Bearer {await issue_push_token(NPSN, NOW)}"
    assert (await _push(client, token, b"a=1", **{"content-type": "text/plain"}))[0] == 415
    status, answer = await _push(client, token, b" " * (MAX_BUNDLE_BYTES + 1))
    assert (status, [one["code"] for one in answer["problems"]]) == (413, ["push.too_large"])
    assert await is_registry_empty()


async def test_rows_are_bounded_and_their_problems_are_counted(client: aiohttp.ClientSession) -> None:
    token = f"Bearer {await issue_push_token(NPSN, NOW)}"
    status, answer = await _push(client, token, bundle(*({} for _ in range(MAX_ROWS + 1))))
    assert (status, [one["code"] for one in answer["problems"]]) == (422, ["dapodik.too_many_rows"])
    assert await is_registry_empty()

    status, report = await _push(client, token, bundle(*({} for _ in range(1000))))
    assert (status, report["refused_rows"], len(report["refused"])) == (200, 1000, MAX_PROBLEMS)


async def test_wrong_tokens_of_an_address_are_limited_and_audited_once(client: aiohttp.ClientSession) -> None:
    await issue_push_token(NPSN, NOW)
    statuses = [(await _push(client, "Bearer wrong", {}))[0] for _ in range(600 // WRONG_TOKEN_COST + 2)]
    assert (statuses[0], statuses[-1], set(statuses)) == (401, 429, {401, 429})
    assert await is_registry_empty()
    events = await audit_store.load_latest(10, None, None, pool())
    assert [(event.kind, event.outcome, event.actor) for event in events] == [
        ("push", "push.credential", "127.0.0.1")
    ]


async def test_pushes_of_a_school_are_limited(client: aiohttp.ClientSession) -> None:
    token, other = [f"Bearer {await issue_push_token(npsn, NOW)}" for npsn in (NPSN, OTHER_NPSN)]
    statuses = [(await _push(client, token, {}))[0] for _ in range(PUSHES_PER_MINUTE + 1)]
    assert (statuses[:-1], statuses[-1]) == ([422] * PUSHES_PER_MINUTE, 429)
    assert (await _push(client, other, {}, OTHER_NPSN))[0] == 422


async def test_npsn_in_the_path_may_be_in_lower_case(client: aiohttp.ClientSession) -> None:
    token = f"Bearer {await issue_push_token('P9900001', NOW)}"
    status, _ = await _push(client, token, bundle(gtk(1), school=sekolah("P9900001")), npsn="p9900001")
    assert status == 200


async def test_push_cannot_take_the_principal_of_another_school(client: aiohttp.ClientSession) -> None:
    own = f"Bearer {await issue_push_token(NPSN, NOW)}"
    other_authorization = f"Bearer {await issue_push_token(OTHER_NPSN, NOW)}"
    await _push(client, own, bundle(kepala(9), gtk(1)))
    before = await answer_teacher(ptk(9), NOW, pool())
    claim = kepala(9, nama="Nama Lain", tanggal_surat_tugas="2024-01-05")
    value = bundle(claim, gtk(1, tanggal_surat_tugas="2100-01-01"), school=sekolah(OTHER_NPSN))
    status, report = await _push(client, other_authorization, value, OTHER_NPSN)
    assert status == 200
    assert [(one["code"], NPSN in one["message"]) for one in report["warnings"]] == [
        ("induk.claim_refused", True)
    ]
    assert [one["code"] for one in report["refused"]] == ["field.in_the_future"]
    heads = await load_heads([NPSN, OTHER_NPSN], NOW.date())
    assert [(heads[npsn].kind, heads[npsn].ptk_id) for npsn in (NPSN, OTHER_NPSN)] == [
        ("definitif", ptk(9)),
        ("kosong", None),
    ]
    after = await answer_teacher(ptk(9), NOW, pool())
    assert (after["facts"], after["headships"]) == (before["facts"], before["headships"])
    assert [(one["npsn"], one["kind"]) for one in await load_headships_of(ptk(9), NOW)] == [
        (NPSN, "definitif")
    ]
