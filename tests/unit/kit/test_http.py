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
    """A client of an app whose only route has a person's id in its path."""

    async def teacher(_: Request) -> PlainTextResponse:
        return PlainTextResponse("known")

    caplog.set_level(logging.INFO, logger="services.kit.http")
    app = Starlette(routes=[Route("/v1/teachers/{ptk_id}", teacher)], middleware=[Middleware(RequestLog)])
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def _request_and_read_log(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> list[str]:
    async with client.request(method, URL(path, encoded=True)):
        pass
    return [one.getMessage() for one in caplog.records if one.name == "services.kit.http"]


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("DELETE", 405)])
async def test_log_names_the_route_and_not_the_person(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, method: str, status: int
) -> None:
    (line,) = await _request_and_read_log(client, caplog, method, f"/v1/teachers/{uuid4()}")
    assert line.startswith(f"{method} /v1/teachers/{{ptk_id}} {status} ")


@pytest.mark.parametrize(
    ("path", "logged_path"),
    [
        ("/nowhere%0aGET%20/healthz%20200", "/nowhere%0aGET%20/healthz%20200"),
        ("/%e2%80%a8", "/%e2%80%a8"),
        ("/" + "a" * 5000, "/" + "a" * (MAX_LOGGED_PATH - 1) + "…"),
    ],
)
async def test_unknown_path_is_logged_on_one_short_line(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, path: str, logged_path: str
) -> None:
    (line,) = await _request_and_read_log(client, caplog, "GET", path)
    assert line.startswith(f"GET {logged_path} 404 ")
    assert line.isprintable()


async def test_decoded_path_cannot_forge_a_line_of_the_log(
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


async def test_unknown_methods_share_one_series_of_metrics(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("BREW", "FORGED", "X-1"):
        lines = await _request_and_read_log(client, caplog, name, "/nowhere")
        assert lines[-1].startswith("OTHER /nowhere 404 ")
    assert REGISTRY.get_sample_value(
        "rencana_http_seconds_count", {"method": "OTHER", "status": "404", "code": "404"}
    )
    methods = {sample.labels.get("method") for metric in REGISTRY.collect() for sample in metric.samples}
    assert not methods & {"BREW", "FORGED", "X-1"}
