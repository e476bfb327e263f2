"""`rencana sessions …`: who is signed in."""

from __future__ import annotations

import click

from services.identity.cli.options import identity_database
from services.kit.command_line import async_command, get_operator


@click.group()
def sessions() -> None:
    """The sessions of accounts, in browsers and apps."""


@sessions.command("end")
@click.argument("email")
@async_command
async def sessions_end(email: str) -> None:
    """Sign the account at EMAIL out everywhere. Tokens that it holds stay valid for 15 minutes at most."""
    from services.identity.sign_in.commands import end_sessions_of

    async with identity_database() as (now, _):
        click.echo(f"{await end_sessions_of(email, get_operator(), now)} ended")
