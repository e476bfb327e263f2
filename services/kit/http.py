"""HTTP basics of both services: request ids, health, metrics, and problems as JSON."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from uuid import uuid4

from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.messages import Messages, language_of
from services.kit.problem import Problem

log = logging.getLogger(__name__)
ANSWERED = Histogram("rencana_http_seconds", "Time to answer, by method and status", ["method", "status"])

NO_STORE = {"cache-control": "no-store"}
# any token is a method (RFC 9110): each of another name would be a series of metrics for good
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
LONGEST_PATH = 80
_UNPRINTABLE = re.compile(r"[^!-~]")


class RequestLog:
    """Gives each request an id (`X-Request-Id`, taken over if sane), logs one line, and times it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        sane = given.replace("-", "").isalnum() and given.isascii() and len(given) <= 64
        request_id = given if sane else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - started
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            ANSWERED.labels(method, str(status)).observe(seconds)
            log.info("%s %s %s %.1fms id=%s", method, _place(scope), status, seconds * 1e3, request_id)


def _place(scope: Scope) -> str:
    """Where a request went, for the log: the template of its route, for a path may name a person.

    Where no route matched, the path as it was sent: decoded, it could hold the end of a line.
    """
    if isinstance(scope.get("route"), Route):
        return str(scope["route"].path)
    sent = scope.get("raw_path") or scope["path"].encode()
    path = _UNPRINTABLE.sub("?", sent.decode("latin-1"))
    return path if len(path) <= LONGEST_PATH else path[:LONGEST_PATH] + "…"


def request_id_of(request: Request) -> str:
    """The id that RequestLog gave this request; a person can quote it, and the log can be searched for it."""
    return str(request.state.request_id)


def health_routes(ready: Callable[[], Awaitable[None]]) -> list[BaseRoute]:
    """`/healthz` (the process lives), `/readyz` (`ready` did not raise), `/metrics` (Prometheus)."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        try:
            await ready()
        except (ConnectionError, TimeoutError) as error:
            log.warning("not ready: %s", type(error).__name__)
            return PlainTextResponse("not ready", status_code=503)
        return PlainTextResponse("ready")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


def problem_response(
    request: Request, messages: Messages, problems: Iterable[Problem], status: int, **beside: object
) -> JSONResponse:
    """Problems as JSON, `{"problems": [{code, message, path}]}`, in the language that the client prefers.

    `beside` are further members of the body.
    """
    language = language_of(request.headers.get("accept-language"))
    body = [
        {"code": problem.code, "message": messages.text(problem, language), "path": list(problem.path)}
        for problem in problems
    ]
    headers = {"content-language": language, **NO_STORE}
    return JSONResponse({**beside, "problems": body}, status_code=status, headers=headers)
