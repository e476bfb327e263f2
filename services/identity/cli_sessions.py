"""`rencana sessions …`: who is signed in."""

from __future__ import annotations

import asyncio

import click

from services.identity.app import PACKAGE
from services.identity.cli_admin import BY
from services.identity.settings import IdentitySettings
from services.identity.sign_in.commands import end_sessions_of
from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.settings import load


@click.group()
def sessions() -> None:
    """The sessions of accounts, in browsers and apps."""


@sessions.command("end")
@click.argument("email")
@BY
def sessions_end(email: str, by: str) -> None:
    """Sign the account at EMAIL out everywhere. Tokens that it holds live on for 15 minutes at most."""

    async def run() -> None:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            click.echo(f"{await end_sessions_of(email, by, Clock(settings.now).now())} ended")

    asyncio.run(run())
