"""The HTTP edge with a small test schema, served over real HTTP."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import strawberry
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from services.kit.clock import Clock
from services.kit.http import RequestLog
from services.kit.problems import Messages, Problem, RequestRefused
from services.kit.tokens import ALGORITHM, PLANNING_AUDIENCE, TOKEN_TYPE, KeyCache
from services.planning.api.budgets import Budgets
from services.planning.api.context import Authenticator, Context, Info, create_context_factory
from services.planning.api.documents import Document, PreparedDocument, compute_digest
from services.planning.api.http import LEGACY, MODERN, GraphQLApp
from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.settings import MESSAGE_FILES
from tests.credentials import PLANNING
from tests.serving import serving
from workflows.model.messages import format_value

MESSAGES = Messages.load(*MESSAGE_FILES, format_value=format_value)
CLOCK = Clock()
SECRET = "the secret of a stack trace"


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "halo"

    @strawberry.field
    def me(self, info: Info) -> str:
        return info.context.require_caller().subject

    @strawberry.field
    def echo(self, text: str, number: int = 0) -> str:
        return text

    @strawberry.field(deprecation_reason="Use `hello`. Removed after 2027-06-30.")  # type: ignore[untyped-decorator]
    def greeting(self) -> str:
        return "halo"

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def too_big_for_int(self) -> int | None:
        return 2**40

    @strawberry.field
    def refused(self) -> str | None:
        raise RequestRefused([Problem("key.malformed", {}, ("key",)), Problem("id.invalid", {}, ("id",))])

    @strawberry.field
    def away(self) -> str | None:
        raise IdentityUnavailable

    @strawberry.field
    def deeper(self) -> "Query":
        return Query()


KEY = ECKey.generate_key("P-256", {"kid": "edge"})
ISSUER = "https://identity.example"
TRUSTED = {
    compute_digest(text): Document(text, compute_digest(text), f"edge/{name}")
    for name, text in (
        ("Me", "query Me {\n  me\n}"),
        ("Echo", "query Echo($text: String!) {\n  echo(text: $text)\n}"),
        ("Greeting", "query Greeting {\n  greeting\n  again: greeting\n}"),
    )
}


def sign_token(scope: str = "", client: str | None = None) -> str:
    """A valid token of an account, or of a client."""
    now, account = int(time.time()), str(uuid4())
    subject = (
        {"sub": f"client:{client}", "within": {"nationwide": True}}
        if client
        else {"sub": f"account:{account}", "acc": account}
    )
    claims = {"iss": ISSUER, "aud": PLANNING_AUDIENCE, **subject, "scope": scope}
    header = {"alg": ALGORITHM, "kid": "edge", "typ": TOKEN_TYPE}
    return jwt.encode(header, {**claims, "iat": now, "exp": now + 3600}, KEY, [ALGORITHM], default_type=None)


SIGNED_IN = f"Bearer {sign_token()}"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def shout(self) -> str:
        return "HALO"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


async def _refuse_keys() -> Mapping[str, ECKey]:
    raise IdentityUnavailable


async def _keys() -> Mapping[str, ECKey]:
    return {"edge": KEY}


def create_edge(prod: bool = True) -> GraphQLApp:
    """The app on the small schema, while identity is away and its key is cached."""
    identity = IdentityClient("http://127.0.0.1:9", PLANNING, CLOCK)  # nobody listens there
    make = create_context_factory(Services(CLOCK, identity), MESSAGES)

    def make_context(request: Request, *arguments: Any) -> Context:
        if "x-crash" in request.headers:
            raise RuntimeError(SECRET)
        return make(request, *arguments)

    return GraphQLApp(
        strawberry.Schema(Query, Mutation, subscription=Subscription, extensions=[PreparedDocument]),
        Authenticator(KeyCache(_refuse_keys, fetch_fallback=_keys), ISSUER, CLOCK),
        make_context,
        MESSAGES,
        Budgets(1_000_000, 1_000_000),
        TRUSTED,
        allow_introspection=not prod,
        may_send_text=lambda caller, _: "only-trusted" not in caller.scopes,
    )


@asynccontextmanager
async def serve_edge(prod: bool = True) -> AsyncIterator[aiohttp.ClientSession]:
    app = Starlette(routes=[Route("/graphql", create_edge(prod))], middleware=[Middleware(RequestLog)])
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session


async def post(
    session: aiohttp.ClientSession, body: bytes | str | object, **headers: str
) -> tuple[int, dict[str, Any], aiohttp.ClientResponse]:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    defaults = {"accept": MODERN, "content-type": LEGACY, "accept-language": "en", "authorization": SIGNED_IN}
    request_headers = {name: value for name, value in {**defaults, **headers}.items() if value}
    async with session.post("/graphql", data=content, headers=request_headers) as response:
        return response.status, json.loads(await response.read()), response


def problem_codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"].get("problem", {}).get("code") for error in answer["errors"]]


def request_body(text: str, /, **variables: object) -> dict[str, object]:
    return {"query": text, "variables": variables}
