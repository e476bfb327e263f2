"""The context of a request: the caller, the language, and decision contexts loaded once for each plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import strawberry
from graphql import DocumentNode
from joserfc.jwk import ECKey
from starlette.requests import Request

from services.kit.clock import Clock
from services.kit.database import Connection
from services.kit.http import get_request_id
from services.kit.problems import Messages, Problem, negotiate_language
from services.kit.tokens import PLANNING_AUDIENCE, AccessTokenVerifier, KeyCache, TokenExpired, TokenInvalid
from services.planning.api.errors import ApiError
from services.planning.api.loaders import Loaders, create_loaders
from services.planning.callers.model import (
    NATIONWIDE,
    AdminActor,
    Caller,
    Partner,
    Territory,
    parse_territory,
    require_admin,
    require_fresh_admin,
)
from services.planning.people.services import Services
from workflows.model.messages import Language

STATUS_SCOPE = "status:read"


class Authenticator:
    """Reads the access tokens of one issuer."""

    def __init__(self, keys: KeyCache[ECKey], issuer: str, clock: Clock) -> None:
        self._verifier = AccessTokenVerifier(keys.get, issuer, PLANNING_AUDIENCE, clock)

    async def authenticate(self, headers: Sequence[str]) -> Caller | Partner | None:
        """Return the caller that the `Authorization` headers name, None without a header.

        Raises ApiError UNAUTHENTICATED for anything but one valid token, and IdentityUnavailable without its keys.
        """
        try:
            principal = await self._verifier.verify(headers)
            if principal is None:
                return None
            if principal.account is None:
                return Partner(principal.id, principal.scopes, parse_territory(principal.territory_claim))
            ptk_id = principal.id if principal.kind == "ptk" else None
            return Caller(principal.account, ptk_id, principal.scopes, principal.signed_in_at)
        except TokenExpired:
            code = "auth.token_expired"
        except (TokenInvalid, ValueError):
            code = "auth.token_invalid"
        raise ApiError("UNAUTHENTICATED", Problem(code), status=401)


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that resolvers of one request need. `caller` is None without a token."""

    services: Services
    caller: Caller | Partner | None
    language: Language
    messages: Messages
    request_id: str
    loaders: Loaders
    document: DocumentNode

    @property
    def connection(self) -> Connection:
        """Connection pool of the service; each statement takes its own connection."""
        return self.services.connection

    def require_caller(self) -> Caller:
        """Return the person who calls. Raises ApiError UNAUTHENTICATED without a token, FORBIDDEN for a partner."""
        if self.caller is None:
            raise sign_in_required()
        if isinstance(self.caller, Partner):
            raise ApiError("FORBIDDEN", Problem("auth.partner"), status=403)
        return self.caller

    @property
    def is_admin(self) -> bool:
        """Whether the caller is an admin."""
        return isinstance(self.caller, Caller) and "admin" in self.caller.scopes

    def require_admin(self) -> AdminActor:
        """Return the caller as an actor. Raises CallerNotAllowed `actor.not_admin`, and as `require_caller`."""
        return require_admin(self.require_caller())

    def require_fresh_admin(self) -> AdminActor:
        """Return the caller as the actor of an act that gives power. Raises as above, and `auth.sign_in_again`."""
        return require_fresh_admin(self.require_caller(), self.services.clock.now())

    def require_status_scope(self) -> Territory:
        """Return the territory of a caller with the scope `status:read`.

        Raises ApiError UNAUTHENTICATED without a token, and FORBIDDEN without the scope, for admins too.
        """
        if self.caller is None:
            raise sign_in_required()
        if STATUS_SCOPE not in self.caller.scopes:
            raise ApiError("FORBIDDEN", Problem("auth.scope_missing", {"scope": STATUS_SCOPE}), status=403)
        return self.caller.territory if isinstance(self.caller, Partner) else NATIONWIDE

    def require_school_scope(self) -> Territory:
        """Return the schools that the caller may list: all for an admin, otherwise as `require_status_scope`."""
        return NATIONWIDE if self.is_admin else self.require_status_scope()


Info = strawberry.Info[Context, None]
ContextFactory = Callable[[Request, Caller | Partner | None, DocumentNode], Context]


def sign_in_required() -> ApiError:
    """Return the error of a request without a token."""
    return ApiError("UNAUTHENTICATED", Problem("auth.sign_in_required"), status=401)


def create_context_factory(services: Services, messages: Messages) -> ContextFactory:
    """Return the function that creates the context of a request."""

    def create_context(request: Request, caller: Caller | Partner | None, document: DocumentNode) -> Context:
        return Context(
            services, caller, negotiate_language(request.headers.get("accept-language")), messages,
            get_request_id(request), create_loaders(services, caller), document,
        )  # fmt: skip

    return create_context
