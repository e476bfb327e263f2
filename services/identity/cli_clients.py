"""`rencana clients …` (machines and their secrets) and `rencana audit list` (who got in, and who did not)."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import click

from services.identity.app import PACKAGE
from services.identity.audit import store as audit
from services.identity.clients import store as clients
from services.identity.clients.commands import Shown, register, revoke, rotate
from services.identity.clients.model import AUDIENCES, LONGEST_OVERLAP, Within, read_registration
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.settings import load

Result = TypeVar("Result")

BY = click.option("--by", default=getpass.getuser, help="who does it; you, if not given")
CLIENT = click.argument("client", type=click.UUID)
HOURS = int(LONGEST_OVERLAP.total_seconds() // 3600)
AT = "%Y-%m-%d %H:%M %Z"


@click.group("clients")
def client_group() -> None:
    """Machines with credentials of their own: planning itself, and partner platforms."""


@click.group("audit")
def audit_group() -> None:
    """Who got in, with what, by whom, or why not."""


@client_group.command("register")
@click.argument("name")
@click.option("--contact", required=True, help="whom to ask about this client")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(AUDIENCES)))
@click.option("--provinsi", multiple=True, help="a province that it may ask about")
@click.option(
    "--kabupaten-kota", multiple=True, help="a kabupaten or kota, as `Kab. Contoh` or `Kota Contoh`"
)
@click.option("--npsn", multiple=True, help="a school")
@click.option("--nationwide", is_flag=True, help="no limit; said on purpose, beside none of the others")
@BY
def clients_register(
    name: str, contact: str, scopes: tuple[str, ...], provinsi: tuple[str, ...],
    kabupaten_kota: tuple[str, ...], npsn: tuple[str, ...], nationwide: bool, by: str,
) -> None:  # fmt: skip
    """Register the client NAME. Its secret is shown this once."""
    named = Within(provinsi, kabupaten_kota, npsn)
    within = {**named.as_json(), **({"nationwide": True} if nationwide else {})}
    wanted = read_registration({"name": name, "contact": contact, "scopes": [*scopes], "within": within})
    _show(_run(lambda now: register(wanted, by, now)))


@client_group.command("rotate")
@CLIENT
@click.option("--overlap-hours", type=click.IntRange(0, HOURS), default=24, show_default=True)
@BY
def clients_rotate(client: UUID, overlap_hours: int, by: str) -> None:
    """Give CLIENT a new secret, shown this once; the one before it opens for the overlap still."""
    _show(_run(lambda now: rotate(client, timedelta(hours=overlap_hours), by, now)))


@client_group.command("revoke")
@CLIENT
@BY
def clients_revoke(client: UUID, by: str) -> None:
    """End CLIENT: no token from now on; those that it has end within 15 minutes."""
    _run(lambda now: revoke(client, by, now))
    click.echo("revoked")


@client_group.command("list")
def clients_list() -> None:
    """Show every client there ever was: id, name, scopes, limits, and its live secrets."""

    async def run(now: datetime) -> None:
        live = await clients.live_secrets(now)
        for client in await clients.every():
            secrets = [one for one in live if one.client_id == client.id]
            ends = [f"until {one.ends_at:{AT}}" if one.ends_at else "without end" for one in secrets]
            state = (
                f"revoked {client.revoked_at:{AT}}" if client.revoked_at else f"secrets: {', '.join(ends)}"
            )
            click.echo(
                f"{client.id}  {client.name}  {' '.join(client.scopes)}  {_limits(client.within)}  {state}"
            )

    _run(run)


@audit_group.command("list")
@click.option("--client", type=click.UUID, help="only about this client")
@click.option("--account", type=click.UUID, help="only about this account")
@click.option("--last", type=click.IntRange(1, 10_000), default=50, show_default=True)
def audit_list(client: UUID | None, account: UUID | None, last: int) -> None:
    """Show the last events, the oldest of them first: when, what, outcome, whom, scope, by, request."""

    async def run(_: datetime) -> None:
        for event in await audit.latest(last, client, account):
            whom = (
                f"client:{event.client}"
                if event.client
                else f"account:{event.account}"
                if event.account
                else "-"
            )
            more = [
                f"{name}={value}" for name in ("scope", "by", "request") if (value := getattr(event, name))
            ]
            click.echo(
                f"{event.at:%Y-%m-%d %H:%M:%S %Z}  {event.what}  {event.outcome}  {whom}  {'  '.join(more)}"
            )

    _run(run)


def _run(work: Callable[[datetime], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        settings = load(IdentitySettings)
        async with open_database(settings.identity_database_url, PACKAGE, dev=settings.is_dev):
            return await work(Clock(settings.now).now())

    return asyncio.run(run())


def _show(shown: Shown) -> None:
    click.echo(f"client_id: {shown.client_id}\nclient_secret: {shown.secret}")
    if shown.older_ends_at:
        click.echo(f"the one before it ends {shown.older_ends_at:{AT}}")


def _limits(within: Within) -> str:
    if within.nationwide:
        return "nationwide"
    return ", ".join((*within.provinsi, *within.kabupaten_kota, *within.npsn))
