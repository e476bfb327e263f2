"""`/login` for browsers, `/authorize` for apps, and `/callback`, to which the provider redirects both."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.identity.api.app_grants import redirect_with_code, redirect_with_error
from services.identity.api.browser import respond_with_failure
from services.identity.api.sign_in_context import SignInContext
from services.identity.sign_in.app_session import issue_code
from services.identity.sign_in.apps import find_redirect_uri, parse_authorization_request
from services.identity.sign_in.commands import (
    AuthorizationResponse,
    begin_sign_in,
    complete_sign_in,
    open_session,
    take_attempt,
)
from services.identity.sign_in.model import Attempt, new_attempt, resolve_return_url
from services.identity.sign_in.provider import ProviderUnavailable
from services.kit.http import NO_STORE, get_request_id
from services.kit.problems import Problem, RequestRefused
from services.kit.secret import generate_secret


def sign_in_routes(context: SignInContext) -> list[Route]:
    """Return the routes. A failure is shown on a page, or sent to the app by its redirect URI."""

    async def login(request: Request) -> Response:
        try:
            page = resolve_return_url(_read_query(request).get("return_to", "/"), context.origins)
            if page is None:
                raise RequestRefused(Problem("signin.return_to", path=("return_to",)))
            return await _redirect_to_provider(request, context, new_attempt(return_to=page))
        except RequestRefused as refusal:
            return _respond(request, context, refusal, 400)

    async def authorize(request: Request) -> Response:
        try:
            params = _read_query(request)
            redirect = find_redirect_uri(params, context.apps)
        except RequestRefused as refusal:
            return _respond(request, context, refusal, 400)
        try:
            attempt = new_attempt(app=parse_authorization_request(params, redirect))
            return await _redirect_to_provider(request, context, attempt)
        except RequestRefused as refusal:
            return redirect_with_error(context, redirect, params.get("state", ""), refusal, "invalid_request")

    async def callback(request: Request) -> Response:
        now, request_id = context.clock.now(), get_request_id(request)
        connection, browser = context.connection, context.attempt_cookie.read(request)
        try:
            params = _read_query(request)
            attempt = await take_attempt(params.get("state", ""), browser, now, request_id, connection)
        except RequestRefused as refusal:
            return _respond(request, context, refusal, 400)
        answer = AuthorizationResponse(params.get("code"), params.get("error"), params.get("iss"))
        try:
            subject = await complete_sign_in(
                context.provider, attempt, answer, now, request_id, context.limits.account, connection
            )
        except RequestRefused as refusal:
            return _respond_to_refusal(request, context, attempt, refusal)
        if app := attempt.app:
            code = await issue_code(subject.account_id, app, now, connection)
            return redirect_with_code(context, app, code)
        response = RedirectResponse(attempt.return_to or context.origins[0], 303, NO_STORE)
        context.session_cookie.set(response, await open_session(subject.account_id, now, connection))
        return response

    return [Route("/login", login), Route("/authorize", authorize), Route("/callback", callback)]


def _read_query(request: Request) -> Mapping[str, str]:
    items = request.query_params.multi_items()
    if len(items) != len(dict(items)):  # RFC 6749, section 3.1
        raise RequestRefused(Problem("signin.twice"))
    return dict(items)


async def _redirect_to_provider(request: Request, context: SignInContext, attempt: Attempt) -> Response:
    browser = context.attempt_cookie.read(request) or generate_secret()
    url = await begin_sign_in(context.provider, attempt, browser, context.clock.now(), context.connection)
    response = RedirectResponse(url, 303, NO_STORE)
    context.attempt_cookie.set(response, browser)
    return response


def _respond_to_refusal(
    request: Request, context: SignInContext, attempt: Attempt, refusal: RequestRefused
) -> Response:
    if app := attempt.app:
        return redirect_with_error(context, app.redirect_uri, app.state, refusal, "access_denied")
    return _respond(request, context, refusal, 403, attempt.return_to)


def _respond(
    request: Request,
    context: SignInContext,
    refusal: RequestRefused,
    status: int,
    return_to: str | None = None,
) -> Response:
    status = 503 if isinstance(refusal, ProviderUnavailable) else status
    retry_url = f"/login?{urlencode({'return_to': return_to})}" if return_to else "/login"
    return respond_with_failure(request, context.messages, refusal.problems, status, retry_url)
