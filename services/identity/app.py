"""The ASGI app of identity, composed of its routes and middleware."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute

from services.identity.api.app_grants import app_grants, revoke_routes
from services.identity.api.auth import Guard
from services.identity.api.clients import client_routes
from services.identity.api.edges import (
    AddressLimitMiddleware,
    BodyLimitMiddleware,
    RateLimits,
    build_exception_handlers,
    respond_unavailable,
)
from services.identity.api.metadata import jwks_routes, metadata_routes
from services.identity.api.push import MAX_BUNDLE_BYTES, PushLimits, push_routes
from services.identity.api.registry import registry_routes
from services.identity.api.session import session_routes
from services.identity.api.sign_in import sign_in_routes
from services.identity.api.sign_in_context import SignInContext
from services.identity.api.token import client_credentials, token_routes
from services.identity.settings import MESSAGE_FILES, PACKAGE, IdentitySettings
from services.identity.sign_in.apps import COMMAND_LINE
from services.identity.sign_in.dev_token import DEV_CLIENT, dev_token_routes
from services.identity.sign_in.provider import Provider, ProviderRegistration
from services.identity.tokens.keys import Keyring
from services.kit.availability import DeadlineMiddleware
from services.kit.clock import Clock
from services.kit.database import Database, DatabaseMiddleware, open_database
from services.kit.http import RequestLog, SecurityHeaders, health_routes
from services.kit.loop_lag import measured_loop
from services.kit.problems import Messages
from services.kit.process import configure_logging, serve
from workflows.model.messages import format_value

# for routes without a limit of their own
MAX_BODY_BYTES = 2 * MAX_BUNDLE_BYTES


def create_app(settings: IdentitySettings, database: Database, clock: Clock | None = None) -> Starlette:
    """Build the app on a connected and migrated database. Its lifespan creates the first signing key.

    The lifespan raises SettingsError if the key secret does not decrypt the stored keys.
    """
    clock = clock or Clock(settings.now)
    messages = Messages.load(*MESSAGE_FILES, format_value=format_value)
    keyring = Keyring(*settings.key_secrets)
    limits = RateLimits(settings)
    guard = Guard(messages, keyring, settings.issuer, clock, database)
    dev = DEV_CLIENT if settings.is_dev else None
    sign_in = _build_sign_in(settings, keyring, messages, clock, limits, database)
    grants = {
        "client_credentials": client_credentials(keyring, settings.issuer, clock, dev, limits, database),
        **(app_grants(sign_in) if sign_in else {}),
    }

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with database.active():
            await keyring.ensure_signing_key(clock.now())
            async with measured_loop(), sign_in.provider.connect() if sign_in else nullcontext():
                yield

    routes: list[BaseRoute] = [
        *registry_routes(messages, clock, guard, database),
        *push_routes(messages, clock, PushLimits(limits.address), database),
        *client_routes(messages, clock, guard, database),
        *token_routes(messages, clock, grants, database),
        *metadata_routes(settings.issuer, grants),
        *jwks_routes(keyring, clock, database),
        *health_routes(database.ping),
    ]
    if settings.is_dev:
        routes += dev_token_routes(messages, clock, keyring, settings.issuer, database)
    if sign_in:
        routes += [*sign_in_routes(sign_in), *session_routes(sign_in), *revoke_routes(sign_in)]
    middleware = [
        Middleware(RequestLog),
        Middleware(SecurityHeaders),
        Middleware(AddressLimitMiddleware, limits=limits, messages=messages),
        Middleware(
            DeadlineMiddleware,
            seconds=settings.request_seconds,
            respond=partial(respond_unavailable, messages),
        ),
        Middleware(BodyLimitMiddleware, messages=messages),
        Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES),
        Middleware(DatabaseMiddleware, database=database),
    ]
    return Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers=build_exception_handlers(messages),
        lifespan=lifespan,
    )


def _build_sign_in(
    settings: IdentitySettings,
    keyring: Keyring,
    messages: Messages,
    clock: Clock,
    limits: RateLimits,
    database: Database,
) -> SignInContext | None:
    """Build the context of sign-in, or None without a provider."""
    if settings.oidc_issuer is None:
        return None
    registration = ProviderRegistration(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret.get_secret_value(),
        f"{settings.issuer}/callback", settings.oidc_hd,
    )  # fmt: skip
    return SignInContext(
        Provider(registration, allow_loopback=settings.is_dev), keyring, messages, clock, settings.issuer,
        settings.web_origins, {**COMMAND_LINE, **settings.apps}, not settings.is_dev, limits, database,
    )  # fmt: skip


async def serve_identity(settings: IdentitySettings) -> None:
    """Serve until a signal. Raises SettingsError if the key secret does not decrypt the stored keys."""
    configure_logging()
    async with open_database(settings.identity_database_url, PACKAGE, settings.request_seconds) as database:
        # checked here for a short error; in the lifespan uvicorn would print a traceback
        await Keyring(*settings.key_secrets).ensure_signing_key(Clock(settings.now).now())
        app = create_app(settings, database)
        await serve(
            app,
            settings.identity_host,
            settings.identity_port,
            settings.trusted_proxies,
            settings.drain_seconds,
        )
