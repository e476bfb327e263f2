"""Requests that a browser sends with its cookie: only from pages of our own web clients, and only when they mean it.

Three locks, each enough: the cookie is SameSite=Lax, `Origin` must be one of ours, and a header that no form can send
makes every browser ask first (kit/cross_origin.py), which answers for those origins alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from starlette.requests import Request
from starlette.responses import Response

from services.kit.http import problem_response
from services.kit.messages import Messages
from services.kit.problem import Problem

HEADER = "x-rencana"

Endpoint = Callable[[Request], Awaitable[Response]]


def own_pages_only(origins: Collection[str], messages: Messages) -> Callable[[Endpoint], Endpoint]:
    """Guard an endpoint: 403 unless `Origin` is one of these and the header is there."""

    def guard(endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            told = request.headers.getlist("origin")
            if len(told) != 1 or told[0] not in origins:
                return problem_response(request, messages, [Problem("signin.foreign_page")], 403)
            if HEADER not in request.headers:
                return problem_response(request, messages, [Problem("signin.header", {"name": HEADER})], 403)
            return await endpoint(request)

        return guarded

    return guard
