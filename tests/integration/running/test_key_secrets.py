"""Keys and their secret change under people who are signed in: real processes, and nobody notices but the thief."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from joserfc import jws

from devtools.service_process import ServiceProcess, free_port
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.identity.environment import NOW, fill
from tests.integration.running.command import Ended, rencana
from tests.until import until

OLD, NEW = secrets.token_hex(32), secrets.token_hex(32)
EMAIL = "satu@guru.sd.belajar.id"


@dataclass
class Office:
    """Identity on a filled registry, planning beside it, and a person."""

    identity: ServiceProcess
    planning: ServiceProcess
    environment: dict[str, str]
    session: aiohttp.ClientSession

    async def serve(self, **changed: str) -> None:
        """Identity anew, in this environment."""
        await self.identity.stop()
        await self.identity.start(self.environment | changed)

    async def token(self) -> str:
        """Sign in."""
        async with self.session.post(f"{self.identity.url}/dev/token", json={"email": EMAIL}) as response:
            assert response.status == 200, await response.text()
            return str((await response.json())["access_token"])

    async def shown(self) -> list[str]:
        """The ids of the keys that verifiers see."""
        async with self.session.get(f"{self.identity.url}/.well-known/jwks.json") as response:
            return [key["kid"] for key in (await response.json())["keys"]]

    async def lets_in(self, token: str) -> bool:
        """Whether planning believes this token."""
        body = {"query": "{ viewer { __typename } }"}
        headers = {"authorization": f"Bearer {token}"}
        async with self.session.post(f"{self.planning.url}/graphql", json=body, headers=headers) as response:
            assert response.status in (200, 401)
            return response.status == 200

    async def command(self, words: str, **changed: str) -> Ended:
        """Run `rencana WORDS` beside them."""
        return await rencana(words, self.environment | changed)

    def logs(self) -> str:
        """What both services wrote."""
        return self.identity.log.read_text() + self.planning.log.read_text()


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


@pytest.fixture
async def office(fresh_url: Fresh, tmp_path: Path) -> AsyncIterator[Office]:
    registry = Database(await fresh_url("services.identity"), "services.identity")
    await registry.connect()
    with registry.active():
        await fill()
    await registry.close()
    identity = ServiceProcess("identity", free_port(), tmp_path / "identity.log")
    planning = ServiceProcess("planning", free_port(), tmp_path / "planning.log")
    environment = {
        "RENCANA_ENV": "dev",
        "RENCANA_NOW": NOW.isoformat(),
        "RENCANA_IDENTITY_DATABASE_URL": registry.url,
        "RENCANA_PLANNING_DATABASE_URL": await fresh_url("services.planning"),
        "RENCANA_IDENTITY_URL": identity.url,
        "RENCANA_IDENTITY_PORT": str(identity.port),
        "RENCANA_PLANNING_PORT": str(planning.port),
    }
    async with aiohttp.ClientSession() as session:
        office = Office(identity, planning, environment, session)
        try:
            await identity.start(environment | {"RENCANA_KEY_SECRET": OLD})
            await planning.start(environment)
            yield office
        finally:
            await planning.stop()
            await identity.stop()


async def test_the_keys_move_to_a_new_secret_and_nobody_is_signed_out(office: Office) -> None:
    before = await office.token()
    assert await office.lets_in(before)
    moved = await office.command("keys reseal", RENCANA_KEY_SECRET=NEW, RENCANA_KEY_SECRET_PREVIOUS=OLD)
    assert (moved.code, moved.out) == (0, "the signing keys lie under RENCANA_KEY_SECRET\n")
    assert kid_of(await office.token()) == kid_of(before), "who serves already goes on"
    await office.serve(RENCANA_KEY_SECRET=NEW)
    assert kid_of(await office.token()) == kid_of(before)
    assert await office.lets_in(before)
    await office.identity.stop()
    late = await office.command("identity serve", RENCANA_KEY_SECRET=OLD)
    assert (late.code, late.complaint) == (
        1, "settings: RENCANA_KEY_SECRET does not decrypt the stored signing keys\n",
    )  # fmt: skip
    assert not [secret for secret in (OLD, NEW) if secret in office.logs() + moved.complaint + late.complaint]


async def test_identity_moves_the_keys_itself_where_it_is_started_with_both_secrets(office: Office) -> None:
    before = await office.token()
    await office.serve(RENCANA_KEY_SECRET=NEW, RENCANA_KEY_SECRET_PREVIOUS=OLD)
    assert kid_of(await office.token()) == kid_of(before)
    await office.serve(RENCANA_KEY_SECRET=NEW)
    assert kid_of(await office.token()) == kid_of(before)
    assert f"signing key {kid_of(before)} is encrypted with the new secret" in office.logs()


async def test_a_leaked_key_is_withdrawn_at_once_and_nobody_else_notices(office: Office) -> None:
    stolen = await office.token()
    assert await office.lets_in(stolen)
    dropped = await office.command(f"keys drop {kid_of(stolen)}", RENCANA_KEY_SECRET=OLD)
    fresh = await office.token()
    assert (dropped.code, dropped.out) == (
        0, f"{kid_of(stolen)} is withdrawn; {kid_of(fresh)} signs now\n",
    )  # fmt: skip
    assert await office.shown() == [kid_of(fresh)]

    async def believed() -> bool:
        return await office.lets_in(fresh)

    await until(believed)
    assert not await office.lets_in(stolen)


@pytest.mark.parametrize("again", [False, True])
async def test_a_key_that_is_not_in_force_cannot_be_withdrawn(office: Office, again: bool) -> None:
    kid = kid_of(await office.token()) if again else "no-such-key"
    if again:
        assert (await office.command(f"keys drop {kid}", RENCANA_KEY_SECRET=OLD)).code == 0
    shown = await office.shown()
    refused = await office.command(f"keys drop {kid}", RENCANA_KEY_SECRET=OLD)
    assert (refused.code, refused.out) == (2, "")
    assert "key.not_shown" in refused.complaint
    assert f"There is no signing key {kid} in force" in refused.complaint
    assert await office.shown() == shown
