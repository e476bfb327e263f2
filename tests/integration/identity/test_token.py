"""`POST /token`: what a client gets for its secret, and every way in which it gets nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.clients import store as clients_store
from services.identity.clients import tables
from services.identity.clients.model import Client, Territory
from services.identity.settings import DEV_KEY_SECRET
from services.identity.tokens.keys import Keyring
from services.kit.database import Database
from services.kit.secret import hash_secret
from services.planning.people.identity.credentials import Credentials
from tests.conftest import Fresh
from tests.credentials import FORM, PLANNING
from tests.integration.identity.environment import (
    ISSUER,
    NOW,
    codes_of,
    connected_identity,
    contents,
    identity_at,
    pool,
)

SECRET, OLD, ENDED = "rencana_secret_one", "rencana_secret_two", "rencana_secret_three"
PARTNER = Client(
    UUID(int=7), "Dinas Contoh", "admin@contoh.example", ("registry:read", "status:read"),
    Territory(provinsi=("Prov. Jawa Barat",)), NOW, "operator",
)  # fmt: skip
GONE = Client(
    UUID(int=8),
    "Mitra Lama",
    "lama@contoh.example",
    ("status:read",),
    Territory(nationwide=True),
    NOW,
    "x",
    NOW,
)
STATUS = {"scope": "status:read"}


@pytest.fixture(scope="module")
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with connected_identity(await fresh_url("services.identity")) as database:
        for client in (PARTNER, GONE):
            await clients_store.insert_client(client, pool())
            await clients_store.insert_secret(client.id, hash_secret(f"{SECRET}{client.id}"), NOW, pool())
        await clients_store.insert_secret(PARTNER.id, hash_secret(OLD), NOW - timedelta(days=9), pool())
        await clients_store.insert_secret(PARTNER.id, hash_secret(ENDED), NOW - timedelta(days=10), pool())
        old, ended = (
            await tables.ClientSecret.get(hash=hash_secret(OLD)),
            await tables.ClientSecret.get(hash=hash_secret(ENDED)),
        )
        await clients_store.end_secret(old.id, NOW + timedelta(seconds=1), pool())
        await clients_store.end_secret(ended.id, NOW, pool())
        yield database


@pytest.fixture(scope="module")
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with identity_at(database) as client:
        yield client


GOOD = Credentials(str(PARTNER.id), f"{SECRET}{PARTNER.id}")
REVOKED = Credentials(str(GONE.id), f"{SECRET}{GONE.id}")
ANOTHERS = Credentials(GOOD.client_id, REVOKED.secret)


def basic(credentials: Credentials) -> dict[str, str]:
    return {"authorization": aiohttp.encode_basic_auth(credentials.client_id, credentials.secret)}


async def post(
    client: aiohttp.ClientSession, form: object, **headers: str
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    body = urlencode(form) if isinstance(form, dict | list) else form
    given = {"content-type": "application/x-www-form-urlencoded", **headers}
    async with client.post("/token", data=body, headers=given) as response:
        assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
        return response.status, await response.json(), response.headers


async def claims(client: aiohttp.ClientSession, token: str) -> dict[str, Any]:
    async with client.get("/.well-known/jwks.json") as response:
        keys = KeySet.import_key_set(await response.json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


async def test_a_client_gets_a_token_in_its_own_name_within_its_limits(client: aiohttp.ClientSession) -> None:
    async with client.post("/token", data=FORM | STATUS, headers=basic(GOOD)) as response:
        told, request = await response.json(), response.headers["x-request-id"]
    token = told.pop("access_token")
    assert told == {"token_type": "Bearer", "expires_in": 900, "scope": "status:read"}
    said = await claims(client, token)
    assert said.pop("jti")
    issued = int(NOW.timestamp())
    assert said == {
        "iss": ISSUER, "sub": f"client:{PARTNER.id}", "client_id": str(PARTNER.id), "aud": "rencana-planning",
        "scope": "status:read", "within": {"provinsi": ["Prov. Jawa Barat"]},
        "iat": issued, "nbf": issued, "exp": issued + 900,
    }  # fmt: skip
    event = AuditEvent(NOW, AuditKind.TOKEN, client_id=PARTNER.id, scope="status:read", request_id=request)
    assert await audit_store.load_latest(1, None, None, pool()) == [event]


@pytest.mark.parametrize("secret", [GOOD.secret, OLD])
async def test_two_secrets_open_side_by_side_by_the_form_too(
    client: aiohttp.ClientSession, secret: str
) -> None:
    form = FORM | STATUS | {"client_id": GOOD.client_id, "client_secret": secret, "empty": "", "unknown": "x"}
    status, told, _ = await post(client, form)
    assert (status, told["scope"]) == (200, "status:read")


async def test_an_older_secret_ends_at_its_instant(database: Database) -> None:
    async with identity_at(database, NOW + timedelta(seconds=1)) as later:
        status, told, _ = await post(later, FORM | STATUS, **basic(Credentials(GOOD.client_id, OLD)))
        assert (status, told["error"]) == (401, "invalid_client")
        assert (await post(later, FORM | STATUS, **basic(GOOD)))[0] == 200


async def test_planning_needs_no_registering_in_development(client: aiohttp.ClientSession) -> None:
    status, told, _ = await post(client, FORM, **basic(PLANNING))
    assert (status, told["scope"]) == (200, "registry:read")
    said = await claims(client, told["access_token"])
    assert (said["aud"], said["within"]) == ("rencana-identity", {"nationwide": True})


WRONG: list[tuple[str, object, dict[str, str], str, str]] = [
    ("no form", b"{}", {"content-type": "application/json"}, "invalid_request", "token.not_form"),
    ("no text", b"\xff\xfe", {}, "invalid_request", "token.not_form"),
    ("no UTF-8", b"grant_type=%ff", {}, "invalid_request", "token.not_form"),
    ("too many fields", "&".join(f"a{n}=1" for n in range(30)), {}, "invalid_request", "token.not_form"),
    ("nothing", "", {}, "invalid_request", "token.missing"),
    ("an empty grant", {"grant_type": ""}, basic(GOOD), "invalid_request", "token.missing"),
    ("a grant twice", "grant_type=client_credentials&grant_type=x", {}, "invalid_request", "token.twice"),
    ("another grant", {"grant_type": "password"}, basic(GOOD), "unsupported_grant_type", "token.grant_type"),
    ("nobody", FORM, {}, "invalid_client", "token.client"),
    ("an id alone", FORM | {"client_id": GOOD.client_id}, {}, "invalid_client", "token.client"),
    ("no UUID", FORM, basic(Credentials("planning", "x")), "invalid_client", "token.client"),
    ("nobody's id", FORM, basic(Credentials(str(UUID(int=9)), GOOD.secret)), "invalid_client", "token.client"),
    ("a wrong secret", FORM, basic(Credentials(GOOD.client_id, "x")), "invalid_client", "token.client"),
    ("an ended secret", FORM, basic(Credentials(GOOD.client_id, ENDED)), "invalid_client", "token.client"),
    ("another's secret", FORM, basic(ANOTHERS), "invalid_client", "token.client"),
    ("a revoked client", FORM, basic(REVOKED), "invalid_client", "token.client"),
    ("not base64", FORM, {"authorization": "Basic !"}, "invalid_client", "token.client"),
    ("no colon", FORM, {"authorization": f"Basic {b64encode(b'x').decode()}"}, "invalid_client", "token.client"),
    ("a bearer", FORM, {"authorization": "Bearer x"}, "invalid_client", "token.client"),
    ("two ways", FORM | {"client_secret": GOOD.secret}, basic(GOOD), "invalid_request", "token.client_twice"),
    ("two ids", FORM | {"client_id": str(GONE.id)}, basic(GOOD), "invalid_request", "token.client_twice"),
    ("another scope", FORM | {"scope": "admin"}, basic(GOOD), "invalid_scope", "token.scope"),
    ("half a scope", FORM | {"scope": "status:read admin"}, basic(GOOD), "invalid_scope", "token.scope"),
    ("two services", FORM, basic(GOOD), "invalid_scope", "token.one_audience"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "headers", "error", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
async def test_every_refusal_is_a_word_of_the_standard_a_sentence_and_an_event(
    client: aiohttp.ClientSession, form: object, headers: dict[str, str], error: str, code: str
) -> None:
    before = await contents()
    status, told, heads = await post(client, form, **{"accept-language": "id", **headers})
    assert (status, told["error"], codes_of(told)) == (
        401 if error == "invalid_client" else 400,
        error,
        [code],
    )
    assert ("Basic" in heads.get("www-authenticate", "")) == (status == 401)
    described = told["error_description"]  # RFC 6749, section 5.2
    assert described.isascii()
    assert not set('"\\') & set(described)
    after = await contents()
    (event,) = [row for row in after.pop("Audit") if row not in before["Audit"]]
    assert (event["kind"], event["outcome"]) == ("token", code)
    before.pop("Audit")
    assert after == before


async def test_a_refused_secret_is_told_of_its_client_and_of_nobody_else(
    client: aiohttp.ClientSession,
) -> None:
    for credentials, about in (
        (Credentials(GOOD.client_id, "x"), PARTNER.id),
        (Credentials(str(UUID(int=9)), "x"), None),
    ):
        await post(client, FORM, **basic(credentials))
        assert [event.client_id for event in await audit_store.load_latest(1, None, None, pool())] == [about]


async def test_in_prod_planning_is_nobody_until_it_is_registered(database: Database) -> None:
    async with identity_at(database, env="prod") as client:
        status, told, _ = await post(client, FORM, **basic(PLANNING))
        assert (status, told["error"]) == (401, "invalid_client")


async def test_only_post_is_served_and_only_a_small_body(client: aiohttp.ClientSession) -> None:
    async with client.get("/token") as response:
        assert (response.status, response.headers["allow"]) == (405, "POST")
    async with client.post(
        "/token", data=b"a" * 9000, headers={"content-type": "application/x-www-form-urlencoded"}
    ) as response:
        assert response.status == 413


async def test_a_library_can_read_what_it_must_know(client: aiohttp.ClientSession) -> None:
    async with client.get("/.well-known/oauth-authorization-server") as response:
        told = await response.json()
    assert (told["issuer"], told["token_endpoint"]) == (ISSUER, f"{ISSUER}/token")
    assert set(told["token_endpoint_auth_methods_supported"]) == {"client_secret_basic", "client_secret_post"}
    assert "client_credentials" in told["grant_types_supported"]
    assert {"status:read", "registry:read"} <= set(told["scopes_supported"])


async def test_no_secret_is_written_to_the_log(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        _, told, _ = await post(client, FORM | STATUS, **basic(GOOD))
        await post(client, FORM | {"scope": "admin"}, **basic(GOOD))
    assert "token issued to client" in caplog.text
    assert all(text not in caplog.text for text in (GOOD.secret, told["access_token"]))


async def test_a_key_that_is_rotated_puts_no_client_out(
    database: Database, client: aiohttp.ClientSession
) -> None:
    _, before, _ = await post(client, FORM, **basic(PLANNING))
    await Keyring(DEV_KEY_SECRET).rotate(NOW)
    headers = {"authorization": f"Bearer {before['access_token']}"}
    async with client.get("/v1/changes", headers=headers) as response:
        assert response.status == 200
    async with identity_at(database, NOW + timedelta(minutes=11)) as later:
        _, after, _ = await post(later, FORM, **basic(PLANNING))
        for token in (before, after):
            headers = {"authorization": f"Bearer {token['access_token']}"}
            async with later.get("/v1/changes", headers=headers) as response:
                assert response.status == 200
