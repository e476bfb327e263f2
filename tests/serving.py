"""Serve an ASGI app over real HTTP inside a test: `async with serving(app) as url`."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from services.kit.http_protocol import TimedProtocol


class _Server(uvicorn.Server):
    """Leaves the signals to pytest, and tells when it listens: SystemExit in a task would end the loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            self.listening.set_exception(RuntimeError("the app did not start; see the captured log"))
            self.should_exit = True
        else:
            self.listening.set_result(None)


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Run the app, lifespan included, in the running loop on a free port, or this; yields its URL without a slash.

    RuntimeError when the app does not start.
    """
    # Named as TCP, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms for an acknowledgement.
    place = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    place.bind(("127.0.0.1", port))
    # Where services and clients share one loop it may be busy for seconds: a client must not be disconnected for that.
    config = uvicorn.Config(
        app,
        http=TimedProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=[],  # as in services.kit.process
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[place]))
    try:
        await server.listening
        yield f"http://127.0.0.1:{place.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        place.close()
