"""Processes: serving until told to stop, sleep that a shutdown interrupts, progress of long work."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

import click
import uvicorn
from starlette.types import ASGIApp

GRACEFUL_SHUTDOWN_SECONDS = 20


def configure_logging() -> None:
    """One line for each event, on stderr, where whoever runs the process collects it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


async def serve(
    app: ASGIApp, host: str, port: int, proxies: Iterable[IPv4Network | IPv6Network] = ()
) -> None:
    """Serve until SIGINT or SIGTERM; then answer what was accepted, for at most FINISH_SECONDS.

    Who is not one of the `proxies` is not believed what it forwards: neither an address nor TLS.
    """
    configure_logging()
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS, proxy_headers=True,
        forwarded_allow_ips=[str(network) for network in proxies],  # not left out: that would be this computer
    )  # fmt: skip
    # uvicorn sends itself the signal again when it is done; by default that would end the process before its
    # callers have closed what they opened, a private PostgreSQL for one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    await uvicorn.Server(config).serve()


async def wait_for_shutdown(seconds: float, shutdown: asyncio.Event) -> bool:
    """Wait so long, or until `ending` is set; whether it is."""
    if shutdown.is_set():  # with 0 seconds wait_for cancels the wait before it looks (Python 3.11)
        return True
    try:
        await asyncio.wait_for(shutdown.wait(), seconds)
    except TimeoutError:
        return False
    return True


class AdvanceProgress(Protocol):
    """Called as work goes on: by how many steps, and what is to be said beside the bar."""

    def __call__(self, steps: int = 1, note: str | None = None) -> None:
        """Show it."""


@contextmanager
def show_progress(label: str, total: int) -> Iterator[AdvanceProgress]:
    """Show `label` with a bar (where nobody watches: the label); call the given function per step, or for several."""
    with click.progressbar(
        length=total, label=label, file=sys.stderr, show_pos=True, item_show_func=_format_note
    ) as bar:

        def advance(steps: int = 1, note: str | None = None) -> None:
            bar.update(steps, note)

        yield advance


def _format_note(note: object) -> str | None:
    return str(note) if note else None
