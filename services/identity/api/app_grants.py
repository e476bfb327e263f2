"""Our own apps, which are public OAuth clients with PKCE: grants at `/token`, `/revoke`, and redirects."""

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
from services.identity.sign_in.commands import AdmissionRefused
from services.identity.sign_in.model import AuthorizationRequest
from services.identity.sign_in.provider import ProviderUnavailable
from services.identity.tokens.model import TokenRefused
from services.kit.http import NO_STORE
from services.kit.problems import Problem, RequestRefused


def app_grants(context: SignInContext) -> Mapping[str, GrantHandler]:
    """Return the handlers of the grants `authorization_code` and `refresh_token`."""

    limit = context.limits.account

    async def authorization_code(token_request: TokenRequest) -> Mapping[str, object]:
        app, now = _require_app(token_request, context), context.clock.now()
        code, redirect, verifier = map(token_request.require, ("code", "redirect_uri", "code_verifier"))
        exchange = exchange_code(code, app, redirect, verifier, now, token_request.request_id, limit)
        return await respond(token_request, exchange)

    async def refresh_token(token_request: TokenRequest) -> Mapping[str, object]:
        app, now = _require_app(token_request, context), context.clock.now()
        token = token_request.require("refresh_token")
        exchange = exchange_refresh_token(token, app, now, token_request.request_id, limit)
        return await respond(token_request, exchange)

    async def respond(token_request: TokenRequest, exchange: Awaitable[AppGrant]) -> Mapping[str, object]:
        try:
            grant = await exchange
        except AdmissionRefused as refusal:
            raise TokenRefused("invalid_grant", *refusal.problems, account=refusal.account_id) from None
        except RequestRefused as refusal:
            raise TokenRefused("invalid_grant", *refusal.problems) from None
        access_token = await context.issue_token(grant.subject, token_request.request_id)
        return {**access_token.as_json(), "refresh_token": grant.refresh_token}

    return {"authorization_code": authorization_code, "refresh_token": refresh_token}


def revoke_routes(context: SignInContext) -> list[Route]:
    """Return the route `/revoke` (RFC 7009), by which an app signs out. It accepts an unknown token."""

    async def revoke(token_request: TokenRequest) -> Mapping[str, object]:
        app, token = _require_app(token_request, context), token_request.require("token")
        await end_app_session(token, app, context.clock.now(), token_request.request_id, context.connection)
        return {}

    return [build_form_route("/revoke", revoke, context.messages, context.clock, context.database)]


def _require_app(token_request: TokenRequest, context: SignInContext) -> str:
    app = token_request.require("client_id")
    if app not in context.apps or token_request.secret is not None:
        raise TokenRefused("invalid_client", Problem("signin.app_unknown", path=("client_id",)))
    return app


def redirect_with_code(context: SignInContext, app: AuthorizationRequest, code: str) -> Response:
    """Redirect to an app with its code (RFC 6749, section 4.1.2)."""
    return _redirect_to_app(context, app.redirect_uri, app.state, {"code": code})


def redirect_with_error(
    context: SignInContext, redirect: str, state: str, refusal: RequestRefused, error: str
) -> Response:
    """Redirect to an app with an OAuth error (RFC 6749, section 4.1.2.1), our code, and its text in English.

    The text is English because the RFC requires ASCII. `error` is not used if the provider is unavailable.
    """
    problem = refusal.problems[0]
    params = {
        "error": "temporarily_unavailable" if isinstance(refusal, ProviderUnavailable) else error,
        "error_description": context.messages.text(problem, "en"),
        "problem": problem.code,
    }
    return _redirect_to_app(context, redirect, state, params)


def _redirect_to_app(
    context: SignInContext, redirect: str, state: str, params: Mapping[str, str]
) -> Response:
    query = urlencode({**params, "state": state, "iss": context.issuer})
    return RedirectResponse(f"{redirect}{'&' if '?' in redirect else '?'}{query}", 303, NO_STORE)
