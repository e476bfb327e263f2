from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message
from yarl import URL

from services.kit.http import MAX_LOGGED_PATH, RequestLog
from tests.serving import serving


@pytest.fixture
async def client(caplog: pytest.LogCaptureFixture) -> AsyncIterator[aiohttp.ClientSession]:
    """An app of one route that names a person in its path."""

    async def teacher(_: Request) -> PlainTextResponse:
        return PlainTextResponse("known")

    caplog.set_level(logging.INFO, logger="services.kit.http")
    app = Starlette(routes=[Route("/v1/teachers/{ptk_id}", teacher)], middleware=[Middleware(RequestLog)])
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def _lines(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> list[str]:
    async with client.request(method, URL(path, encoded=True)):
        pass
    return [one.getMessage() for one in caplog.records if one.name == "services.kit.http"]


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("DELETE", 405)])
async def test_the_log_names_the_route_and_not_the_person(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, method: str, status: int
) -> None:
    (line,) = await _lines(client, caplog, method, f"/v1/teachers/{uuid4()}")
    assert line.startswith(f"{method} /v1/teachers/{{ptk_id}} {status} ")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/nowhere%0aGET%20/healthz%20200", "/nowhere%0aGET%20/healthz%20200"),
        ("/%e2%80%a8", "/%e2%80%a8"),
        ("/" + "a" * 5000, "/" + "a" * (MAX_LOGGED_PATH - 1) + "…"),
    ],
)
async def test_a_path_that_nobody_serves_makes_one_line_and_a_short_one(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, path: str, shown: str
) -> None:
    (line,) = await _lines(client, caplog, "GET", path)
    assert line.startswith(f"GET {shown} 404 ")
    assert line.isprintable()


async def test_a_server_that_gives_only_the_decoded_path_forges_no_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="services.kit.http")
    scope = {"type": "http", "method": "GET", "path": "/a\nGET /é", "headers": []}

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        pass

    await RequestLog(PlainTextResponse("ok"))(scope, receive, send)
    (line,) = (one.getMessage() for one in caplog.records if one.name == "services.kit.http")
    assert line.startswith("GET /a?GET?/?? 200 ")


async def test_methods_of_any_name_are_one_series_of_metrics(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("BREW", "FORGED", "X-1"):
        lines = await _lines(client, caplog, name, "/nowhere")
        assert lines[-1].startswith("OTHER /nowhere 404 ")
    assert REGISTRY.get_sample_value("rencana_http_seconds_count", {"method": "OTHER", "status": "404"})
    told = {sample.labels.get("method") for metric in REGISTRY.collect() for sample in metric.samples}
    assert not told & {"BREW", "FORGED", "X-1"}
