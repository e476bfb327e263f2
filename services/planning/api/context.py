"""What a resolver knows of its request: who calls, in which language, and plans loaded once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import strawberry
from starlette.requests import Request
from strawberry.dataloader import DataLoader

from services.kit.database import Connection
from services.kit.http import get_request_id
from services.kit.problems import Messages, Problem, negotiate_language
from services.planning.api.auth import Authenticator
from services.planning.api.errors import ApiError
from services.planning.callers.model import NATIONWIDE, AdminActor, Caller, Partner, Territory, require_admin
from services.planning.people.services import Services
from services.planning.plan.decision import DecisionContext, load_decision_contexts
from services.planning.plan.model import Plan
from workflows.model.messages import Language

ContextRequest = tuple[Plan, Caller | None]
Key = tuple[str, str, int]
DecisionContexts = DataLoader[ContextRequest, DecisionContext]


def create_context_loader(services: Services) -> DecisionContexts:
    """For one request. A plan is another one after each of its events; IdentityAway fails only whom it concerns."""

    async def load(asked: list[ContextRequest]) -> Sequence[DecisionContext | BaseException]:
        together: dict[Key, list[ContextRequest]] = {}
        for one in asked:
            together.setdefault(_key(one[0]), []).append(one)
        loaded = await asyncio.gather(*(_cases(services, some) for some in together.values()))
        found = {id(one): case for cases in loaded for one, case in cases}
        return [found[id(one)] for one in asked]

    return DataLoader(load_fn=load, cache_key_fn=lambda one: (_key(one[0]), one[1]))


async def _cases(
    services: Services, asked: Sequence[ContextRequest]
) -> list[tuple[ContextRequest, DecisionContext | BaseException]]:
    """The cases of one plan, for all who asked."""
    plan = asked[0][0]
    try:
        cases: Sequence[DecisionContext | BaseException] = await load_decision_contexts(
            services, plan, [who for _, who in asked]
        )
    except Exception as error:  # noqa: BLE001 - it is raised where the case is awaited
        cases = [error] * len(asked)
    return list(zip(asked, cases, strict=True))


def _key(plan: Plan) -> Key:
    return plan.ptk_id, plan.period, plan.version


STATUS_SCOPE = "status:read"


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks (None without a token), in which language, and everything needed to answer."""

    services: Services
    caller: Caller | Partner | None
    language: Language
    messages: Messages
    request_id: str
    decision_contexts: DecisionContexts

    @property
    def connection(self) -> Connection:
        """Connection pool of the service; each statement takes a connection of its own."""
        return self.services.connection

    def require_caller(self) -> Caller:
        """The person who asks; ApiError UNAUTHENTICATED where nobody signed in, FORBIDDEN for a partner."""
        if self.caller is None:
            raise ApiError("UNAUTHENTICATED", Problem("auth.sign_in_required"), status=401)
        if isinstance(self.caller, Partner):
            raise ApiError("FORBIDDEN", Problem("auth.partner"), status=403)
        return self.caller

    def require_admin(self) -> AdminActor:
        """Return the caller as an actor. Raises RequestRefused `actor.not_admin`, and as `require_caller`."""
        return require_admin(self.require_caller())

    def require_status_scope(self) -> Territory:
        """The limits of whoever may ask for the status of plans; ApiError for everybody else, admins too."""
        if self.caller is None:
            raise ApiError("UNAUTHENTICATED", Problem("auth.sign_in_required"), status=401)
        if STATUS_SCOPE not in self.caller.scopes:
            raise ApiError("FORBIDDEN", Problem("auth.scope_missing", {"scope": STATUS_SCOPE}), status=403)
        return self.caller.territory if isinstance(self.caller, Partner) else NATIONWIDE


Info = strawberry.Info[Context, None]
ContextFactory = Callable[[Request], Awaitable[Context]]


def create_context_factory(services: Services, messages: Messages, tokens: Authenticator) -> ContextFactory:
    """How a request becomes its context; ApiError UNAUTHENTICATED for a token that cannot be trusted."""

    async def make(request: Request) -> Context:
        caller = await tokens.authenticate(request.headers.getlist("authorization"))
        language = negotiate_language(request.headers.get("accept-language"))
        return Context(
            services, caller, language, messages, get_request_id(request), create_context_loader(services)
        )

    return make
