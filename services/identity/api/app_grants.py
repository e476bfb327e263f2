"""What our own apps do at `/token` and `/revoke`: public clients, known by their name and by PKCE."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.identity.api.signing_in import SignIn
from services.identity.api.token import Grant, TokenRequest, form_route
from services.identity.sign_in.app_session import Entered, end_app_session, use_code, use_refresh_token
from services.identity.sign_in.commands import NotAdmitted, issue_token
from services.identity.sign_in.model import AppRequest
from services.identity.sign_in.provider import ProviderAway
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import TokenRefused
from services.kit.http import NO_STORE
from services.kit.problems import Problem, RequestRefused


def app_grants(ours: SignIn, keyring: Keyring) -> Mapping[str, Grant]:
    """The handlers: a code for the first tokens, a refresh token for the next ones."""

    async def authorization_code(asked: TokenRequest) -> Mapping[str, object]:
        app, now = _app(asked, ours), ours.clock.now()
        code, redirect, verifier = map(asked.required, ("code", "redirect_uri", "code_verifier"))
        used = use_code(code, app, redirect, verifier, now, asked.request_id, ours.limits.account)
        return await answered(asked, used)

    async def refresh_token(asked: TokenRequest) -> Mapping[str, object]:
        app, now = _app(asked, ours), ours.clock.now()
        token = asked.required("refresh_token")
        return await answered(
            asked, use_refresh_token(token, app, now, asked.request_id, ours.limits.account)
        )

    async def answered(asked: TokenRequest, entering: Awaitable[Entered]) -> Mapping[str, object]:
        try:
            entered = await entering
        except NotAdmitted as refusal:
            raise TokenRefused("invalid_grant", *refusal.problems, account=refusal.account) from None
        except RequestRefused as refusal:
            raise TokenRefused("invalid_grant", *refusal.problems) from None
        issued = await issue_token(
            entered.bearer, keyring, ours.issuer, ours.clock.now(), asked.request_id, ours.database.connection
        )
        return {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "refresh_token": entered.refresh_token,
        }

    return {"authorization_code": authorization_code, "refresh_token": refresh_token}


def revoke_routes(ours: SignIn) -> list[Route]:
    """`POST /revoke` (RFC 7009): an app signs out. A token that is none is answered alike."""

    async def revoke(asked: TokenRequest) -> Mapping[str, object]:
        app, token = _app(asked, ours), asked.required("token")
        await end_app_session(token, app, ours.clock.now(), asked.request_id, ours.database.connection)
        return {}

    return [form_route("/revoke", revoke, ours.messages, ours.clock, ours.database)]


def _app(asked: TokenRequest, ours: SignIn) -> str:
    app = asked.required("client_id")
    if app not in ours.apps or asked.secret is not None:
        raise TokenRefused("invalid_client", Problem("signin.app_unknown", path=("client_id",)))
    return app


def code_to_app(ours: SignIn, app: AppRequest, code: str) -> Response:
    """The code (RFC 6749, section 4.1.2)."""
    return _back(ours, app.redirect_uri, app.state, {"code": code})


def refused_to_app(ours: SignIn, redirect: str, state: str, refusal: RequestRefused, error: str) -> Response:
    """The RFC's word (section 4.1.2.1), our code, and the sentence in English, which is ASCII as the RFC asks.

    `error` is the word where it is not the provider that is away.
    """
    problem = refusal.problems[0]
    told = {
        "error": "temporarily_unavailable" if isinstance(refusal, ProviderAway) else error,
        "error_description": ours.messages.text(problem, "en"),
        "problem": problem.code,
    }
    return _back(ours, redirect, state, told)


def _back(ours: SignIn, redirect: str, state: str, told: Mapping[str, str]) -> Response:
    query = urlencode({**told, "state": state, "iss": ours.issuer})
    return RedirectResponse(f"{redirect}{'&' if '?' in redirect else '?'}{query}", 303, NO_STORE)
