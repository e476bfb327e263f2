"""How often one may ask to sign in, or for a token: by address, and by account or client once that is proven.

A route is limited by address if its path stands in LIMITED; one that answers other origins' pages counts inside, where
its answer gets their headers (session.py). Who has proven an account or a client calls `Limits.account.take(subject)`.
Over the limit both raise TooMany, which edges.py answers.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.identity.api.failure_page import failure
from services.identity.settings import IdentitySettings
from services.kit.messages import Messages
from services.kit.problem import Problem
from services.kit.rate_limit import RateLimit, TooMany, source_of

LIMITED = frozenset({"/login", "/callback", "/authorize", "/token", "/revoke"})


class Limits:
    """The counters of one process."""

    def __init__(self, settings: IdentitySettings) -> None:
        self.address = RateLimit("address", settings.sign_ins_per_address)
        self.account = RateLimit("account", settings.sign_ins_per_account)


class LimitedByAddress:
    """ASGI: requests to LIMITED are counted by the client's address; one too many is answered with 429."""

    def __init__(self, app: ASGIApp, limits: Limits, messages: Messages) -> None:
        self.app, self.limits, self.messages = app, limits, messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self.app
        if scope["type"] == "http" and scope["path"] in LIMITED:
            try:
                self.limits.address.take(source_of(scope))
            except TooMany as error:
                app = too_many(Request(scope), self.messages, error)
        await app(scope, receive, send)


def too_many(request: Request, messages: Messages, error: TooMany) -> Response:
    """429, with `Retry-After` and the sentence: on a page for a browser."""
    response = failure(request, messages, [Problem("http.too_many", {"seconds": error.seconds})], 429)
    response.headers["retry-after"] = str(error.seconds)
    return response
