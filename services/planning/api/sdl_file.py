"""The SDL as a file, for clients of an installation that refuses introspection."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kit.compression import compress_response
from services.planning.api.schema import sdl


def sdl_route() -> Route:
    """Return the route of the SDL. A client that has it gets 304."""

    async def download(request: Request) -> Response:
        text, etag = _print_sdl()
        headers = {"etag": etag, "cache-control": "public, no-cache"}
        # a proxy that compresses makes the ETag weak
        if etag in request.headers.get("if-none-match", "").replace("W/", "").replace(",", " ").split():
            return Response(status_code=304, headers=headers)
        response = Response(text, headers=headers, media_type="text/plain")
        compress_response(response, request.headers.get("accept-encoding", ""))
        return response

    return Route("/graphql/schema.graphql", download)


@cache
def _print_sdl() -> tuple[str, str]:
    text = sdl()
    return text, f'"{sha256(text.encode()).hexdigest()}"'
