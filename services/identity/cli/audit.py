"""`rencana audit list`: sign-ins, tokens and refusals."""

from __future__ import annotations

from uuid import UUID

import click

from services.identity.cli.options import SECOND_FORMAT, open_identity
from services.kit.command_line import async_command


@click.group()
def audit() -> None:
    """The audit log: grants, clients, sign-ins, tokens and refusals."""


@audit.command("list")
@click.option("--client", type=click.UUID, help="only about this client")
@click.option("--account", type=click.UUID, help="only about this account")
@click.option("--last", type=click.IntRange(1, 10_000), default=50, show_default=True)
@async_command
async def audit_list(client: UUID | None, account: UUID | None, last: int) -> None:
    """Show the last events, the oldest of them first: instant, kind, outcome, subject, scope, actor, request."""
    from services.identity.audit import store as audit_store

    async with open_identity() as (_, connection):
        events = await audit_store.load_latest(last, client, account, connection)
    for event in events:
        subject = f"account:{event.account_id}" if event.account_id else "-"
        if event.client_id:
            subject = f"client:{event.client_id}"
        more = [
            f"{name}={value}" for name in ("scope", "actor", "request_id") if (value := getattr(event, name))
        ]
        click.echo(
            "  ".join((f"{event.at:{SECOND_FORMAT}}", event.kind, event.outcome, subject, "  ".join(more)))
        )
