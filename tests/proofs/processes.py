"""A process of the house that can be killed in the middle of its work and started again at the same address."""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from tests.until import PATIENCE

RENCANA = str(Path(sys.executable).with_name("rencana"))
STOP_SECONDS = 25


class Serving:
    """`command` serves at a port of its own, which `variable` of its environment tells it."""

    def __init__(
        self, command: tuple[str, ...], variable: str, environment: Mapping[str, str], log: Path
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        self.url, self.command, self.log = f"http://127.0.0.1:{port}", command, log
        self.environment = {**environment, variable: str(port)}
        self.process: Process | None = None

    async def start(self) -> None:
        """Start, and wait until it is ready; it must not end before."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, env=self.environment, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
            while not await self._is_ready(session):
                assert self.process.returncode is None, self.log.read_text()[-4000:]
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL: nothing is finished, nobody is told."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Ask it to end, and make sure that it does."""
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.process.wait()
        except TimeoutError:
            await self.kill()

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False
