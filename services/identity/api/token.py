"""`POST /token`: the form, client authentication, and the grant `client_credentials`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.api.edges import RateLimits
from services.identity.tokens.commands import (
    DevClient,
    authenticate_client,
    issue_client_token,
    record_refusal,
)
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import TokenRefused
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, get_request_id, problem_response
from services.kit.problems import Messages, Problem

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 20


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A form without its empty fields (RFC 6749, section 3.2). A public client has no `secret`."""

    form: Mapping[str, str]
    client_id: str | None
    secret: str | None
    request_id: str

    def require(self, name: str) -> str:
        """Return a field. Raises TokenRefused `invalid_request` if it is missing."""
        if name not in self.form:
            raise TokenRefused("invalid_request", Problem("token.missing", {"name": name}, (name,)))
        return self.form[name]


async def read_token_request(request: Request) -> TokenRequest:
    """Read the form and the client's credentials. Raises TokenRefused, also if the client sends them twice."""
    form = _parse_form(request.headers.get("content-type", ""), await request.body())
    client_id, secret = form.get("client_id"), form.get("client_secret")
    authorization = request.headers.getlist("authorization")
    if authorization:
        basic_id, basic_secret = _parse_basic_auth(authorization)
        if secret is not None or client_id not in {None, basic_id}:
            raise TokenRefused("invalid_request", Problem("token.client_twice"))
        client_id, secret = basic_id, basic_secret
    return TokenRequest(form, client_id, secret, get_request_id(request))


def _parse_form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise TokenRefused("invalid_request", Problem("token.not_form"))
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise TokenRefused("invalid_request", Problem("token.not_form")) from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if name in form:
            raise TokenRefused("invalid_request", Problem("token.twice"))
        form[name] = value
    return {name: value for name, value in form.items() if value}


def _parse_basic_auth(headers: list[str]) -> tuple[str, str]:
    """Return id and secret of `Authorization: Basic`, both form-encoded (RFC 6749, section 2.3.1)."""
    try:
        (header,) = headers
        scheme, _, credentials = header.partition(" ")
        if scheme.lower() != "basic":
            raise ValueError("scheme")
        client_id, colon, secret = (
            base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
        )
        if not colon:
            raise ValueError("no secret")
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, binascii.Error):
        raise TokenRefused("invalid_client", Problem("token.client")) from None


MAX_BODY_BYTES = 8 * 1024
NO_CACHE = {**NO_STORE, "pragma": "no-cache"}  # RFC 6749, section 5.1

# returns the members of the response, `access_token` and others; raises TokenRefused
GrantHandler = Callable[[TokenRequest], Awaitable[Mapping[str, object]]]


def token_routes(
    messages: Messages, clock: Clock, grants: Mapping[str, GrantHandler], database: Database
) -> list[Route]:
    """Return the route `/token` with a handler for each `grant_type`."""

    async def handle(token_request: TokenRequest) -> Mapping[str, object]:
        grant = grants.get(token_request.require("grant_type"))
        if grant is None:
            grant_types = ", ".join(grants)
            raise TokenRefused(
                "unsupported_grant_type", Problem("token.grant_type", {"known": grant_types}, ("grant_type",))
            )
        return await grant(token_request)

    return [build_form_route("/token", handle, messages, clock, database)]


def build_form_route(
    path: str, handle: GrantHandler, messages: Messages, clock: Clock, database: Database
) -> Route:
    """Return a route for forms of OAuth clients. TokenRefused becomes an OAuth error response."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(dict(await handle(await read_token_request(request))), headers=NO_CACHE)
        except TokenRefused as refused:
            await record_refusal(refused, get_request_id(request), clock.now(), database.connection)
            return _respond_to_refusal(request, messages, refused)

    return Route(path, endpoint, methods=["POST"], max_body_size=MAX_BODY_BYTES)


def _respond_to_refusal(request: Request, messages: Messages, refusal: TokenRefused) -> Response:
    """Return an error response. Its description must be ASCII (RFC 6749, section 5.2), so it is English."""
    description = messages.text(refusal.problems[0], "en")
    status = 401 if refusal.error == "invalid_client" else 400
    response = problem_response(
        request, messages, refusal.problems, status, error=refusal.error, error_description=description
    )
    response.headers["pragma"] = NO_CACHE["pragma"]
    if status == 401:
        response.headers["www-authenticate"] = 'Basic realm="rencana"'
    return response


def client_credentials(
    keyring: Keyring, issuer: str, clock: Clock, dev: DevClient | None, limits: RateLimits, database: Database
) -> GrantHandler:
    """Return the handler of the grant `client_credentials`. `dev` is None in prod."""

    async def grant(token_request: TokenRequest) -> Mapping[str, object]:
        client_id = _parse_uuid(token_request.client_id)
        if client_id is None or token_request.secret is None:
            raise TokenRefused("invalid_client", Problem("token.client"))
        now = clock.now()
        client = await authenticate_client(client_id, token_request.secret, now, dev, database.connection)
        limits.account.hit(f"client:{client.id}")
        requested_scopes = frozenset(token_request.form.get("scope", "").split())
        token, scope = await issue_client_token(
            client, requested_scopes, keyring, issuer, now, token_request.request_id, database.connection
        )
        return {**token.as_json(), "scope": scope}

    return grant


def _parse_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
