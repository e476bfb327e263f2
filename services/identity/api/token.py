"""`POST /token` (RFC 6749): one door for every grant; what a grant is worth, the handler of its `grant_type` says.

Every refusal is a word of the RFC's for programs, our reasons for people, and an event of the audit.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.api.token_request import TokenRequest, read_token_request
from services.identity.domain.audit import Audited, AuditEvent
from services.identity.domain.oauth import TokenRefused
from services.identity.storage import audit
from services.kit.clock import Clock
from services.kit.http import NO_STORE, problem_response, request_id_of
from services.kit.messages import Messages
from services.kit.problem import Problem

log = logging.getLogger(__name__)

LARGEST_BODY = 8 * 1024
UNCACHED = {**NO_STORE, "pragma": "no-cache"}  # RFC 6749, section 5.1

# what a grant answers: `access_token`, `token_type`, `expires_in`, …
Grant = Callable[[TokenRequest], Awaitable[Mapping[str, object]]]


def token_routes(messages: Messages, clock: Clock, grants: Mapping[str, Grant]) -> list[Route]:
    """The route, with a handler for each `grant_type`; a handler raises TokenRefused."""

    async def answered(asked: TokenRequest) -> Mapping[str, object]:
        grant = grants.get(asked.required("grant_type"))
        if grant is None:
            known = ", ".join(grants)
            raise TokenRefused(
                "unsupported_grant_type", Problem("token.grant_type", {"known": known}, ("grant_type",))
            )
        return await grant(asked)

    return [form_route("/token", answered, messages, clock)]


def form_route(path: str, answered: Grant, messages: Messages, clock: Clock) -> Route:
    """A route where clients post forms and TokenRefused is told as OAuth tells it."""

    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(dict(await answered(await read_token_request(request))), headers=UNCACHED)
        except TokenRefused as refused:
            await _record(refused, request, clock)
            return _refusal(request, messages, refused)

    return Route(path, endpoint, methods=["POST"], max_body_size=LARGEST_BODY)


async def _record(refused: TokenRefused, request: Request, clock: Clock) -> None:
    log.info("no token: %s", refused)
    event = AuditEvent(
        clock.now(), Audited.TOKEN, refused.problems[0].code, account=refused.account, client=refused.client,
        request=request_id_of(request),
    )  # fmt: skip
    await audit.record(event)


def _refusal(request: Request, messages: Messages, refused: TokenRefused) -> Response:
    """The RFC's words are for programs, and ASCII (section 5.2): the description is always English."""
    described = messages.text(refused.problems[0], "en")
    status = 401 if refused.error == "invalid_client" else 400
    answer = problem_response(
        request, messages, refused.problems, status, error=refused.error, error_description=described
    )
    answer.headers["pragma"] = UNCACHED["pragma"]
    if status == 401:
        answer.headers["www-authenticate"] = 'Basic realm="rencana"'
    return answer
