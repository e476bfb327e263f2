"""What our own apps do at `/token` and `/revoke`: public clients, known by their name and by PKCE."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.identity.api.sign_in_context import SignInContext
from services.identity.api.token import GrantHandler, TokenRequest, build_form_route
from services.identity.sign_in.app_session import (
    AppGrant,
    end_app_session,
    exchange_code,
    exchange_refresh_token,
)
from services.identity.sign_in.commands import AdmissionRefused, issue_token
from services.identity.sign_in.model import AuthorizationRequest
from services.identity.sign_in.provider import ProviderUnavailable
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import TokenRefused
from services.kit.http import NO_STORE
from services.kit.problems import Problem, RequestRefused


def app_grants(ours: SignInContext, keyring: Keyring) -> Mapping[str, GrantHandler]:
    """The handlers: a code for the first tokens, a refresh token for the next ones."""

    async def authorization_code(token_request: TokenRequest) -> Mapping[str, object]:
        app, now = _require_app(token_request, ours), ours.clock.now()
        code, redirect, verifier = map(token_request.require, ("code", "redirect_uri", "code_verifier"))
        used = exchange_code(
            code, app, redirect, verifier, now, token_request.request_id, ours.limits.account
        )
        return await respond(token_request, used)

    async def refresh_token(token_request: TokenRequest) -> Mapping[str, object]:
        app, now = _require_app(token_request, ours), ours.clock.now()
        token = token_request.require("refresh_token")
        return await respond(
            token_request,
            exchange_refresh_token(token, app, now, token_request.request_id, ours.limits.account),
        )

    async def respond(token_request: TokenRequest, exchange: Awaitable[AppGrant]) -> Mapping[str, object]:
        try:
            grant = await exchange
        except AdmissionRefused as refusal:
            raise TokenRefused("invalid_grant", *refusal.problems, account=refusal.account_id) from None
        except RequestRefused as refusal:
            raise TokenRefused("invalid_grant", *refusal.problems) from None
        issued = await issue_token(
            grant.subject,
            keyring,
            ours.issuer,
            ours.clock.now(),
            token_request.request_id,
            ours.database.connection,
        )
        return {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "refresh_token": grant.refresh_token,
        }

    return {"authorization_code": authorization_code, "refresh_token": refresh_token}


def revoke_routes(ours: SignInContext) -> list[Route]:
    """`POST /revoke` (RFC 7009): an app signs out. A token that is none is answered alike."""

    async def revoke(token_request: TokenRequest) -> Mapping[str, object]:
        app, token = _require_app(token_request, ours), token_request.require("token")
        await end_app_session(
            token, app, ours.clock.now(), token_request.request_id, ours.database.connection
        )
        return {}

    return [build_form_route("/revoke", revoke, ours.messages, ours.clock, ours.database)]


def _require_app(token_request: TokenRequest, ours: SignInContext) -> str:
    app = token_request.require("client_id")
    if app not in ours.apps or token_request.secret is not None:
        raise TokenRefused("invalid_client", Problem("signin.app_unknown", path=("client_id",)))
    return app


def redirect_with_code(ours: SignInContext, app: AuthorizationRequest, code: str) -> Response:
    """The code (RFC 6749, section 4.1.2)."""
    return _redirect_to_app(ours, app.redirect_uri, app.state, {"code": code})


def redirect_with_error(
    ours: SignInContext, redirect: str, state: str, refusal: RequestRefused, error: str
) -> Response:
    """The RFC's word (section 4.1.2.1), our code, and the sentence in English, which is ASCII as the RFC asks.

    `error` is the word where it is not the provider that is away.
    """
    problem = refusal.problems[0]
    params = {
        "error": "temporarily_unavailable" if isinstance(refusal, ProviderUnavailable) else error,
        "error_description": ours.messages.text(problem, "en"),
        "problem": problem.code,
    }
    return _redirect_to_app(ours, redirect, state, params)


def _redirect_to_app(ours: SignInContext, redirect: str, state: str, params: Mapping[str, str]) -> Response:
    query = urlencode({**params, "state": state, "iss": ours.issuer})
    return RedirectResponse(f"{redirect}{'&' if '?' in redirect else '?'}{query}", 303, NO_STORE)
