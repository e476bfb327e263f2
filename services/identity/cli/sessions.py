"""`rencana sessions …`: sessions of accounts."""

from __future__ import annotations

import click

from services.identity.cli.options import open_identity
from services.kit.command_line import async_command, get_operator


@click.group()
def sessions() -> None:
    """Sessions of accounts, in browsers and apps."""


@sessions.command("end")
@click.argument("email")
@async_command
async def sessions_end(email: str) -> None:
    """End every session of the account EMAIL. Its access tokens stay valid for at most 15 minutes."""
    from services.identity.sign_in.commands import end_account_sessions

    async with open_identity() as (now, _):
        click.echo(f"{await end_account_sessions(email, get_operator(), now)} ended")


@sessions.command("forget-person")
@click.argument("email")
@async_command
async def sessions_forget_person(email: str) -> None:
    """Let the next person who signs in with EMAIL have the account, after its address was given to somebody else.

    Ends the sessions of the account.
    """
    from services.identity.sign_in.commands import forget_provider_identity

    async with open_identity() as (now, _):
        was_known = await forget_provider_identity(email, get_operator(), now)
    click.echo("forgotten" if was_known else "nobody has signed in with it")
