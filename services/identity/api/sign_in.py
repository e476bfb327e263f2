"""`/login` for browsers, `/authorize` for apps, and `/callback`, to which the provider sends both back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.identity.api.cookies import Cookie
from services.identity.api.failure_page import failure
from services.identity.api.limited import Limits
from services.identity.domain.app import Apps, redirect_of, request_of
from services.identity.domain.attempt import LIFE, AppRequest, Attempt, new_attempt
from services.identity.domain.return_to import page_to_return_to
from services.identity.domain.secret import new_secret
from services.identity.domain.session import BROWSER
from services.identity.domain.token import Bearer
from services.identity.login.provider import Provider, ProviderAway
from services.identity.usecases.app_session import issue_code
from services.identity.usecases.browser_session import open_session
from services.identity.usecases.sign_in_attempt import Answer, begin, let_in, taken
from services.kit.clock import Clock
from services.kit.http import NO_STORE, request_id_of
from services.kit.messages import Messages
from services.kit.problem import Problem, Refused


@dataclass(frozen=True, slots=True)
class SignIn:
    """What signing in needs. `issuer` is identity's own public address; `secure` the cookies' (all but development)."""

    provider: Provider
    messages: Messages
    clock: Clock
    issuer: str
    origins: tuple[str, ...]
    apps: Apps
    secure: bool
    limits: Limits

    @property
    def attempt_cookie(self) -> Cookie:
        """By which the browser that began an attempt is known."""
        return Cookie("rencana-attempt", LIFE, secure=self.secure)

    @property
    def session_cookie(self) -> Cookie:
        """By which a signed-in browser is known."""
        return Cookie("rencana-session", BROWSER.whole, secure=self.secure)


def sign_in_routes(ours: SignIn) -> list[Route]:
    """The routes. Failures are told where they can be read: on a page, or to the app through its redirect."""

    async def login(request: Request) -> Response:
        try:
            page = page_to_return_to(_asked(request).get("return_to", "/"), ours.origins)
            if page is None:
                raise Refused(Problem("signin.return_to", path=("return_to",)))
            return await _sent_off(request, ours, new_attempt(return_to=page))
        except Refused as refusal:
            return _page(request, ours, refusal, 400)

    async def authorize(request: Request) -> Response:
        try:
            asked = _asked(request)
            redirect = redirect_of(asked, ours.apps)
        except Refused as refusal:
            return _page(request, ours, refusal, 400)
        try:
            return await _sent_off(request, ours, new_attempt(app=request_of(asked, redirect)))
        except Refused as refusal:
            error = "temporarily_unavailable" if isinstance(refusal, ProviderAway) else "invalid_request"
            return _back_to_app(ours, redirect, asked.get("state", ""), _told(ours, refusal, error))

    async def callback(request: Request) -> Response:
        now, known_as, browser = ours.clock.now(), request_id_of(request), ours.attempt_cookie.read(request)
        try:
            asked = _asked(request)
            attempt = await taken(asked.get("state", ""), browser, now, known_as)
        except Refused as refusal:
            return _page(request, ours, refusal, 400)
        answer = Answer(asked.get("code"), asked.get("error"), asked.get("iss"))
        try:
            bearer = await let_in(ours.provider, attempt, answer, now, known_as)
        except Refused as refusal:
            return _failed(request, ours, attempt, refusal)
        ours.limits.account.take(bearer.subject)
        if attempt.app:
            return await _code_for(ours, attempt.app, bearer)
        response = RedirectResponse(attempt.return_to or ours.origins[0], 303, NO_STORE)
        ours.session_cookie.give(response, await open_session(bearer.account_id, now))
        return response

    return [Route("/login", login), Route("/authorize", authorize), Route("/callback", callback)]


def _asked(request: Request) -> Mapping[str, str]:
    given = request.query_params.multi_items()
    if len(given) != len(dict(given)):  # RFC 6749, section 3.1
        raise Refused(Problem("signin.twice"))
    return dict(given)


async def _sent_off(request: Request, ours: SignIn, attempt: Attempt) -> Response:
    browser = ours.attempt_cookie.read(request) or new_secret()
    response = RedirectResponse(await begin(ours.provider, attempt, browser, ours.clock.now()), 303, NO_STORE)
    ours.attempt_cookie.give(response, browser)
    return response


def _failed(request: Request, ours: SignIn, attempt: Attempt, refusal: Refused) -> Response:
    if attempt.app:
        error = "temporarily_unavailable" if isinstance(refusal, ProviderAway) else "access_denied"
        return _back_to_app(ours, attempt.app.redirect_uri, attempt.app.state, _told(ours, refusal, error))
    return _page(request, ours, refusal, 403, attempt.return_to)


async def _code_for(ours: SignIn, app: AppRequest, bearer: Bearer) -> Response:
    code = await issue_code(bearer.account_id, app, ours.clock.now())
    return _back_to_app(ours, app.redirect_uri, app.state, {"code": code})


def _back_to_app(ours: SignIn, redirect: str, state: str, told: Mapping[str, str]) -> Response:
    query = urlencode({**told, "state": state, "iss": ours.issuer})
    return RedirectResponse(f"{redirect}{'&' if '?' in redirect else '?'}{query}", 303, NO_STORE)


def _told(ours: SignIn, refusal: Refused, error: str) -> Mapping[str, str]:
    """For the app: the RFC's word, our code, and the sentence in English, which is ASCII as the RFC asks."""
    problem = refusal.problems[0]
    return {"error": error, "error_description": ours.messages.text(problem, "en"), "problem": problem.code}


def _page(request: Request, ours: SignIn, refusal: Refused, status: int, page: str | None = None) -> Response:
    status = 503 if isinstance(refusal, ProviderAway) else status
    retry = f"/login?{urlencode({'return_to': page})}" if page else "/login"
    return failure(request, ours.messages, refusal.problems, status, retry)
