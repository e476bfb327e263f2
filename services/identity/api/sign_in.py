"""`/login` for browsers, `/authorize` for apps, and `/callback`, to which the provider sends both back."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.identity.api.app_grants import code_to_app, refused_to_app
from services.identity.api.browser import failure
from services.identity.api.signing_in import SignIn
from services.identity.sign_in.app_session import issue_code
from services.identity.sign_in.apps import redirect_of, request_of
from services.identity.sign_in.commands import Answer, begin, let_in, open_session, taken
from services.identity.sign_in.model import Attempt, new_attempt, page_to_return_to
from services.identity.sign_in.provider import ProviderAway
from services.kit.http import NO_STORE, get_request_id
from services.kit.problems import Problem, RequestRefused
from services.kit.secret import generate_secret


def sign_in_routes(ours: SignIn) -> list[Route]:
    """The routes. Failures are told where they can be read: on a page, or to the app through its redirect."""

    async def login(request: Request) -> Response:
        try:
            page = page_to_return_to(_asked(request).get("return_to", "/"), ours.origins)
            if page is None:
                raise RequestRefused(Problem("signin.return_to", path=("return_to",)))
            return await _sent_off(request, ours, new_attempt(return_to=page))
        except RequestRefused as refusal:
            return _page(request, ours, refusal, 400)

    async def authorize(request: Request) -> Response:
        try:
            asked = _asked(request)
            redirect = redirect_of(asked, ours.apps)
        except RequestRefused as refusal:
            return _page(request, ours, refusal, 400)
        try:
            return await _sent_off(request, ours, new_attempt(app=request_of(asked, redirect)))
        except RequestRefused as refusal:
            return refused_to_app(ours, redirect, asked.get("state", ""), refusal, "invalid_request")

    async def callback(request: Request) -> Response:
        now, known_as, browser = ours.clock.now(), get_request_id(request), ours.attempt_cookie.read(request)
        try:
            asked = _asked(request)
            attempt = await taken(asked.get("state", ""), browser, now, known_as, ours.database.connection)
        except RequestRefused as refusal:
            return _page(request, ours, refusal, 400)
        answer = Answer(asked.get("code"), asked.get("error"), asked.get("iss"))
        try:
            bearer = await let_in(
                ours.provider, attempt, answer, now, known_as, ours.limits.account, ours.database.connection
            )
        except RequestRefused as refusal:
            return _failed(request, ours, attempt, refusal)
        if app := attempt.app:
            return code_to_app(
                ours, app, await issue_code(bearer.account_id, app, now, ours.database.connection)
            )
        response = RedirectResponse(attempt.return_to or ours.origins[0], 303, NO_STORE)
        ours.session_cookie.give(
            response, await open_session(bearer.account_id, now, ours.database.connection)
        )
        return response

    return [Route("/login", login), Route("/authorize", authorize), Route("/callback", callback)]


def _asked(request: Request) -> Mapping[str, str]:
    given = request.query_params.multi_items()
    if len(given) != len(dict(given)):  # RFC 6749, section 3.1
        raise RequestRefused(Problem("signin.twice"))
    return dict(given)


async def _sent_off(request: Request, ours: SignIn, attempt: Attempt) -> Response:
    browser = ours.attempt_cookie.read(request) or generate_secret()
    response = RedirectResponse(
        await begin(ours.provider, attempt, browser, ours.clock.now(), ours.database.connection),
        303,
        NO_STORE,
    )
    ours.attempt_cookie.give(response, browser)
    return response


def _failed(request: Request, ours: SignIn, attempt: Attempt, refusal: RequestRefused) -> Response:
    if app := attempt.app:
        return refused_to_app(ours, app.redirect_uri, app.state, refusal, "access_denied")
    return _page(request, ours, refusal, 403, attempt.return_to)


def _page(
    request: Request, ours: SignIn, refusal: RequestRefused, status: int, page: str | None = None
) -> Response:
    status = 503 if isinstance(refusal, ProviderAway) else status
    retry = f"/login?{urlencode({'return_to': page})}" if page else "/login"
    return failure(request, ours.messages, refusal.problems, status, retry)
