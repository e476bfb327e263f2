"""The SDL as a file, for clients of an installation that refuses introspection."""

from __future__ import annotations

from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.planning.api.downloads import Download, download_response
from services.planning.api.schema import sdl


def sdl_route() -> Route:
    """Return the route of the SDL. A client that has it gets 304."""

    async def download(request: Request) -> Response:
        return download_response(request, _print_sdl(), "public, no-cache")

    return Route("/graphql/schema.graphql", download)


@cache
def _print_sdl() -> Download:
    return Download.create(sdl(), "text/plain")
