"""Development only: access tokens without a provider, and the client of planning."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.clients.model import Client, Territory
from services.identity.registry.json_input import read_json
from services.identity.registry.own_files import normalize_email
from services.identity.sign_in.commands import admit, issue_token
from services.identity.tokens.commands import DevClient
from services.identity.tokens.keys import Keyring
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, cors_middleware, get_request_id, has_json_body, problem_response
from services.kit.problems import Messages, Problem, RequestRefused
from services.kit.settings import DEV_CLIENT_ID, DEV_CLIENT_SECRET, DEV_ORIGINS

DEV_CLIENT = DevClient(
    Client(
        id=UUID(DEV_CLIENT_ID),
        name="planning",
        contact="development",
        scopes=("registry:read",),
        territory=Territory(nationwide=True),
        registered_at=datetime(2024, 1, 1, tzinfo=UTC),
        registered_by="development",
    ),
    DEV_CLIENT_SECRET,
)


MAX_BODY_BYTES = 4 * 1024


def dev_token_routes(
    messages: Messages, clock: Clock, keyring: Keyring, issuer: str, database: Database
) -> list[Route]:
    """Return the route `/dev/token`: 400 or 415 for a malformed body, 403 without admission or from elsewhere."""

    async def dev_token(request: Request) -> Response:
        if not _is_local(request):
            return problem_response(request, messages, [Problem("dev_token.not_local")], 403)
        if not has_json_body(request):
            return problem_response(request, messages, [Problem("dev_token.not_json")], 415)
        try:
            email = _parse_email(read_json(await request.body()))
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 400)
        now = clock.now()
        try:
            token = await issue_token(
                replace(await admit(email, now, database.connection), signed_in_at=now),
                keyring,
                issuer,
                now,
                get_request_id(request),
                database.connection,
            )
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 403)
        return JSONResponse(token.as_json(), headers=NO_STORE)

    cors = [cors_middleware(DEV_ORIGINS, allow_cookies=False)]
    return [
        Route(
            "/dev/token",
            dev_token,
            methods=["POST", "OPTIONS"],
            max_body_size=MAX_BODY_BYTES,
            middleware=cors,
        )
    ]


def _is_local(request: Request) -> bool:
    is_forwarded = "forwarded" in request.headers or "x-forwarded-for" in request.headers
    return not is_forwarded and request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    ipv4_address = getattr(address, "ipv4_mapped", None)
    return bool((ipv4_address or address).is_loopback)


def _parse_email(body: object) -> str:
    value = body.get("email") if isinstance(body, dict) else None
    email = normalize_email(value) if isinstance(value, str) else None
    if email is None:
        raise RequestRefused(Problem("dev_token.email", path=("email",)))
    return email
