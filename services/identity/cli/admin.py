"""`rencana admin …`: platform scopes of accounts."""

from __future__ import annotations

import click

from services.identity.accounts.model import PLATFORM_SCOPES
from services.identity.cli.options import open_identity
from services.kit.command_line import async_command, get_operator

SCOPE = click.argument("scope", type=click.Choice(PLATFORM_SCOPES))


@click.group()
def admin() -> None:
    """Platform scopes of accounts. A change affects tokens within 15 minutes."""


@admin.command("grant")
@click.argument("email")
@SCOPE
@async_command
async def admin_grant(email: str, scope: str) -> None:
    """Grant a platform scope to the account EMAIL."""
    from services.identity.accounts.commands import grant_scope

    async with open_identity() as (now, _):
        new = await grant_scope(email, scope, get_operator(), now)
    click.echo("granted" if new else "held already")


@admin.command("revoke")
@click.argument("email")
@SCOPE
@async_command
async def admin_revoke(email: str, scope: str) -> None:
    """Revoke a platform scope of the account EMAIL."""
    from services.identity.accounts.commands import revoke_scope

    async with open_identity() as (now, _):
        was_held = await revoke_scope(email, scope, get_operator(), now)
    click.echo("revoked" if was_held else "not held")


@admin.command("list")
@async_command
async def admin_list() -> None:
    """List all grants, revoked ones included: address, scope, from, by, until, and the account's id."""
    from services.identity.accounts import store as accounts_store

    async with open_identity() as (_, connection):
        every = await accounts_store.load_grants(connection)
    for one in every:
        until = f"until {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "holds"
        since = f"{one.granted_at:%Y-%m-%d}"
        click.echo("  ".join((one.email, one.scope, since, one.granted_by, until, str(one.account_id))))
