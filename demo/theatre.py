"""Where the stage stands: a private PostgreSQL, the schools imported, ports; and nothing left behind."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from demo.client import Client
from demo.reference import import_all
from demo.service import Service, free_port
from demo.stage import Stage
from demo.transcript import Transcript
from devtools.postgres import development_settings, private_postgres


@contextmanager
def passing_folder() -> Iterator[Path]:
    """A folder that goes away. As root, PostgreSQL runs as somebody else, who must get through to it."""
    with TemporaryDirectory(prefix="rencana-demo-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@asynccontextmanager
async def staged(
    folder: Path, say: Transcript, *, ports: tuple[int, int, int] | None = None, durable: bool = False
) -> AsyncIterator[Stage]:
    """The stage with its data in `folder`, set and dark: `at` lights it. All of it is stopped at the end."""
    identity_port, planning_port, worker_port = ports or (free_port(), free_port(), free_port())
    with private_postgres(folder, durable=durable) as server:
        identity = Service("identity", identity_port, folder / "identity.log")
        planning = Service("planning", planning_port, folder / "planning.log")
        worker = Service("worker", worker_port, folder / "worker.log", ("worker",))
        environment = {name: text for name, text in os.environ.items() if not name.startswith("RENCANA_")}
        environment |= await development_settings(server) | {
            "RENCANA_IDENTITY_URL": identity.url,
            "RENCANA_IDENTITY_PORT": str(identity_port),
            "RENCANA_PLANNING_PORT": str(planning_port),
            "RENCANA_WORKER_PORT": str(worker_port),
            "RENCANA_FOLLOW_SECONDS": "1",  # a story waits for what the worker does
        }
        await import_all(environment, say)
        async with aiohttp.ClientSession() as session:
            client = Client(session, identity.url, planning.url)
            stage = Stage((identity, planning, worker), client, environment)
            try:
                yield stage
            except (aiohttp.ClientError, OSError):
                await stage.watch(seconds=1)  # if one has died, that is the reason
                raise
            finally:
                await stage.stop()
