"""A real, certified OpenID Connect provider in a process: `async with start_provider(redirect_uri) as provider`.

Node comes from PyPI, the packages from npm as package-lock.json pins them, into node_modules on first use.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from devtools.npm import NODE, install_packages

FOLDER = Path(__file__).parent
CLIENT_ID, CLIENT_SECRET = "rencana", "a secret: of the tests, of 32 characters or more"


@dataclass(frozen=True, slots=True)
class Provider:
    """The running provider, and its next answers."""

    issuer: str
    session: aiohttp.ClientSession

    async def set_next_answer(self, **keyboard: Any) -> None:
        """Set who signs in next (`claims`) or cancels (`cancel`), and how the ID token is falsified (provider.mjs)."""
        async with self.session.post(f"{self.issuer}/keyboard", json=keyboard) as response:
            assert response.status == 204

    async def rotate_key(self) -> None:
        """Replace the signing key of the provider."""
        async with self.session.post(f"{self.issuer}/rotate") as response:
            assert response.status == 204


@asynccontextmanager
async def start_provider(redirect_uri: str) -> AsyncIterator[Provider]:
    """Start the provider with one client of this redirect URI."""
    await asyncio.to_thread(install_packages)
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [redirect_uri]}
    process = await asyncio.create_subprocess_exec(
        NODE, "provider.mjs", json.dumps(client), cwd=FOLDER, stdout=PIPE, stderr=sys.stderr.fileno()
    )
    try:
        assert process.stdout
        issuer = (await process.stdout.readline()).decode().strip()
        assert issuer, "the provider did not start"
        async with aiohttp.ClientSession() as session:
            yield Provider(issuer, session)
    finally:
        process.kill()
        await process.wait()
