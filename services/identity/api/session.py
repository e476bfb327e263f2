"""`POST /session/token`: an access token for a browser with a session. `POST /logout`: end the session."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.api.browser import CSRF_HEADER, require_own_origin
from services.identity.api.sign_in_context import SignInContext
from services.identity.sign_in.commands import AdmissionRefused, admit_session, end_session
from services.kit.http import NO_STORE, cors_middleware, get_request_id, problem_response
from services.kit.problems import RequestRefused
from services.kit.rate_limit import get_client_network

# OPTIONS is the CORS preflight
METHODS = ["POST", "OPTIONS"]


def session_routes(context: SignInContext) -> list[Route]:
    """Return the routes: 401 without a session, 403 for pages of other origins and for a refused admission."""
    own_pages_only = require_own_origin(context.origins, context.messages)

    @own_pages_only
    async def token(request: Request) -> Response:
        now = context.clock.now()
        context.limits.address.hit(get_client_network(request.scope))
        try:
            subject = await admit_session(context.session_cookie.read(request), now, context.connection)
        except AdmissionRefused as refusal:
            return problem_response(request, context.messages, refusal.problems, 403)
        except RequestRefused as refusal:
            return problem_response(request, context.messages, refusal.problems, 401)
        context.limits.account.hit(subject.subject)
        access_token = await context.issue_token(subject, get_request_id(request))
        return JSONResponse(access_token.as_json(), headers=NO_STORE)

    @own_pages_only
    async def logout(request: Request) -> Response:
        cookie = context.session_cookie.read(request)
        await end_session(cookie, context.clock.now(), get_request_id(request), context.connection)
        response = JSONResponse({"go_to": f"{request.headers['origin']}/"}, headers=NO_STORE)
        context.session_cookie.delete(response)
        return response

    cors = [cors_middleware(context.origins, CSRF_HEADER, allow_cookies=True)]
    return [
        Route("/session/token", token, methods=METHODS, middleware=cors),
        Route("/logout", logout, methods=METHODS, middleware=cors),
    ]
