"""Requests that arrive slowly or in part end within a limit; others are not disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.kit import http_protocol
from tests.serving import serving

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A server that echoes bodies, with limits of half a second."""

    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await request.body())

    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(http_protocol, "BODY_SECONDS", 0.5)
    async with serving(Starlette(routes=[Route("/", echo, methods=["POST"])])) as url:
        yield int(url.rpartition(":")[2])


async def send_slowly(port: int, pieces: list[bytes], pause: float = 0.2) -> bytes:
    """Everything that the server answers until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        sending.cancel()
        writer.close()


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [HEAD[:20]],
        [HEAD[:-1]],
        [HEAD],
        [HEAD, b"ab"],
        [HEAD[place : place + 1] for place in range(len(HEAD))],
        [HEAD, *[b"a"] * 3],
    ],
    ids=[
        "nothing",
        "part of the head",
        "almost the head",
        "no body",
        "half of the body",
        "drips",
        "dripping body",
    ],
)
async def test_half_sent_request_is_closed_without_an_answer(port: int, pieces: list[bytes]) -> None:
    assert await send_slowly(port, pieces) == b""


async def test_half_sent_second_request_is_closed_too(port: int) -> None:
    answer = await send_slowly(port, [HEAD + b"abcd" + HEAD + b"ab"])
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b"abcd")


async def test_connection_that_waits_between_two_requests_stays_open(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(HEAD + b"abcd")
        async with asyncio.timeout(20):
            assert (await reader.readuntil(b"abcd")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.8)
    writer.close()
