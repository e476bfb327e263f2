"""Back to an app, at the redirect address that it registered: with its code, or with why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from services.identity.api.signing_in import SignIn
from services.identity.domain.attempt import AppRequest
from services.identity.login.provider import ProviderAway
from services.kit.http import NO_STORE
from services.kit.problem import Refused


def code_to_app(ours: SignIn, app: AppRequest, code: str) -> Response:
    """The code (RFC 6749, section 4.1.2)."""
    return _back(ours, app.redirect_uri, app.state, {"code": code})


def refused_to_app(ours: SignIn, redirect: str, state: str, refusal: Refused, error: str) -> Response:
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
