"""The edges of HTTP: what no route answers is a problem as JSON too; every answer has the same headers."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from services.kit.http import problem_response, request_id_of
from services.kit.messages import Messages
from services.kit.problem import Problem

# our answers are data: nothing to sniff, to frame, to run, or to tell others about
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
}
_CODES = {404: "http.not_found", 405: "http.method_not_allowed", 413: "http.too_large"}


def exception_handlers(messages: Messages) -> dict[type[Exception], ExceptionHandler]:
    """404, 405 and 413 as problems; a fault of ours as a 500 that tells nothing of the inside."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = Problem(_CODES.get(error.status_code, "http.bad_request"))
        response = problem_response(request, messages, [problem], error.status_code)
        response.headers.update(error.headers or {})
        return response

    async def fault(request: Request, _: Exception) -> Response:
        response = problem_response(request, messages, [Problem("http.fault")], 500)
        # Starlette answers this one outside of all middleware
        response.headers.update(SECURITY_HEADERS | {"x-request-id": request_id_of(request)})
        return response

    return {HTTPException: refused, Exception: fault}


class SecurityHeaders:
    """ASGI: every answer with `SECURITY_HEADERS`, or with its own of that name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sending)


class TooLargeAsProblem:
    """ASGI: Starlette's body limit answers 413 in plain text, past every handler; here it is a problem."""

    def __init__(self, app: ASGIApp, messages: Messages) -> None:
        self.app, self.messages = app, messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        instead: JSONResponse | None = None

        async def sending(message: Message) -> None:
            nonlocal instead
            if _is_plain_413(message):
                problem = Problem("http.too_large")
                instead = problem_response(Request(scope), self.messages, [problem], 413)
                await instead(scope, receive, send)
            elif instead is None:
                await send(message)

        await self.app(scope, receive, sending)


def _is_plain_413(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 413:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")
