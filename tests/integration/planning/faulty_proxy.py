"""A TCP proxy before identity that a test can make fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.credentials import TOKEN_RESPONSE

FORWARD, HANG_UP, SILENT, LATE, DRIP = "open", "shut", "silent", "late", "drip"

Mode = str | bytes | Callable[[str], bytes]


@dataclass
class FaultyProxy:
    """`how`: OPEN passes on, LATE after two seconds, SHUT hangs up, SILENT never answers, DRIP answers for ever.

    Anything else is what it answers, perhaps to a path. `entered` counts connections.
    """

    host: str
    port: int
    mode: Mode = FORWARD
    url: str = ""
    connections: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def set_mode(self, mode: Mode) -> None:
        """Change the mode and close every connection."""
        self.mode = mode
        self.close_connections()

    def close_connections(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._writers.append(writer)
        self.connections += 1
        if self.mode == LATE:
            await asyncio.sleep(2)
        if self.mode in {FORWARD, LATE} and not writer.is_closing():
            inner_reader, inner_writer = await asyncio.open_connection(self.host, self.port)
            self._writers.append(inner_writer)
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        elif not isinstance(self.mode, str):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            writer.write(self.mode if isinstance(self.mode, bytes) else self.mode(path))
            await writer.drain()
            writer.close()
        elif self.mode == DRIP:
            writer.write(http_response(b"", length=1_000_000))
            while not writer.is_closing():
                writer.write(b" ")
                await asyncio.sleep(0.02)
        elif self.mode == HANG_UP:
            writer.close()
        else:
            await reader.read()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await _read(reader):
        writer.write(data)
    writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65_536)
    except ConnectionError:
        return b""


def http_response(body: bytes, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """Return an HTTP response as bytes. A `length` beyond the body makes it incomplete."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} So\r\ncontent-type: application/json\r\nconnection: close\r\n{more}"
    return (
        head.encode() + f"content-length: {len(body) if length is None else length}\r\n\r\n".encode() + body
    )


def with_token_endpoint(respond: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Answer `/token` with a token, and other requests with `respond`."""
    token_response = http_response(json.dumps(TOKEN_RESPONSE).encode())
    return lambda path: token_response if path == "/token" else respond(path)


@asynccontextmanager
async def open_proxy(host: str, port: int) -> AsyncIterator[FaultyProxy]:
    """Open a proxy before a server, on its own port."""
    proxy = FaultyProxy(host, port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        proxy.close_connections()
        server.close()
        await server.wait_closed()
