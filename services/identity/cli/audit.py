"""`rencana audit list`: sign-ins, tokens and refusals."""

from __future__ import annotations

from uuid import UUID

import click

from services.identity.cli.options import SECOND, identity_database
from services.kit.command_line import async_command


@click.group()
def audit() -> None:
    """Who got in, with what, by whom, or why not."""


@audit.command("list")
@click.option("--client", type=click.UUID, help="only about this client")
@click.option("--account", type=click.UUID, help="only about this account")
@click.option("--last", type=click.IntRange(1, 10_000), default=50, show_default=True)
@async_command
async def audit_list(client: UUID | None, account: UUID | None, last: int) -> None:
    """Show the last events, the oldest of them first: when, what, outcome, whom, scope, by, request."""
    from services.identity.audit import store as audit_store

    async with identity_database() as (_, connection):
        events = await audit_store.latest(last, client, account, connection)
    for event in events:
        whom = f"account:{event.account}" if event.account else "-"
        if event.client:
            whom = f"client:{event.client}"
        more = [f"{name}={value}" for name in ("scope", "by", "request") if (value := getattr(event, name))]
        click.echo("  ".join((f"{event.at:{SECOND}}", event.what, event.outcome, whom, "  ".join(more))))
