"""A service of the house, or its worker, as a process of its own: from its first sign of life to its orderly end."""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

import aiohttp

RENCANA = Path(sys.executable).with_name("rencana")
READY_SECONDS = 60
STOP_SECONDS = 25  # a service finishes within 20 what it has accepted
TAIL_LINES = 25


class Died(Exception):
    """A service ended where it should serve; the end of its log says why."""


class Service:
    """`rencana NAME serve`, or what `words` say, on a port of this machine, with its output in a log."""

    def __init__(self, name: str, port: int, log: Path, words: tuple[str, ...] = ()) -> None:
        self.name, self.port, self.log, self.words = name, port, log, words or (name, "serve")
        self.url = f"http://127.0.0.1:{port}"
        self.process: Process | None = None

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start, and wait until it is ready to serve."""
        self._must_find_its_port_free()
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the demo alone, which then stops everything in order.
            self.process = await asyncio.create_subprocess_exec(
                RENCANA, *self.words, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
                while not await self._is_ready(session):
                    self.must_live()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise self._dead(f"was not ready within {READY_SECONDS} seconds") from None

    async def stop(self) -> None:
        """Ask it to end, and make sure that it does."""
        process, self.process = self.process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def ended(self) -> None:
        """Wait until it ends by itself, which it should not."""
        if self.process is not None:
            await self.process.wait()

    def must_live(self) -> None:
        """Died, with the end of the log, unless it runs."""
        if self.process is not None and self.process.returncode is not None:
            raise self._dead(f"ended with {self.process.returncode}")

    def _dead(self, how: str) -> Died:
        tail = self.log.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:]
        return Died("\n".join([f"{self.name} {how}. Its last words:", *tail]))

    def _must_find_its_port_free(self) -> None:
        try:  # else whoever has the port would answer that all is ready
            socket.create_server(("127.0.0.1", self.port)).close()
        except OSError:
            raise Died(f"{self.name} cannot serve at {self.url}: another process does.") from None

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
