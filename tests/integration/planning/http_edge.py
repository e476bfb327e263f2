"""The HTTP edge with a small test schema, served over real HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from services.kit.clock import Clock
from services.kit.http import RequestLog
from services.kit.problems import Messages, Problem, RequestRefused
from services.kit.tokens import KeyCache
from services.planning.api.context import Authenticator, Context, Info, create_context_factory
from services.planning.api.extensions import Budgets, create_extensions
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


BUDGETS = Budgets(1_000_000, 1_000_000)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


@asynccontextmanager
async def serve_edge(prod: bool = True) -> AsyncIterator[aiohttp.ClientSession]:
    identity = IdentityClient("http://127.0.0.1:9", PLANNING, CLOCK)  # nobody listens there
    tokens = Authenticator(KeyCache(identity.keys), "https://identity.example", CLOCK)
    make = create_context_factory(Services(CLOCK, identity), MESSAGES, tokens)

    async def make_context(request: Request) -> Context:
        if "x-crash" in request.headers:
            raise RuntimeError(SECRET)
        return await make(request)

    schema = strawberry.Schema(Query, subscription=Subscription, extensions=create_extensions(prod, BUDGETS))
    route = Route("/graphql", GraphQLApp(schema, make_context, MESSAGES))
    app = Starlette(routes=[route], middleware=[Middleware(RequestLog)])
    await identity.start()
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        yield session
    await identity.close()


async def post(
    session: aiohttp.ClientSession, body: bytes | str | object, **headers: str
) -> tuple[int, dict[str, Any], aiohttp.ClientResponse]:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    request_headers = {"accept": MODERN, "content-type": LEGACY, "accept-language": "en", **headers}
    async with session.post("/graphql", data=content, headers=request_headers) as response:
        return response.status, json.loads(await response.read()), response


def problem_codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"].get("problem", {}).get("code") for error in answer["errors"]]


def request_body(text: str, /, **variables: object) -> dict[str, object]:
    return {"query": text, "variables": variables}
