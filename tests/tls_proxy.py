"""A proxy that gives PostgreSQL the TLS that the private server lacks."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # what a client sends before TLS


@contextmanager
def tls_proxy(port: int, certificate: Path, key: Path) -> Iterator[int]:
    """Forward connections that ask for TLS to a local port, from a thread. Yields the port of the proxy."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop, listener = asyncio.new_event_loop(), socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    thread = threading.Thread(target=_run, args=(loop, listener, port, context))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listener.close()


def _run(
    loop: asyncio.AbstractEventLoop, listener: socket.socket, port: int, context: ssl.SSLContext
) -> None:
    async def accept() -> None:
        connections = set[asyncio.Task[None]]()
        while True:
            client, _ = await loop.sock_accept(listener)
            connections.add(loop.create_task(_forward(client, port, context)))

    task = loop.create_task(accept())
    loop.run_forever()
    for running in asyncio.all_tasks(loop):
        running.cancel()
    loop.run_until_complete(asyncio.wait({task}))
    loop.run_until_complete(asyncio.sleep(0.1))
    loop.close()


async def _forward(client: socket.socket, port: int, context: ssl.SSLContext) -> None:
    loop = asyncio.get_running_loop()
    if await loop.sock_recv(client, len(SSL_REQUEST)) != SSL_REQUEST:
        client.close()
        return
    await loop.sock_sendall(client, b"S")
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
    except (OSError, ssl.SSLError):  # the client does not accept the certificate
        return
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_copy(reader, server_writer), _copy(server_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.close()
