"""`POST /token` with client credentials: tokens and every refusal."""

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
    connect_identity,
    dump_tables,
    list_codes,
    pool,
    serve_identity_at,
)

SECRET, OLD_SECRET, ENDED_SECRET = "rencana_secret_one", "rencana_secret_two", "rencana_secret_three"
PARTNER = Client(
    UUID(int=7), "Dinas Contoh", "admin@contoh.example", ("registry:read", "status:read"),
    Territory(provinsi=("Prov. Jawa Barat",)), NOW, "operator",
)  # fmt: skip
REVOKED_CLIENT = Client(
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
    async with connect_identity(await fresh_url("services.identity")) as database:
        for client in (PARTNER, REVOKED_CLIENT):
            await clients_store.insert_client(client, pool())
            await clients_store.insert_secret(client.id, hash_secret(f"{SECRET}{client.id}"), NOW, pool())
        await clients_store.insert_secret(
            PARTNER.id, hash_secret(OLD_SECRET), NOW - timedelta(days=9), pool()
        )
        await clients_store.insert_secret(
            PARTNER.id, hash_secret(ENDED_SECRET), NOW - timedelta(days=10), pool()
        )
        old_secret, ended_secret = (
            await tables.ClientSecret.get(hash=hash_secret(OLD_SECRET)),
            await tables.ClientSecret.get(hash=hash_secret(ENDED_SECRET)),
        )
        await clients_store.end_secret(old_secret.id, NOW + timedelta(seconds=1), pool())
        await clients_store.end_secret(ended_secret.id, NOW, pool())
        yield database


@pytest.fixture(scope="module")
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_identity_at(database) as client:
        yield client


GOOD = Credentials(str(PARTNER.id), f"{SECRET}{PARTNER.id}")
REVOKED = Credentials(str(REVOKED_CLIENT.id), f"{SECRET}{REVOKED_CLIENT.id}")
ANOTHERS = Credentials(GOOD.client_id, REVOKED.secret)


def basic(credentials: Credentials) -> dict[str, str]:
    return {"authorization": aiohttp.encode_basic_auth(credentials.client_id, credentials.secret)}


async def post(
    client: aiohttp.ClientSession, form: object, **headers: str
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    body = urlencode(form) if isinstance(form, dict | list) else form
    all_headers = {"content-type": "application/x-www-form-urlencoded", **headers}
    async with client.post("/token", data=body, headers=all_headers) as response:
        assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
        return response.status, await response.json(), response.headers


async def claims(client: aiohttp.ClientSession, token: str) -> dict[str, Any]:
    async with client.get("/.well-known/jwks.json") as response:
        keys = KeySet.import_key_set(await response.json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


async def test_client_gets_a_token_with_its_territory(client: aiohttp.ClientSession) -> None:
    async with client.post("/token", data=FORM | STATUS, headers=basic(GOOD)) as response:
        body, request = await response.json(), response.headers["x-request-id"]
    token = body.pop("access_token")
    assert body == {"token_type": "Bearer", "expires_in": 900, "scope": "status:read"}
    token_claims = await claims(client, token)
    assert token_claims.pop("jti")
    issued_at = int(NOW.timestamp())
    assert token_claims == {
        "iss": ISSUER, "sub": f"client:{PARTNER.id}", "client_id": str(PARTNER.id), "aud": "rencana-planning",
        "scope": "status:read", "within": {"provinsi": ["Prov. Jawa Barat"]},
        "iat": issued_at, "nbf": issued_at, "exp": issued_at + 900,
    }  # fmt: skip
    event = AuditEvent(NOW, AuditKind.TOKEN, client_id=PARTNER.id, scope="status:read", request_id=request)
    assert await audit_store.load_latest(1, None, None, pool()) == [event]


@pytest.mark.parametrize("secret", [GOOD.secret, OLD_SECRET])
async def test_two_secrets_are_valid_in_header_and_form(client: aiohttp.ClientSession, secret: str) -> None:
    form = FORM | STATUS | {"client_id": GOOD.client_id, "client_secret": secret, "empty": "", "unknown": "x"}
    status, body, _ = await post(client, form)
    assert (status, body["scope"]) == (200, "status:read")


async def test_older_secret_is_invalid_from_its_end(database: Database) -> None:
    async with serve_identity_at(database, NOW + timedelta(seconds=1)) as later:
        status, body, _ = await post(later, FORM | STATUS, **basic(Credentials(GOOD.client_id, OLD_SECRET)))
        assert (status, body["error"]) == (401, "invalid_client")
        assert (await post(later, FORM | STATUS, **basic(GOOD)))[0] == 200


async def test_planning_is_a_client_in_development(client: aiohttp.ClientSession) -> None:
    status, body, _ = await post(client, FORM, **basic(PLANNING))
    assert (status, body["scope"]) == (200, "registry:read")
    token_claims = await claims(client, body["access_token"])
    assert (token_claims["aud"], token_claims["within"]) == ("rencana-identity", {"nationwide": True})


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
    ("an ended secret", FORM, basic(Credentials(GOOD.client_id, ENDED_SECRET)), "invalid_client", "token.client"),
    ("another's secret", FORM, basic(ANOTHERS), "invalid_client", "token.client"),
    ("a revoked client", FORM, basic(REVOKED), "invalid_client", "token.client"),
    ("not base64", FORM, {"authorization": "Basic !"}, "invalid_client", "token.client"),
    ("no colon", FORM, {"authorization": f"Basic {b64encode(b'x').decode()}"}, "invalid_client", "token.client"),
    ("a bearer", FORM, {"authorization": "Bearer x"}, "invalid_client", "token.client"),
    ("two ways", FORM | {"client_secret": GOOD.secret}, basic(GOOD), "invalid_request", "token.client_twice"),
    ("two ids", FORM | {"client_id": str(REVOKED_CLIENT.id)}, basic(GOOD), "invalid_request", "token.client_twice"),
    ("another scope", FORM | {"scope": "admin"}, basic(GOOD), "invalid_scope", "token.scope"),
    ("half a scope", FORM | {"scope": "status:read admin"}, basic(GOOD), "invalid_scope", "token.scope"),
    ("two services", FORM, basic(GOOD), "invalid_scope", "token.one_audience"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "headers", "error", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
async def test_refusal_is_an_oauth_error_a_text_and_an_audit_event(
    client: aiohttp.ClientSession, form: object, headers: dict[str, str], error: str, code: str
) -> None:
    before = await dump_tables()
    status, body, response_headers = await post(client, form, **{"accept-language": "id", **headers})
    assert (status, body["error"], list_codes(body)) == (
        401 if error == "invalid_client" else 400,
        error,
        [code],
    )
    assert ("Basic" in response_headers.get("www-authenticate", "")) == (status == 401)
    description = body["error_description"]  # RFC 6749, section 5.2
    assert description.isascii()
    assert not set('"\\') & set(description)
    after = await dump_tables()
    (event,) = [row for row in after.pop("Audit") if row not in before["Audit"]]
    assert (event["kind"], event["outcome"]) == ("token", code)
    before.pop("Audit")
    assert after == before


async def test_audit_event_of_a_refused_secret_names_the_known_client_only(
    client: aiohttp.ClientSession,
) -> None:
    for credentials, about in (
        (Credentials(GOOD.client_id, "x"), PARTNER.id),
        (Credentials(str(UUID(int=9)), "x"), None),
    ):
        await post(client, FORM, **basic(credentials))
        assert [event.client_id for event in await audit_store.load_latest(1, None, None, pool())] == [about]


async def test_planning_must_be_registered_in_prod(database: Database) -> None:
    async with serve_identity_at(database, env="prod") as client:
        status, body, _ = await post(client, FORM, **basic(PLANNING))
        assert (status, body["error"]) == (401, "invalid_client")


async def test_token_endpoint_accepts_post_with_a_small_body_only(client: aiohttp.ClientSession) -> None:
    async with client.get("/token") as response:
        assert (response.status, response.headers["allow"]) == (405, "POST")
    async with client.post(
        "/token", data=b"a" * 9000, headers={"content-type": "application/x-www-form-urlencoded"}
    ) as response:
        assert response.status == 413


async def test_metadata_name_the_endpoints(client: aiohttp.ClientSession) -> None:
    async with client.get("/.well-known/oauth-authorization-server") as response:
        metadata = await response.json()
    assert (metadata["issuer"], metadata["token_endpoint"]) == (ISSUER, f"{ISSUER}/token")
    assert set(metadata["token_endpoint_auth_methods_supported"]) == {
        "client_secret_basic",
        "client_secret_post",
    }
    assert "client_credentials" in metadata["grant_types_supported"]
    assert {"status:read", "registry:read"} <= set(metadata["scopes_supported"])


async def test_secrets_are_not_logged(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        _, body, _ = await post(client, FORM | STATUS, **basic(GOOD))
        await post(client, FORM | {"scope": "admin"}, **basic(GOOD))
    assert "token issued to client" in caplog.text
    assert all(text not in caplog.text for text in (GOOD.secret, body["access_token"]))


async def test_tokens_stay_valid_after_a_key_rotation(
    database: Database, client: aiohttp.ClientSession
) -> None:
    _, before, _ = await post(client, FORM, **basic(PLANNING))
    await Keyring(DEV_KEY_SECRET).rotate(NOW)
    headers = {"authorization": f"Bearer {before['access_token']}"}
    async with client.get("/v1/changes", headers=headers) as response:
        assert response.status == 200
    async with serve_identity_at(database, NOW + timedelta(minutes=11)) as later:
        _, after, _ = await post(later, FORM, **basic(PLANNING))
        for token in (before, after):
            headers = {"authorization": f"Bearer {token['access_token']}"}
            async with later.get("/v1/changes", headers=headers) as response:
                assert response.status == 200
