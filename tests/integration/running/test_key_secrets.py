"""Rotation, withdrawal and re-encryption of signing keys while people are signed in, with real processes."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from joserfc import jws

from devtools.service_process import ServiceProcess, free_port
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.identity.environment import NOW, import_registry
from tests.integration.running.command import ProcessResult, rencana
from tests.until import until

EMAIL = "satu@guru.sd.belajar.id"


@dataclass
class RunningIdentity:
    """Identity on an imported registry, planning, and an HTTP session. `secret` encrypts the signing keys."""

    identity: ServiceProcess
    planning: ServiceProcess
    environment: dict[str, str]
    session: aiohttp.ClientSession
    secret: str

    async def serve(self, secret: str, **changed: str) -> None:
        """Restart identity with another secret."""
        await self.identity.stop()
        self.secret = secret
        await self.identity.start(self.environment | {"RENCANA_KEY_SECRET": secret} | changed)

    async def token(self) -> str:
        """Return a development token."""
        async with self.session.post(f"{self.identity.url}/dev/token", json={"email": EMAIL}) as response:
            assert response.status == 200, await response.text()
            return str((await response.json())["access_token"])

    async def list_published_keys(self) -> list[str]:
        """Return the ids of the published keys."""
        async with self.session.get(f"{self.identity.url}/.well-known/jwks.json") as response:
            return [key["kid"] for key in (await response.json())["keys"]]

    async def lets_in(self, token: str) -> bool:
        """Return whether planning accepts a token."""
        body = {"query": "{ viewer { __typename } }"}
        headers = {"authorization": f"Bearer {token}"}
        async with self.session.post(f"{self.planning.url}/graphql", json=body, headers=headers) as response:
            assert response.status in (200, 401)
            return response.status == 200

    async def command(self, words: str, **changed: str) -> ProcessResult:
        """Run `rencana WORDS`, perhaps with other settings."""
        return await rencana(words, self.environment | {"RENCANA_KEY_SECRET": self.secret} | changed)

    def logs(self) -> str:
        """Return the logs of both services."""
        return self.identity.log.read_text() + self.planning.log.read_text()


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


@pytest.fixture(scope="module")
async def running_identity(
    fresh_url: Fresh, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningIdentity]:
    """Both services. Each test finds them with some secret and some signing key."""
    folder = tmp_path_factory.mktemp("keys")
    registry = Database(await fresh_url("services.identity"), "services.identity")
    await registry.connect()
    with registry.active():
        await import_registry()
    await registry.close()
    identity = ServiceProcess("identity", free_port(), folder / "identity.log")
    planning = ServiceProcess("planning", free_port(), folder / "planning.log")
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
        running_identity = RunningIdentity(
            identity, planning, environment, session, secret=secrets.token_hex(32)
        )
        try:
            await running_identity.serve(running_identity.secret)
            await planning.start(environment)
            yield running_identity
        finally:
            await planning.stop()
            await identity.stop()


async def test_reseal_moves_keys_to_a_new_secret_without_signing_out(
    running_identity: RunningIdentity,
) -> None:
    old, new = running_identity.secret, secrets.token_hex(32)
    before = await running_identity.token()
    assert await running_identity.lets_in(before)
    result = await running_identity.command(
        "keys reseal", RENCANA_KEY_SECRET=new, RENCANA_KEY_SECRET_PREVIOUS=old
    )
    assert (result.code, result.out) == (0, "the signing keys are encrypted with RENCANA_KEY_SECRET\n")
    assert kid_of(await running_identity.token()) == kid_of(before), "who serves already goes on"
    await running_identity.serve(new)
    assert kid_of(await running_identity.token()) == kid_of(before)
    assert await running_identity.lets_in(before)
    late = await running_identity.command(
        "identity serve", RENCANA_KEY_SECRET=old, RENCANA_IDENTITY_PORT=str(free_port())
    )
    assert (late.code, late.complaint) == (
        1, "settings: RENCANA_KEY_SECRET does not decrypt the stored signing keys\n",
    )  # fmt: skip
    assert not [
        secret
        for secret in (old, new)
        if secret in running_identity.logs() + result.complaint + late.complaint
    ]


async def test_identity_reencrypts_keys_when_started_with_both_secrets(
    running_identity: RunningIdentity,
) -> None:
    old, new = running_identity.secret, secrets.token_hex(32)
    before = await running_identity.token()
    await running_identity.serve(new, RENCANA_KEY_SECRET_PREVIOUS=old)
    assert kid_of(await running_identity.token()) == kid_of(before)
    await running_identity.serve(new)
    assert kid_of(await running_identity.token()) == kid_of(before)
    assert f"signing key {kid_of(before)} is encrypted with the new secret" in running_identity.logs()


async def test_withdrawn_key_is_refused_and_sessions_go_on(running_identity: RunningIdentity) -> None:
    stolen = await running_identity.token()
    assert await running_identity.lets_in(stolen)
    withdrawal = await running_identity.command(f"keys drop {kid_of(stolen)}")
    fresh = await running_identity.token()
    assert (withdrawal.code, withdrawal.out) == (
        0, f"{kid_of(stolen)} is withdrawn; {kid_of(fresh)} signs now\n",
    )  # fmt: skip
    assert await running_identity.list_published_keys() == [kid_of(fresh)]

    async def is_accepted() -> bool:
        return await running_identity.lets_in(fresh)

    await until(is_accepted)
    assert not await running_identity.lets_in(stolen)


@pytest.mark.parametrize("unknown", ["no-such-key", "-n7Qh", None])
async def test_unpublished_key_cannot_be_withdrawn(
    running_identity: RunningIdentity, unknown: str | None
) -> None:
    kid = unknown or kid_of(await running_identity.token())
    if unknown is None:
        assert (await running_identity.command(f"keys drop {kid}")).code == 0
    published = await running_identity.list_published_keys()
    refusal = await running_identity.command(f"keys drop {kid}")
    assert (refusal.code, refusal.out) == (2, "")
    assert "key.not_shown" in refusal.complaint
    assert f"The signing key {kid} is not in use" in refusal.complaint
    assert await running_identity.list_published_keys() == published
