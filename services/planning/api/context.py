"""What a resolver knows of its request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import strawberry
from starlette.requests import Request

from services.kit.database import Connection
from services.kit.http import request_id_of
from services.kit.problems import Messages, Problem, language_of
from services.planning.api.auth import Tokens
from services.planning.api.cases import Cases, case_loader
from services.planning.api.errors import ApiError
from services.planning.callers.model import NATIONWIDE, Caller, Partner, Within
from services.planning.people.services import Planning
from workflows.model.texts import Language

STATUS = "status:read"


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks (None without a token), in which language, and everything needed to answer."""

    planning: Planning
    caller: Caller | Partner | None
    language: Language
    messages: Messages
    request_id: str
    cases: Cases

    @property
    def connection(self) -> Connection:
        """Connection pool of the service; each statement takes a connection of its own."""
        return self.planning.connection

    def signed_in(self) -> Caller:
        """The person who asks; ApiError UNAUTHENTICATED where nobody signed in, FORBIDDEN for a partner."""
        if self.caller is None:
            raise ApiError("UNAUTHENTICATED", Problem("auth.sign_in_required"), status=401)
        if isinstance(self.caller, Partner):
            raise ApiError("FORBIDDEN", Problem("auth.partner"), status=403)
        return self.caller

    def status_reader(self) -> Within:
        """The limits of whoever may ask for the status of plans; ApiError for everybody else, admins too."""
        if self.caller is None:
            raise ApiError("UNAUTHENTICATED", Problem("auth.sign_in_required"), status=401)
        if STATUS not in self.caller.scopes:
            raise ApiError("FORBIDDEN", Problem("auth.scope_missing", {"scope": STATUS}), status=403)
        return self.caller.within if isinstance(self.caller, Partner) else NATIONWIDE


Info = strawberry.Info[Context, None]
MakeContext = Callable[[Request], Awaitable[Context]]


def context_maker(planning: Planning, messages: Messages, tokens: Tokens) -> MakeContext:
    """How a request becomes its context; ApiError UNAUTHENTICATED for a token that cannot be trusted."""

    async def make(request: Request) -> Context:
        caller = await tokens.caller(request.headers.getlist("authorization"))
        language = language_of(request.headers.get("accept-language"))
        return Context(planning, caller, language, messages, request_id_of(request), case_loader(planning))

    return make
