from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from services.identity.settings import DEV_KEY_SECRET
from services.identity.tokens import store as tokens_store
from services.identity.tokens import tables
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import MAX_CLOCK_SKEW, PUBLISHED_BEFORE_USE, TOKEN_LIFETIME
from services.kit.database import Database
from services.kit.settings import SettingsError
from tests.integration.identity.environment import (
    NOW,
    import_registry,
    pool,
    run_concurrently,
    serve_identity_at,
    sign_in,
)
from tests.until import PATIENCE

SECRET = "a-key-secret-of-the-tests-of-32-characters"


async def fetch_keys(client: aiohttp.ClientSession) -> list[dict[str, Any]]:
    async with client.get("/.well-known/jwks.json") as response:
        keys: list[dict[str, Any]] = (await response.json())["keys"]
        return keys


async def list_key_ids(database: Database, now: datetime) -> tuple[str, list[str]]:
    """Return the key that signs at an instant, and the published keys."""
    async with serve_identity_at(database, now) as client:
        _, answer = await sign_in(client, "satu@guru.sd.belajar.id")
        signs = jws.extract_compact(answer["access_token"].encode()).headers()["kid"]
        return signs, [key["kid"] for key in await fetch_keys(client)]


async def test_concurrently_starting_processes_create_one_key(database: Database) -> None:
    await run_concurrently(
        database, "signing_key", *(Keyring(SECRET).ensure_signing_key(NOW) for _ in range(8))
    )
    assert await tables.SigningKey.all().count() == 1


async def test_jwks_has_public_members_only_and_may_be_cached(database: Database) -> None:
    async with serve_identity_at(database) as client, client.get("/.well-known/jwks.json") as response:
        assert response.headers["cache-control"] == "public, max-age=300"
        (key,) = (await response.json())["keys"]
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
        again = await client.get(
            "/.well-known/jwks.json", headers={"if-none-match": response.headers["etag"]}
        )
        assert (again.status, again.headers["cache-control"]) == (304, "public, max-age=300")


@pytest.mark.usefixtures("database")
async def test_private_key_is_stored_encrypted() -> None:
    await Keyring(SECRET).ensure_signing_key(NOW)
    (key,) = await tokens_store.load_keys(pool())
    assert key.private_pem.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert "d" not in key.public_jwk
    assert ECKey.import_key(key.private_pem, password=SECRET).is_private
    with pytest.raises(SettingsError, match="RENCANA_KEY_SECRET"):
        await Keyring(SECRET + "x").ensure_signing_key(NOW)
    assert await tokens_store.load_keys(pool()) == [key]


async def test_wrong_key_secret_is_reported_on_one_line(database: Database) -> None:
    await Keyring(SECRET).ensure_signing_key(datetime.now(UTC))
    environment = {
        "RENCANA_ENV": "dev",
        "RENCANA_IDENTITY_DATABASE_URL": database.dsn.replace("postgresql", "asyncpg", 1),
        "RENCANA_IDENTITY_PORT": "8001",
        "RENCANA_KEY_SECRET": SECRET + "x",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from services.cli import main; main()", "identity", "serve",
        env=os.environ | environment, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        out, complaint = await process.communicate()
    assert (process.returncode, out.decode()) == (1, "")
    assert complaint.decode() == "settings: RENCANA_KEY_SECRET does not decrypt the stored signing keys\n"


async def test_new_key_is_published_at_once_and_signs_later(database: Database) -> None:
    await import_registry()
    async with serve_identity_at(database) as client:
        (old,) = [key["kid"] for key in await fetch_keys(client)]
        new = (await Keyring(DEV_KEY_SECRET).rotate(NOW)).kid
        assert [key["kid"] for key in await fetch_keys(client)] == [old, new]
    takes_over = NOW + PUBLISHED_BEFORE_USE
    second = timedelta(seconds=1)
    assert await list_key_ids(database, takes_over - second) == (old, [old, new])
    assert await list_key_ids(database, takes_over) == (new, [old, new])
    assert await list_key_ids(database, takes_over + TOKEN_LIFETIME) == (new, [old, new])
    assert await list_key_ids(database, takes_over + TOKEN_LIFETIME + MAX_CLOCK_SKEW) == (new, [new])


async def test_concurrent_rotations_are_serialized(database: Database) -> None:
    await Keyring(SECRET).ensure_signing_key(NOW)
    await run_concurrently(database, "signing_key", *(Keyring(SECRET).rotate(NOW) for _ in range(3)))
    keys = await tokens_store.load_keys(pool())
    assert (len(keys), [key.retired_at for key in keys].count(None)) == (4, 1)


async def test_signing_key_is_found_after_the_clock_was_set_back(database: Database) -> None:
    await import_registry()
    async with serve_identity_at(database, NOW + timedelta(days=300)):
        pass
    signs, published = await list_key_ids(database, NOW)
    assert len(published) == 2
    assert signs in published


async def test_no_secret_key_token_or_address_reaches_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await import_registry()
    async with serve_identity_at(database) as client:
        _, answer = await sign_in(client, "satu@guru.sd.belajar.id")
        await sign_in(client, "lama@guru.smp.belajar.id")
        await Keyring(DEV_KEY_SECRET).rotate(NOW)
    assert "token issued to account" in caplog.text
    assert "admission.closed" in caplog.text
    for secret in (answer["access_token"], "PRIVATE KEY", DEV_KEY_SECRET, "belajar.id", "198502032010012"):
        assert secret not in caplog.text
