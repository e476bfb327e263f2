"""HTTP basics of both services: request log, health routes, problems as JSON, security headers, CORS."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from importlib.metadata import version
from typing import TYPE_CHECKING
from uuid import uuid4

from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.measurement import start_request
from services.kit.problems import Messages, Problem, negotiate_language
from services.kit.shutdown import shutdown_has_begun

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger(__name__)
REQUEST_SECONDS = Histogram(
    "rencana_http_seconds", "Time to answer, by method, status and outcome", ["method", "status", "code"]
)

NO_STORE = {"cache-control": "no-store"}
# A client may send any token as a method (RFC 9110). Each new label value would create a metric series for good.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
MAX_LOGGED_PATH = 80
_UNPRINTABLE = re.compile(r"[^!-~]")


class RequestLog:
    """ASGI middleware that gives each request an id, logs it in one line and measures its time.

    A valid `X-Request-Id` of the client is kept as the id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        header = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        is_valid = header.replace("-", "").isalnum() and header.isascii() and len(header) <= 64
        request_id = header if is_valid else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        stats, started_at, status = start_request(), time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                if shutdown_has_begun():  # so that the client sends its next request to another process
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started_at
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            code = str(status) if stats.operation is None else stats.code
            REQUEST_SECONDS.labels(method, str(status), code).observe(seconds)
            stats.observe(seconds)
            log.info(
                "%s %s %s %.1fms id=%s%s",
                method, _loggable_path(scope), status, seconds * 1e3, request_id, stats,
            )  # fmt: skip


def _loggable_path(scope: Scope) -> str:
    """Return the path template of the matched route: a path itself may identify a person.

    If no route matched, returns the raw path without unprintable bytes, so that nobody can forge a line of the log.
    """
    if isinstance(scope.get("route"), Route):
        return str(scope["route"].path)
    raw_path = scope.get("raw_path") or scope["path"].encode()
    path = _UNPRINTABLE.sub("?", raw_path.decode("latin-1"))
    return path if len(path) <= MAX_LOGGED_PATH else path[:MAX_LOGGED_PATH] + "…"


def get_request_id(request: Request) -> str:
    """Return the id of a request, which a person can quote and an operator finds in the log."""
    return str(request.state.request_id)


def has_json_body(request: Request) -> bool:
    """Return whether the `Content-Type` of a request is application/json."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def health_routes(check_ready: Callable[[], Awaitable[None]]) -> list[BaseRoute]:
    """Return the routes `/healthz` (liveness, with the release), `/readyz` (readiness) and `/metrics` (Prometheus).

    The process is ready unless `check_ready` raises ConnectionError or TimeoutError.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": version("rencana")})

    was_ready = True

    async def readyz(_: Request) -> Response:
        nonlocal was_ready
        try:
            if shutdown_has_begun():
                raise ConnectionError("the process is ending")
            await check_ready()
        except (ConnectionError, TimeoutError) as error:
            if was_ready:  # probes repeat every few seconds
                log.warning("not ready: %s", error or type(error).__name__)
            was_ready = False
            return PlainTextResponse("not ready", status_code=503)
        if not was_ready:
            log.info("ready again")
        was_ready = True
        return PlainTextResponse("ready")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def problem_response(
    request: Request, messages: Messages, problems: Iterable[Problem], status: int, **members: object
) -> JSONResponse:
    """Return problems as JSON, `{"problems": [{code, message, path}]}`, in the language that the client prefers.

    `members` are further members of the body.
    """
    language = negotiate_language(request.headers.get("accept-language"))
    body = [
        {"code": problem.code, "message": messages.text(problem, language), "path": list(problem.path)}
        for problem in problems
    ]
    headers = {"content-language": language, **NO_STORE}
    return JSONResponse({**members, "problems": body}, status_code=status, headers=headers)


# Responses are data: a browser must not sniff, frame, execute, embed or cache them, nor send their address on.
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
# A year, without subdomains. Browsers ignore it without TLS.
HSTS = ("strict-transport-security", "max-age=31536000")


class SecurityHeaders:
    """ASGI middleware that adds SECURITY_HEADERS, and HSTS over TLS. A response keeps headers that it sets itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault(*HSTS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


PREFLIGHT_MAX_AGE = 3600  # seconds
# what GraphQL clients and tracers add to a request
CLIENT_HEADERS = (
    "content-type", "traceparent", "tracestate", "x-request-id", "apollographql-client-name",
    "apollographql-client-version",
)  # fmt: skip


def cors_middleware(
    origins: Collection[str], *headers: str, methods: Collection[str] = ("POST",), allow_cookies: bool
) -> Middleware:
    """Allow requests of these origins, with CLIENT_HEADERS, more headers and, if allowed, cookies (CORS)."""
    return Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=list(methods),
        allow_headers=[*headers, *CLIENT_HEADERS],
        allow_credentials=allow_cookies,
        expose_headers=["x-request-id", "retry-after"],
        max_age=PREFLIGHT_MAX_AGE,
    )


async def read_limited(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Read the body of a response. Raises ValueError if it has more than `max_bytes` after decompression."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > max_bytes:
            raise ValueError("the response is too large")
    return bytes(body)
