"""`rencana admin …` (platform scopes), `keys …` (signing keys) and `identity serve`."""

from __future__ import annotations

import asyncio
import getpass

import click

from services.identity.accounts import store as grants
from services.identity.accounts.commands import grant_scope, revoke_scope
from services.identity.accounts.model import PLATFORM_SCOPES
from services.identity.app import PACKAGE, serve_identity
from services.identity.settings import IdentitySettings
from services.identity.tokens import store as signing_keys
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import shown, signing
from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.settings import load

SCOPE = click.argument("scope", type=click.Choice(PLATFORM_SCOPES))
BY = click.option("--by", default=getpass.getuser, help="who does it; you, if not given")


@click.group()
def identity() -> None:
    """The identity service."""


@click.group()
def admin() -> None:
    """Platform scopes of accounts. Tokens follow within 15 minutes."""


@click.group()
def keys() -> None:
    """The keys that sign tokens."""


@identity.command("serve")
def identity_serve() -> None:
    """Serve sign-in, tokens and the registry until stopped."""
    asyncio.run(serve_identity(load(IdentitySettings)))


@admin.command("grant")
@click.argument("email")
@SCOPE
@BY
def admin_grant(email: str, scope: str, by: str) -> None:
    """Give the account at EMAIL a platform scope."""

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            new = await grant_scope(email, scope, by, Clock(settings.now).now())
            click.echo("granted" if new else "held already")

    asyncio.run(run())


@admin.command("revoke")
@click.argument("email")
@SCOPE
@BY
def admin_revoke(email: str, scope: str, by: str) -> None:
    """Take a platform scope away from the account at EMAIL."""

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            was_held = await revoke_scope(email, scope, by, Clock(settings.now).now())
            click.echo("revoked" if was_held else "not held")

    asyncio.run(run())


@admin.command("list")
def admin_list() -> None:
    """Show every grant there ever was: address, scope, from, by, until, and the account's id."""

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            for one in await grants.load_grants():
                until = f"until {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "holds"
                since = f"{one.granted_at:%Y-%m-%d}"
                click.echo("  ".join((one.email, one.scope, since, one.granted_by, until, str(one.account))))

    asyncio.run(run())


@keys.command("rotate")
def keys_rotate() -> None:
    """Make the next signing key. Nobody is signed out; nothing needs a restart."""

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            key = await Keyring(*settings.sealing_secrets).rotate(Clock(settings.now).now())
            click.echo(f"{key.kid} is shown now and signs from {key.active_from:%Y-%m-%d %H:%M:%S %Z}")

    asyncio.run(run())


@keys.command("reseal")
def keys_reseal() -> None:
    """Move the signing keys from RENCANA_KEY_SECRET_PREVIOUS to RENCANA_KEY_SECRET. Nobody is signed out.

    `rencana identity serve` does the same when it starts.
    """

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            await Keyring(*settings.sealing_secrets).ensure(Clock(settings.now).now())
            click.echo("the signing keys lie under RENCANA_KEY_SECRET")

    asyncio.run(run())


@keys.command("drop")
@click.argument("kid")
def keys_drop(kid: str) -> None:
    """Withdraw the signing key KID at once: it has leaked. What it signed is refused within minutes.

    Clients get a new token as they do every 15 minutes; nobody has to sign in again for it.
    """

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            key = await Keyring(*settings.sealing_secrets).drop(kid, Clock(settings.now).now())
            click.echo(f"{kid} is withdrawn; {key.kid} signs now")

    asyncio.run(run())


@keys.command("list")
def keys_list() -> None:
    """Show every signing key there ever was, and what it does now."""

    async def run() -> None:
        settings = load(IdentitySettings)
        now = Clock(settings.now).now()
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            every = await signing_keys.every()
        signs, seen = signing(every, now), shown(every, now)
        for key in every:
            state = "signs" if key is signs else "shown" if key in seen else "retired"
            click.echo(f"{key.kid}  {state}  from {key.active_from:%Y-%m-%d %H:%M:%S %Z}")

    asyncio.run(run())
