"""The composition root of the planning service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hmac import compare_digest

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kit.availability import RETRY_AFTER_SECONDS, DeadlineMiddleware
from services.kit.clock import Clock
from services.kit.database import Database, DatabaseMiddleware
from services.kit.http import RequestLog, SecurityHeaders, cors_middleware, health_routes, problem_response
from services.kit.loop_lag import measured_loop
from services.kit.problems import Messages
from services.kit.tokens import KeyCache
from services.planning.api.budgets import Budgets
from services.planning.api.catalog_file import catalog_route
from services.planning.api.context import Authenticator, create_context_factory
from services.planning.api.documents import load_trusted_documents
from services.planning.api.errors import describe_outage
from services.planning.api.explorer import Explorer, explorer_routes, find_graphiql
from services.planning.api.http import GraphQLApp
from services.planning.api.schema import build_schema
from services.planning.api.sdl_file import sdl_route
from services.planning.callers.model import Caller, Partner
from services.planning.people.identity.answers import AnswerStore
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Services
from services.planning.reference_data import store_shipped_workflow
from services.planning.settings import MESSAGE_FILES, PlanningSettings
from workflows.model.messages import format_value

GATEWAY_HEADER = "x-rencana-gateway"  # the secret of the gateway, beside the token of a person


def create_app(settings: PlanningSettings, database: Database) -> Starlette:
    """Return the ASGI app on a connected, migrated database. Its lifespan stores the shipped workflow first."""
    clock = Clock(settings.now)
    answer_store = AnswerStore(clock, timedelta(hours=settings.facts_cache_hours), database)
    identity = IdentityClient(settings.identity_url, settings.credentials, clock, store=answer_store)
    services = Services(clock, identity)
    messages = Messages.load(*MESSAGE_FILES, format_value=format_value)
    authenticator = Authenticator(
        KeyCache(identity.keys, fetch_fallback=identity.cached_keys), settings.issuer, clock
    )
    graphql = GraphQLApp(
        build_schema(),
        authenticator,
        create_context_factory(services, messages),
        messages,
        Budgets(settings.person_cost_per_minute, settings.partner_cost_per_minute),
        load_trusted_documents(),
        allow_introspection=settings.is_dev,
        may_send_text=lambda caller, headers: _may_send_text(caller, headers, settings),
    )

    def respond_unavailable(request: Request) -> Response:
        response = problem_response(request, messages, [describe_outage()], 503)
        response.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
        return response

    graphiql = find_graphiql() if settings.is_dev else None
    endpoint = Explorer(graphql, settings.explorer_accounts) if graphiql else graphql
    page_routes = (
        explorer_routes(graphiql, settings.explorer_accounts, settings.identity_url) if graphiql else []
    )
    # clients send a token in a header, never a cookie
    cors = cors_middleware(
        settings.allowed_origins, "authorization", methods=("GET", "POST"), allow_cookies=False
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with database.active():
            await store_shipped_workflow(clock, database.connection)
        writer = asyncio.create_task(answer_store.run())
        await identity.start()
        async with measured_loop():
            yield
        await identity.close()
        writer.cancel()
        await asyncio.wait([writer])
        await answer_store.flush()

    return Starlette(
        routes=[
            Route("/graphql", endpoint, middleware=[cors]),
            sdl_route(),
            catalog_route(services, messages, cors),
            *page_routes,
            *health_routes(database.ping),
        ],
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(DeadlineMiddleware, seconds=settings.request_seconds, respond=respond_unavailable),
            Middleware(DatabaseMiddleware, database=database),
        ],
        lifespan=lifespan,
    )


def _may_send_text(caller: Caller | Partner, headers: Headers, settings: PlanningSettings) -> bool:
    """Return whether a caller may send a document that is not trusted.

    In production partners, admins and persons behind our gateway may, unless the setting forbids it to all.
    """
    is_allowed = (
        settings.is_dev
        or isinstance(caller, Partner)
        or "admin" in caller.scopes
        or _is_gateway(headers.get(GATEWAY_HEADER, ""), settings.gateway_secrets)
    )
    return settings.free_form_documents and is_allowed


def _is_gateway(header: str, secrets: tuple[str, ...]) -> bool:
    return any(compare_digest(header.encode(), secret.encode()) for secret in secrets)
