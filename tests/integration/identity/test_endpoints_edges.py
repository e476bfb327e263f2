from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest

from services.identity.app import MAX_BODY_BYTES
from services.identity.settings import DEV_KEY_SECRET, IdentitySettings
from services.kit.database import Database
from services.kit.http import SECURITY_HEADERS
from services.kit.settings import SettingsError, load_settings
from tests.credentials import authorization
from tests.integration.identity.environment import codes_of, identity_at

SECRET = "a-secret-of-the-tests-of-32-characters-or-more"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    async with identity_at(database) as client:
        yield client


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
async def test_what_is_not_served_is_a_problem_in_both_languages(
    client: aiohttp.ClientSession, method: str, path: str, status: int, code: str
) -> None:
    sentences = set()
    for language in ("id", "en"):
        async with client.request(method, path, headers={"accept-language": language}) as response:
            assert (response.status, response.headers["content-language"]) == (status, language)
            assert status != 405 or response.headers["allow"]
            answer = await response.json()
            assert codes_of(answer) == [code]
            sentences.add(answer["problems"][0]["message"])
    assert len(sentences) == 2


async def test_a_body_too_large_is_refused_wherever_it_is_sent(client: aiohttp.ClientSession) -> None:
    headers = {"content-type": "application/json", "content-length": str(MAX_BODY_BYTES + 1)}
    async with client.get("/v1/changes", data=b"", headers=await authorization(client) | headers) as response:
        assert (response.status, codes_of(await response.json())) == (413, ["http.too_large"])


async def test_a_fault_tells_nothing_of_the_inside(client: aiohttp.ClientSession, database: Database) -> None:
    await database.context.db().execute_query("DROP TABLE changes")
    async with client.get("/v1/changes", headers=await authorization(client)) as response:
        text = await response.text()
        assert (response.status, codes_of(await response.json())) == (500, ["http.fault"])
        assert response.headers["x-request-id"]
        assert all(response.headers[name] == value for name, value in SECURITY_HEADERS.items())
    assert "relation" not in text
    assert "changes" not in text


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/v1/changes", "/.well-known/jwks.json"])
async def test_every_answer_has_the_same_few_headers(client: aiohttp.ClientSession, path: str) -> None:
    own = {"cache-control"} if path == "/.well-known/jwks.json" else set()
    async with client.get(path) as response:
        for name, value in SECURITY_HEADERS.items():
            assert (response.headers.getall(name) == [value]) == (name not in own)
        assert response.headers["x-request-id"]


async def test_readiness_follows_the_database_and_health_does_not(
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
    ("changed", "named"),
    [
        ({"IDENTITY_DATABASE_URL": None}, "RENCANA_IDENTITY_DATABASE_URL"),
        ({"KEY_SECRET": None}, "RENCANA_KEY_SECRET"),
        ({"KEY_SECRET": "short"}, "RENCANA_KEY_SECRET"),
        ({"KEY_SECRET": DEV_KEY_SECRET}, "RENCANA_KEY_SECRET"),
        ({"KEY_SECRET_PREVIOUS": SECRET}, "RENCANA_KEY_SECRET and RENCANA_KEY_SECRET_PREVIOUS have the same"),
        ({"NOW": "2024-02-01T00:00:00Z"}, "RENCANA_NOW"),
    ],
)
def test_prod_does_not_start_with_a_missing_weak_or_development_setting(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | None], named: str
) -> None:
    good = {
        "ENV": "prod",
        "IDENTITY_DATABASE_URL": "asyncpg://localhost/identity",
        "KEY_SECRET": SECRET,
    }
    for name, value in (good | changed).items():
        monkeypatch.delenv(f"RENCANA_{name}", raising=False)
        if value is not None:
            monkeypatch.setenv(f"RENCANA_{name}", value)
    with pytest.raises(SettingsError, match=named) as refusal:
        load_settings(IdentitySettings)
    assert all(secret not in str(refusal.value) for secret in (SECRET, DEV_KEY_SECRET))
