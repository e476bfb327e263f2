"""Forwarded addresses and schemes, in real processes with and without a trusted proxy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from devtools.service_process import ServiceProcess, free_port
from services.kit.http import SECURITY_HEADERS
from tests.conftest import Fresh
from tests.until import PATIENCE

HSTS = "strict-transport-security"
LOOPBACK = "127.0.0.1/32"
Serve = Callable[[str, str], AbstractAsyncContextManager[aiohttp.ClientSession]]


@pytest.fixture
def serve(fresh_url: Fresh, tmp_path: Path) -> Serve:
    """`async with serve("identity", proxies) as client`: a service with one sign-in per address."""

    @asynccontextmanager
    async def serving(name: str, proxies: str) -> AsyncIterator[aiohttp.ClientSession]:
        service = ServiceProcess(name, free_port(), tmp_path / f"{name}.log")
        environment = {
            "RENCANA_ENV": "dev",
            f"RENCANA_{name}_DATABASE_URL".upper(): await fresh_url(f"services.{name}"),
            f"RENCANA_{name}_PORT".upper(): str(service.port),
            "RENCANA_SIGN_INS_PER_ADDRESS": "1",
            # uvicorn's own variable would let every client choose its address
            "FORWARDED_ALLOW_IPS": "*",
        }
        await service.start(environment | ({"RENCANA_TRUSTED_PROXIES": proxies} if proxies else {}))
        try:
            async with aiohttp.ClientSession(service.url) as client:
                yield client
        finally:
            await service.stop()

    return serving


async def _is_limited(client: aiohttp.ClientSession, forwarded_for: str) -> bool:
    async with client.post("/token", headers={"X-Forwarded-For": forwarded_for}) as response:
        return response.status == 429


@pytest.mark.parametrize("proxies", ["", "10.0.0.0/8"])
async def test_forwarded_headers_of_a_stranger_are_ignored(serve: Serve, proxies: str) -> None:
    async with serve("identity", proxies) as client:
        assert [await _is_limited(client, f"203.0.113.{number}") for number in range(3)] == [
            False,
            True,
            True,
        ]
        async with client.get("/healthz", headers={"X-Forwarded-Proto": "https"}) as response:
            assert HSTS not in response.headers


async def test_forwarded_headers_of_a_trusted_proxy_are_used(serve: Serve) -> None:
    async with serve("identity", LOOPBACK) as client:
        assert [await _is_limited(client, f"203.0.113.{number}") for number in (1, 2, 1)] == [
            False,
            False,
            True,
        ]
        assert await _is_limited(client, "198.51.100.1, 203.0.113.2"), (
            "the last hop is the client's own address"
        )
        async with client.get("/healthz", headers={"X-Forwarded-Proto": "https"}) as response:
            assert response.headers[HSTS].startswith("max-age=")


async def test_planning_responses_have_security_headers(serve: Serve) -> None:
    async with serve("planning", LOOPBACK) as client:
        for path in ("/healthz", "/metrics", "/graphql", "/nowhere"):
            async with client.post(path, headers={"X-Forwarded-Proto": "https"}) as response:
                assert [response.headers.getall(name) for name in SECURITY_HEADERS] == [
                    [value] for value in SECURITY_HEADERS.values()
                ]
                assert "server" not in response.headers
                assert HSTS in response.headers


async def test_malformed_http_is_answered_without_a_banner(serve: Serve) -> None:
    async with serve("planning", "") as client:
        assert client._base_url is not None
        reader, writer = await asyncio.open_connection(client._base_url.host, client._base_url.port)
        writer.write(b"NONSENSE\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"server:" not in answer.lower()
    assert b"uvicorn" not in answer.lower()
