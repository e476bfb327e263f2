"""Both services and the worker as processes on a private PostgreSQL, with a clock that a scenario sets."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from demo.client import Client
from demo.imports import import_all, run_command
from demo.people import EXPLORER_ACCOUNTS, Person
from demo.session import Session
from demo.transcript import Transcript
from devtools.postgres import development_settings, private_postgres
from devtools.service_process import ServiceProcess, free_port

MONDAY = "2024-01-15T02:00:00Z"


class RunningServices:
    """Both services and the worker. Their clock is fixed; `restart_at` sets it and restarts them."""

    def __init__(
        self,
        processes: tuple[ServiceProcess, ServiceProcess, ServiceProcess],
        client: Client,
        settings: dict[str, str],
    ) -> None:
        self.processes, self.client, self.settings = processes, client, settings
        self.now: str | None = None

    async def restart_at(self, instant: str) -> None:
        """Restart the processes with their clock at `instant`, unless it is there."""
        if instant == self.now:
            return
        await self.stop()
        settings = self.settings | {"RENCANA_NOW": instant}
        identity, planning, worker = self.processes
        # The worker calls identity when it starts. If one start fails, wait for the other too: `stop` does not
        # end a process that is still starting.
        starts = (_start_in_order(settings, identity, worker), planning.start(settings))
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if outcome is not None:
                raise outcome
        self.now = instant

    @asynccontextmanager
    async def worker_stopped(self) -> AsyncIterator[None]:
        """Stop the worker; start it again afterwards."""
        assert self.now is not None
        *_, worker = self.processes
        await worker.stop()
        yield
        await worker.start(self.settings | {"RENCANA_NOW": self.now})

    async def stop(self) -> None:
        """Stop all processes; each completes the requests that it has accepted."""
        await asyncio.gather(*(process.stop() for process in self.processes))

    async def wait_for_exit(self, seconds: float | None = None) -> None:
        """Wait until a process exits, at most `seconds`. Raises ProcessDied if one has exited."""
        waits = [asyncio.create_task(process.wait()) for process in self.processes]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        for process in self.processes:
            process.check_alive()


@dataclass(frozen=True, slots=True)
class ScenarioContext:
    """The services of a scenario, and the transcript that it writes."""

    services: RunningServices
    transcript: Transcript

    async def set_clock(self, instant: str, zone: str) -> None:
        """Set the clock of the services. The transcript shows it in a zone: WIB, WITA or WIT."""
        await self.services.restart_at(instant)
        self.transcript.clock(instant, zone)

    async def sign_in(self, person: Person, app: str = "web") -> Session:
        """Sign a person in to an app."""
        self.transcript.sign_in(person)
        client = self.services.client
        return Session(person, client, self.transcript, await client.sign_in(person.email), app)

    async def run_command(self, *arguments: str) -> str:
        """Run `rencana` on the databases of the services and return its output. Raises CommandFailed."""
        return await run_command(arguments, self.services.settings, self.transcript)

    def without_transcript(self) -> ScenarioContext:
        """Return a context whose transcript is not shown."""
        return ScenarioContext(self.services, Transcript(io.StringIO()))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Create a folder and delete it afterwards.

    Every user may pass through it: for root, PostgreSQL runs as an unprivileged user.
    """
    with TemporaryDirectory(prefix="rencana-demo-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@asynccontextmanager
async def run_services(
    folder: Path, transcript: Transcript, *, ports: tuple[int, int, int] | None = None, durable: bool = False
) -> AsyncIterator[RunningServices]:
    """Create and fill the databases in `folder`; stop everything afterwards.

    `ports` are those of identity, planning and the worker, by default free ones. `Services.restart_at` starts the
    processes.
    """
    identity_port, planning_port, worker_port = ports or (free_port(), free_port(), free_port())
    with private_postgres(folder, durable=durable) as server:
        identity = ServiceProcess("identity", identity_port, folder / "identity.log")
        planning = ServiceProcess("planning", planning_port, folder / "planning.log")
        worker = ServiceProcess("worker", worker_port, folder / "worker.log")
        settings = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")}
        settings |= await development_settings(server) | {
            "RENCANA_IDENTITY_URL": identity.url,
            "RENCANA_WORKER_INTERVAL_SECONDS": "1",  # scenarios wait for the worker
            "RENCANA_EXPLORER_ACCOUNTS": ",".join(EXPLORER_ACCOUNTS),
        }
        await import_all(settings, transcript)
        async with aiohttp.ClientSession() as session:
            services = RunningServices(
                (identity, planning, worker), Client(session, identity.url, planning.url), settings
            )
            try:
                yield services
            except (aiohttp.ClientError, OSError):
                await services.wait_for_exit(seconds=1)  # a process that died is the better explanation
                raise
            finally:
                await services.stop()


async def _start_in_order(settings: dict[str, str], *processes: ServiceProcess) -> None:
    for process in processes:
        await process.start(settings)
