"""GraphiQL at /graphql in development, from files of this machine, signed in by one click."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import aiohttp
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from services.kit.http import NO_STORE, has_json_body

FILES = Path(__file__).parent / "files"
# A package of PyPI that carries GraphiQL and React. It has no dependencies, and only its static files are used.
GRAPHIQL_PACKAGE = "graphene_django_graphiql_static"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "font-src 'self' data:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def find_graphiql() -> Path | None:
    """Return the folder of GraphiQL's files, or None if its package is not installed, as in an image."""
    spec = find_spec(GRAPHIQL_PACKAGE)
    return Path(spec.origin).parent / "static" / GRAPHIQL_PACKAGE if spec and spec.origin else None


class Explorer:
    """ASGI app that answers a browser with the explorer, and everybody else by the GraphQL app."""

    def __init__(self, graphql: ASGIApp, accounts: Sequence[str]) -> None:
        self._graphql = graphql
        page = (FILES / "explorer.html").read_text("utf-8")
        self._page = page.replace("ACCOUNTS", html.escape(json.dumps(accounts)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope)
        is_page = "text/html" in request.headers.get("accept", "") and not request.query_params
        if request.method != "GET" or not is_page:
            await self._graphql(scope, receive, send)
            return
        response = HTMLResponse(self._page, headers={"content-security-policy": CONTENT_SECURITY_POLICY})
        await response(scope, receive, send)


def explorer_routes(graphiql: Path, accounts: Sequence[str], identity_url: str) -> list[BaseRoute]:
    """Return the routes of the page's files and of its sign-in."""

    async def token(request: Request) -> Response:
        if not has_json_body(request):  # which a page of another origin cannot send
            return Response(status_code=415)
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.post(f"{identity_url}/dev/token", json=await request.json()) as response,
        ):
            return JSONResponse(await response.json(), response.status, headers=NO_STORE)

    return [
        Route("/graphql/explorer/token", token, methods=["POST"], max_body_size=4_096),
        Mount("/graphql/explorer/graphiql", StaticFiles(directory=graphiql)),
        Mount("/graphql/explorer", StaticFiles(directory=FILES)),
    ]
