"""Serving an ASGI app over HTTP until told to stop; what was accepted is finished first."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

import uvicorn
from starlette.types import ASGIApp

FINISH_SECONDS = 20


def set_up_log() -> None:
    """One line for each event, on stderr, where whoever runs the process collects it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


async def serve(
    app: ASGIApp, host: str, port: int, proxies: Iterable[IPv4Network | IPv6Network] = ()
) -> None:
    """Serve until SIGINT or SIGTERM; then answer what was accepted, for at most FINISH_SECONDS.

    Who is not one of the `proxies` is not believed what it forwards: neither an address nor TLS.
    """
    set_up_log()
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False,
        timeout_graceful_shutdown=FINISH_SECONDS, proxy_headers=True,
        forwarded_allow_ips=[str(network) for network in proxies],  # not left out: that would be this computer
    )  # fmt: skip
    # uvicorn sends itself the signal again when it is done; by default that would end the process before its
    # callers have closed what they opened, a private PostgreSQL for one
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    await uvicorn.Server(config).serve()
