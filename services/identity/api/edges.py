"""Middleware and exception handlers: rate limits, and HTTP errors as problems in JSON."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from services.identity.api.browser import respond_with_failure
from services.identity.settings import IdentitySettings
from services.kit.availability import RETRY_AFTER_SECONDS
from services.kit.http import SECURITY_HEADERS, get_request_id, problem_response
from services.kit.problems import Messages, Problem
from services.kit.rate_limit import RateLimit, RateLimitExceeded, get_client_network

LIMITED_PATHS = frozenset({"/login", "/callback", "/authorize", "/token", "/revoke"})


class RateLimits:
    """The rate limits of a process, by address and by account."""

    def __init__(self, settings: IdentitySettings) -> None:
        self.address = RateLimit("address", settings.sign_ins_per_address)
        self.account = RateLimit("account", settings.sign_ins_per_account)


class AddressLimitMiddleware:
    """ASGI middleware that limits requests to LIMITED_PATHS by the client's address, with 429."""

    def __init__(self, app: ASGIApp, limits: RateLimits, messages: Messages) -> None:
        self.app, self.limits, self.messages = app, limits, messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self.app
        if scope["type"] == "http" and scope["path"] in LIMITED_PATHS:
            try:
                self.limits.address.hit(get_client_network(scope))
            except RateLimitExceeded as error:
                app = respond_too_many_requests(Request(scope), self.messages, error)
        await app(scope, receive, send)


def respond_too_many_requests(request: Request, messages: Messages, error: RateLimitExceeded) -> Response:
    """Return 429 with `Retry-After`, as a page for browsers."""
    response = respond_with_failure(
        request, messages, [Problem("http.too_many", {"seconds": error.seconds})], 429
    )
    response.headers["retry-after"] = str(error.seconds)
    return response


def respond_unavailable(messages: Messages, request: Request) -> Response:
    """Return 503 with `Retry-After`, as a page for browsers."""
    response = respond_with_failure(request, messages, [Problem("http.unavailable")], 503)
    response.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    return response


_CODES = {404: "http.not_found", 405: "http.method_not_allowed", 413: "http.too_large"}


def build_exception_handlers(messages: Messages) -> dict[type[Exception], ExceptionHandler]:
    """Return handlers that render HTTP errors as problems, and exceptions as 500 without details."""

    async def handle_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = Problem(_CODES.get(error.status_code, "http.bad_request"))
        response = problem_response(request, messages, [problem], error.status_code)
        response.headers.update(error.headers or {})
        return response

    async def handle_fault(request: Request, _: Exception) -> Response:
        response = problem_response(request, messages, [Problem("http.fault")], 500)
        # Starlette sends this response outside of all middleware
        response.headers.update(SECURITY_HEADERS | {"x-request-id": get_request_id(request)})
        return response

    async def handle_rate_limit(request: Request, error: Exception) -> Response:
        assert isinstance(error, RateLimitExceeded)
        return respond_too_many_requests(request, messages, error)

    return {HTTPException: handle_http_error, RateLimitExceeded: handle_rate_limit, Exception: handle_fault}


class BodyLimitMiddleware:
    """ASGI middleware that replaces the plain-text 413 of Starlette's body limit with a problem in JSON."""

    def __init__(self, app: ASGIApp, messages: Messages) -> None:
        self.app, self.messages = app, messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        replacement: JSONResponse | None = None

        async def send_problem(message: Message) -> None:
            nonlocal replacement
            if _is_plain_413(message):
                problem = Problem("http.too_large")
                replacement = problem_response(Request(scope), self.messages, [problem], 413)
                await replacement(scope, receive, send)
            elif replacement is None:
                await send(message)

        await self.app(scope, receive, send_problem)


def _is_plain_413(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != 413:
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/plain")
