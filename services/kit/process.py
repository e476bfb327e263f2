"""Processes: logging, serving until a signal, waiting for shutdown, and progress of long work."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

import click

from services.kit.text import escape_text

if TYPE_CHECKING:
    from starlette.types import ASGIApp

# Longer than a proxy keeps an idle connection (Caddy: 120 s), so that none sends a request on one that we are closing.
KEEP_ALIVE_SECONDS = 130
GRACEFUL_SHUTDOWN_SECONDS = 20


class LineFormatter(logging.Formatter):
    """Formats a record as one line without characters that a terminal obeys. Only a traceback has more lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the line of a record."""
        return escape_text(super().formatMessage(record)).replace("\n", "\\n")

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the lines of a traceback."""
        return escape_text(super().formatException(ei))


def configure_logging() -> None:
    """Write one line per log record to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    proxies: Iterable[IPv4Network | IPv6Network] = (),
    drain_seconds: float = 0,
) -> None:
    """Serve until SIGINT or SIGTERM, then finish accepted requests for at most GRACEFUL_SHUTDOWN_SECONDS.

    The process is not ready from the signal on, and takes new connections for `drain_seconds`.

    Only `proxies` may forward a client's address and scheme (X-Forwarded-For, X-Forwarded-Proto).
    """
    import uvicorn  # here: commands that only show progress serve nothing

    from services.kit.http_protocol import TimedProtocol
    from services.kit.shutdown import begin_shutdown

    class DrainingServer(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            begin_shutdown()
            super().handle_exit(sig, frame)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            if not self.force_exit:  # a second Ctrl-C
                await asyncio.sleep(drain_seconds)
            await super().shutdown(sockets)

    configure_logging()
    config = uvicorn.Config(
        app, host=host, port=port, http=TimedProtocol, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS, timeout_keep_alive=KEEP_ALIVE_SECONDS, proxy_headers=True,
        forwarded_allow_ips=[str(network) for network in proxies],  # the default trusts 127.0.0.1
    )  # fmt: skip
    # uvicorn raises the signal again after shutdown. The default handler would end the process before its callers
    # have closed their resources, for example a private PostgreSQL.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    await DrainingServer(config).serve()


async def wait_for_shutdown(seconds: float, shutdown: asyncio.Event) -> bool:
    """Sleep until `shutdown` is set, at most this long. Returns whether it is set."""
    if shutdown.is_set():  # with 0 seconds wait_for times out before it looks (Python 3.11)
        return True
    try:
        await asyncio.wait_for(shutdown.wait(), seconds)
    except TimeoutError:
        return False
    return True


class AdvanceProgress(Protocol):
    """Advances a progress bar."""

    def __call__(self, steps: int = 1, note: str | None = None) -> None:
        """Advance by a number of steps and show a note beside the bar."""


@contextmanager
def show_progress(label: str, total: int) -> Iterator[AdvanceProgress]:
    """Show a progress bar on stderr, or only its label without a terminal. Yields the function that advances it."""
    with click.progressbar(
        length=total, label=label, file=sys.stderr, show_pos=True, item_show_func=_format_note
    ) as bar:

        def advance(steps: int = 1, note: str | None = None) -> None:
            bar.update(steps, note)

        yield advance


def _format_note(note: object) -> str | None:
    return str(note) if note else None
