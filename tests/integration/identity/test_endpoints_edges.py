from __future__ import annotations

import aiohttp
import asyncpg
import pytest

from services.identity.app import MAX_BODY_BYTES
from services.identity.settings import DEV_KEY_SECRET, IdentitySettings
from services.kit.database import Database
from services.kit.http import SECURITY_HEADERS
from services.kit.settings import SettingsError, load_settings
from tests.credentials import authorization
from tests.integration.identity.environment import list_codes

SECRET = "a-secret-of-the-tests-of-32-characters-or-more"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "http.not_found"),
        ("GET", "/v1/teachers", 404, "http.not_found"),
        ("GET", "/v1/teachers/1/2", 404, "http.not_found"),
        ("GET", "/dev/token", 405, "http.method_not_allowed"),
        ("POST", "/v1/changes", 405, "http.method_not_allowed"),
        ("DELETE", "/.well-known/jwks.json", 405, "http.method_not_allowed"),
    ],
)
async def test_unknown_path_or_method_is_a_problem_in_both_languages(
    client: aiohttp.ClientSession, method: str, path: str, status: int, code: str
) -> None:
    sentences = set()
    for language in ("id", "en"):
        async with client.request(method, path, headers={"accept-language": language}) as response:
            assert (response.status, response.headers["content-language"]) == (status, language)
            assert status != 405 or response.headers["allow"]
            answer = await response.json()
            assert list_codes(answer) == [code]
            sentences.add(answer["problems"][0]["message"])
    assert len(sentences) == 2


async def test_large_body_is_refused_at_every_path(client: aiohttp.ClientSession) -> None:
    headers = {"content-type": "application/json", "content-length": str(MAX_BODY_BYTES + 1)}
    async with client.get("/v1/changes", data=b"", headers=await authorization(client) | headers) as response:
        assert (response.status, list_codes(await response.json())) == (413, ["http.too_large"])


async def test_fault_reveals_no_details(client: aiohttp.ClientSession, database: Database) -> None:
    await database.context.db().execute_query("DROP TABLE registry_change")
    async with client.get("/v1/changes", headers=await authorization(client)) as response:
        text = await response.text()
        assert (response.status, list_codes(await response.json())) == (500, ["http.fault"])
        assert response.headers["x-request-id"]
        assert all(response.headers[name] == value for name, value in SECURITY_HEADERS.items())
    assert "relation" not in text
    assert "registry_change" not in text


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/changes", "/.well-known/jwks.json"])
async def test_every_response_has_security_headers(client: aiohttp.ClientSession, path: str) -> None:
    own = {"cache-control"} if path == "/.well-known/jwks.json" else set()
    async with client.get(path) as response:
        for name, value in SECURITY_HEADERS.items():
            assert (response.headers.getall(name) == [value]) == (name not in own)
        assert response.headers["x-request-id"]


async def test_readiness_depends_on_the_database_and_liveness_does_not(
    client: aiohttp.ClientSession, database: Database
) -> None:
    async with client.get("/readyz") as response:
        assert (response.status, await response.text()) == (200, "ready")
    place, _, name = database.dsn.rpartition("/")
    administration = await asyncpg.connect(f"{place}/postgres")
    await administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await administration.close()
    async with client.get("/readyz") as response:
        assert (response.status, await response.text()) == (503, "not ready")
    async with client.get("/healthz") as response:
        assert response.status == 200
    async with client.get("/metrics") as response:
        assert "rencana_http_seconds" in await response.text()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"IDENTITY_DATABASE_URL": None}, "RENCANA_IDENTITY_DATABASE_URL"),
        ({"KEY_SECRET": None}, "RENCANA_KEY_SECRET"),
        ({"KEY_SECRET": "short"}, "RENCANA_KEY_SECRET"),
        ({"KEY_SECRET": DEV_KEY_SECRET}, "RENCANA_KEY_SECRET"),
        ({"KEY_SECRET_PREVIOUS": SECRET}, "RENCANA_KEY_SECRET and RENCANA_KEY_SECRET_PREVIOUS have the same"),
        ({"NOW": "2024-02-01T00:00:00Z"}, "RENCANA_NOW"),
    ],
)
def test_prod_refuses_missing_weak_and_development_settings(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str | None], message: str
) -> None:
    good = {
        "ENV": "prod",
        "IDENTITY_DATABASE_URL": "asyncpg://localhost/identity",
        "KEY_SECRET": SECRET,
    }
    for name, value in (good | environment).items():
        monkeypatch.delenv(f"RENCANA_{name}", raising=False)
        if value is not None:
            monkeypatch.setenv(f"RENCANA_{name}", value)
    with pytest.raises(SettingsError, match=message) as refusal:
        load_settings(IdentitySettings)
    assert all(secret not in str(refusal.value) for secret in (SECRET, DEV_KEY_SECRET))
