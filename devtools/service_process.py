"""A service or the worker as a process of this machine, for the demo, tests and benchmarks."""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path

import aiohttp

RENCANA = Path(sys.executable).with_name("rencana")
READY_SECONDS = 120  # on a loaded machine
# The private PostgreSQL belongs to SUPERUSER, and has a role that can log in for each role that migrations grant to.
SUPERUSER, LOGIN_SUFFIX = "rencana", "_login"
PROCESS_ROLES = {
    "identity": {"identity": "serve"}, "planning": {"planning": "serve"}, "worker": {"planning": "worker"}
}  # fmt: skip
OPERATOR_ROLES = {"identity": "operate", "planning": "operate"}
STOP_SECONDS = 25  # a service completes the requests that it has accepted within 20
LOG_TAIL_LINES = 25


def restrict_roles(settings: Mapping[str, str], **kinds: str) -> dict[str, str]:
    """Return settings with the least role for the database of each service, for example `planning="worker"`.

    A URL that does not name the superuser of the private PostgreSQL stays as it is.
    """
    restricted = dict(settings)
    for service, kind in kinds.items():
        name = f"RENCANA_{service.upper()}_DATABASE_URL"
        if name in restricted:
            login = f"//{service}_{kind}{LOGIN_SUFFIX}:"
            restricted[name] = restricted[name].replace(f"//{SUPERUSER}:", login, 1)
    return restricted


class ProcessDied(Exception):
    """A service does not start, or exits unexpectedly. The message ends with the last lines of its log."""


class ServiceProcess:
    """`rencana NAME serve`, `rencana worker` or another `command` on a local port. Its output goes to `log`."""

    def __init__(self, name: str, port: int, log: Path, command: tuple[str, ...] = ()) -> None:
        arguments = ("worker",) if name == "worker" else (name, "serve")
        self.name, self.port, self.log, self.command = name, port, log, command or (str(RENCANA), *arguments)
        self.url = f"http://127.0.0.1:{port}"
        self.process: Process | None = None

    async def start(self, settings: Mapping[str, str]) -> None:
        """Start the process and wait until it is ready. Raises ProcessDied.

        The settings need not name the port.
        """
        self._check_port_is_free()
        settings = restrict_roles(settings, **PROCESS_ROLES.get(self.name, {}))
        settings[f"RENCANA_{self.name.upper()}_PORT"] = str(self.port)
        with self.log.open("ab") as log:
            # In its own session, the process does not receive Ctrl-C: the caller stops the processes in order.
            self.process = await asyncio.create_subprocess_exec(
                *self.command, env=settings, stdin=asyncio.subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
                while not await self._is_ready(session):
                    self.check_alive()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise self._died(f"was not ready within {READY_SECONDS} seconds") from None

    async def stop(self) -> None:
        """Terminate the process; kill it after STOP_SECONDS."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self.process.wait()
            except TimeoutError:
                await self.kill()
        self.process = None

    async def kill(self) -> None:
        """Kill the process with SIGKILL."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def wait(self) -> None:
        """Wait until the process exits."""
        if self.process is not None:
            await self.process.wait()

    def check_alive(self) -> None:
        """Raise ProcessDied if the process has exited."""
        if self.process is not None and self.process.returncode is not None:
            raise self._died(f"exited with {self.process.returncode}")

    def _died(self, event: str) -> ProcessDied:
        tail = self.log.read_text("utf-8", "replace").splitlines()[-LOG_TAIL_LINES:]
        return ProcessDied("\n".join([f"{self.name} {event}. The end of its log:", *tail]))

    def _check_port_is_free(self) -> None:
        # another process at this port could answer the readiness check
        try:
            socket.create_server(("127.0.0.1", self.port)).close()
        except OSError:
            raise ProcessDied(f"{self.name} cannot serve at {self.url}: the port is in use.") from None

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False


def free_port() -> int:
    """Return a port that no process uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
