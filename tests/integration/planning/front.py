"""A door before identity that a test can shut: real sockets, so that identity is away as it is away in life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.credentials import GRANTED

OPEN, SHUT, SILENT, LATE, DRIP = "open", "shut", "silent", "late", "drip"

How = str | bytes | Callable[[str], bytes]


@dataclass
class Door:
    """`how`: OPEN passes on, LATE after two seconds, SHUT hangs up, SILENT never answers, DRIP answers for ever.

    Anything else is what it answers, perhaps to a path. `entered` counts connections.
    """

    host: str
    port: int
    how: How = OPEN
    url: str = ""
    entered: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def set(self, how: How) -> None:
        """Change how the door stands; who is inside is put out."""
        self.how = how
        self.put_out()

    def put_out(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._writers.append(writer)
        self.entered += 1
        if self.how == LATE:
            await asyncio.sleep(2)
        if self.how in {OPEN, LATE} and not writer.is_closing():
            inner_reader, inner_writer = await asyncio.open_connection(self.host, self.port)
            self._writers.append(inner_writer)
            await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))
        elif not isinstance(self.how, str):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            writer.write(self.how if isinstance(self.how, bytes) else self.how(path))
            await writer.drain()
            writer.close()
        elif self.how == DRIP:
            writer.write(answer(b"", length=1_000_000))
            while not writer.is_closing():
                writer.write(b" ")
                await asyncio.sleep(0.02)
        elif self.how == SHUT:
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


def answer(body: bytes, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer to the letter; a `length` beyond the body promises more than comes."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} So\r\ncontent-type: application/json\r\nconnection: close\r\n{more}"
    return (
        head.encode() + f"content-length: {len(body) if length is None else length}\r\n\r\n".encode() + body
    )


def knowing_us(how: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """The same door, to somebody who has shown the right credentials first."""
    granted = answer(json.dumps(GRANTED).encode())
    return lambda path: granted if path == "/token" else how(path)


@asynccontextmanager
async def door_before(host: str, port: int) -> AsyncIterator[Door]:
    """A door before a server, on a port of its own."""
    door = Door(host, port)
    server = await asyncio.start_server(door.enter, "127.0.0.1", 0)
    door.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield door
    finally:
        door.put_out()
        server.close()
        await server.wait_closed()
