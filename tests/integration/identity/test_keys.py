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
from tests.integration.identity.environment import NOW, fill, identity_at, pool, race, sign_in
from tests.until import PATIENCE

SECRET = "a-key-secret-of-the-tests-of-32-characters"


async def _shown(client: aiohttp.ClientSession) -> list[dict[str, Any]]:
    async with client.get("/.well-known/jwks.json") as response:
        found: list[dict[str, Any]] = (await response.json())["keys"]
        return found


async def _kids_at(database: Database, now: datetime) -> tuple[str, list[str]]:
    """The key that signs at an instant, by a token signed then, and those that are shown then."""
    async with identity_at(database, now) as client:
        _, answer = await sign_in(client, "satu@guru.sd.belajar.id")
        signs = jws.extract_compact(answer["access_token"].encode()).headers()["kid"]
        return signs, [key["kid"] for key in await _shown(client)]


async def test_processes_that_start_at_once_make_one_key(database: Database) -> None:
    await race(database, "signing_keys", *(Keyring(SECRET).ensure_signing_key(NOW) for _ in range(8)))
    assert await tables.SigningKey.all().count() == 1


async def test_only_public_members_are_shown_and_for_a_while(database: Database) -> None:
    async with identity_at(database) as client, client.get("/.well-known/jwks.json") as response:
        assert response.headers["cache-control"] == "public, max-age=300"
        (key,) = (await response.json())["keys"]
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
        again = await client.get(
            "/.well-known/jwks.json", headers={"if-none-match": response.headers["etag"]}
        )
        assert (again.status, again.headers["cache-control"]) == (304, "public, max-age=300")


@pytest.mark.usefixtures("database")
async def test_a_private_key_lies_in_the_database_under_the_secret_only() -> None:
    await Keyring(SECRET).ensure_signing_key(NOW)
    (key,) = await tokens_store.load_keys(pool())
    assert key.private_pem.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert "d" not in key.public_jwk
    assert ECKey.import_key(key.private_pem, password=SECRET).is_private
    with pytest.raises(SettingsError, match="RENCANA_KEY_SECRET"):
        await Keyring(SECRET + "x").ensure_signing_key(NOW)
    assert await tokens_store.load_keys(pool()) == [key]


async def test_a_secret_that_opens_no_key_is_one_line_and_not_a_traceback(database: Database) -> None:
    await Keyring(SECRET).ensure_signing_key(datetime.now(UTC))
    given = {
        "RENCANA_ENV": "dev",
        "RENCANA_IDENTITY_DATABASE_URL": database.dsn.replace("postgresql", "asyncpg", 1),
        "RENCANA_IDENTITY_PORT": "0",
        "RENCANA_KEY_SECRET": SECRET + "x",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from services.cli import main; main()", "identity", "serve",
        env=os.environ | given, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        out, complaint = await process.communicate()
    assert (process.returncode, out.decode()) == (1, "")
    assert complaint.decode() == "settings: RENCANA_KEY_SECRET does not decrypt the stored signing keys\n"


async def test_a_rotation_is_shown_at_once_and_signs_when_verifiers_have_seen_it(database: Database) -> None:
    await fill()
    async with identity_at(database) as client:
        (old,) = [key["kid"] for key in await _shown(client)]
        new = (await Keyring(DEV_KEY_SECRET).rotate(NOW)).kid
        assert [key["kid"] for key in await _shown(client)] == [old, new]
    takes_over = NOW + PUBLISHED_BEFORE_USE
    second = timedelta(seconds=1)
    assert await _kids_at(database, takes_over - second) == (old, [old, new])
    assert await _kids_at(database, takes_over) == (new, [old, new])
    assert await _kids_at(database, takes_over + TOKEN_LIFETIME) == (new, [old, new])
    assert await _kids_at(database, takes_over + TOKEN_LIFETIME + MAX_CLOCK_SKEW) == (new, [new])


async def test_rotations_at_once_are_one_after_the_other(database: Database) -> None:
    await Keyring(SECRET).ensure_signing_key(NOW)
    await race(database, "signing_keys", *(Keyring(SECRET).rotate(NOW) for _ in range(3)))
    keys = await tokens_store.load_keys(pool())
    assert (len(keys), [key.retired_at for key in keys].count(None)) == (4, 1)


async def test_a_clock_that_was_set_back_still_finds_a_key_to_sign_with(database: Database) -> None:
    await fill()
    async with identity_at(database, NOW + timedelta(days=300)):
        pass
    signs, shown = await _kids_at(database, NOW)
    assert len(shown) == 2
    assert signs in shown


async def test_no_secret_key_token_or_address_reaches_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await fill()
    async with identity_at(database) as client:
        _, answer = await sign_in(client, "satu@guru.sd.belajar.id")
        await sign_in(client, "lama@guru.smp.belajar.id")
        await Keyring(DEV_KEY_SECRET).rotate(NOW)
    assert "token issued to account" in caplog.text
    assert "admission.closed" in caplog.text
    for secret in (answer["access_token"], "PRIVATE KEY", DEV_KEY_SECRET, "belajar.id", "198502032010012"):
        assert secret not in caplog.text
