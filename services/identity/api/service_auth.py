"""Only services of the house ask for people and schools: they show the shared secret."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from services.kit.http import problem_response
from services.kit.messages import Messages
from services.kit.problem import Problem

Endpoint = Callable[[Request], Awaitable[Response]]


def for_services(secret: str, messages: Messages) -> Callable[[Endpoint], Endpoint]:
    """Guard an endpoint: 401 unless `Authorization: Bearer <secret>`, compared in constant time."""
    expected = secret.encode()

    def guard(endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            scheme, _, shown = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), expected):
                return await endpoint(request)
            refusal = problem_response(request, messages, [Problem("service.unauthorized")], 401)
            refusal.headers["www-authenticate"] = "Bearer"
            return refusal

        return guarded

    return guard
