"""`POST /session/token`: a signed-in browser gets an access token for planning. `POST /logout`: it signs out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.api.browser import CSRF_HEADER, require_own_origin
from services.identity.api.sign_in_context import SignInContext
from services.identity.sign_in.commands import AdmissionRefused, admit_session, end_session, issue_token
from services.identity.tokens.keys import Keyring
from services.kit.http import NO_STORE, cors_middleware, get_request_id, problem_response
from services.kit.problems import RequestRefused
from services.kit.rate_limit import get_client_network

# OPTIONS is CORS's, and without its headers refused as any page that is not ours
METHODS = ["POST", "OPTIONS"]


def session_routes(ours: SignInContext, keyring: Keyring) -> list[Route]:
    """The routes, for our own pages: 403 for others, 401 without a session, 403 for who may no longer enter."""
    own_pages_only = require_own_origin(ours.origins, ours.messages)

    @own_pages_only
    async def token(request: Request) -> Response:
        now = ours.clock.now()
        ours.limits.address.hit(get_client_network(request.scope))
        try:
            subject = await admit_session(ours.session_cookie.read(request), now, ours.database.connection)
        except AdmissionRefused as refusal:
            return problem_response(request, ours.messages, refusal.problems, 403)
        except RequestRefused as refusal:
            return problem_response(request, ours.messages, refusal.problems, 401)
        ours.limits.account.hit(subject.subject)
        issued = await issue_token(
            subject, keyring, ours.issuer, now, get_request_id(request), ours.database.connection
        )
        body = {"access_token": issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in}
        return JSONResponse(body, headers=NO_STORE)

    @own_pages_only
    async def logout(request: Request) -> Response:
        await end_session(
            ours.session_cookie.read(request),
            ours.clock.now(),
            get_request_id(request),
            ours.database.connection,
        )
        response = JSONResponse({"go_to": f"{request.headers['origin']}/"}, headers=NO_STORE)
        ours.session_cookie.delete(response)
        return response

    cors = [cors_middleware(ours.origins, CSRF_HEADER, allow_cookies=True)]
    return [
        Route("/session/token", token, methods=METHODS, middleware=cors),
        Route("/logout", logout, methods=METHODS, middleware=cors),
    ]
