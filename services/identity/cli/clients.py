"""`rencana clients …`: API clients and their secrets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import click

from services.identity.cli.options import MINUTE_FORMAT, open_identity
from services.identity.clients.model import (
    AUDIENCES,
    MAX_OVERLAP,
    ClientRequest,
    Territory,
    parse_registration,
)
from services.kit.command_line import async_command, get_operator
from services.kit.text import clean_text

if TYPE_CHECKING:
    from services.identity.clients.commands import IssuedSecret

CLIENT = click.argument("client", type=click.UUID)
REASON = click.option(
    "--reason", default="", help="reason for the admin who approves; it is recorded", metavar="TEXT",
    callback=lambda _, __, text: clean_text(text),
)  # fmt: skip
HOURS = int(MAX_OVERLAP.total_seconds() // 3600)


@click.group()
def clients() -> None:
    """API clients: planning itself, and partner platforms."""


@clients.command("register")
@click.argument("name")
@click.option("--contact", required=True, help="whom to ask about this client")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(AUDIENCES)))
@click.option("--provinsi", multiple=True, help="a province that it may ask about")
@click.option(
    "--kabupaten-kota", multiple=True, help="a kabupaten or kota, as `Kab. Contoh` or `Kota Contoh`"
)
@click.option("--npsn", multiple=True, help="a school")
@click.option("--nationwide", is_flag=True, help="no limit; excludes the other limits")
@REASON
@async_command
async def clients_register(
    name: str, contact: str, scopes: tuple[str, ...], provinsi: tuple[str, ...],
    kabupaten_kota: tuple[str, ...], npsn: tuple[str, ...], nationwide: bool, reason: str,
) -> None:  # fmt: skip
    """Register the client NAME. Its secret is shown once.

    Once there is an admin, an admin must approve a nationwide client.
    """
    from services.identity.accounts.store import has_admin
    from services.identity.clients.commands import register
    from services.identity.clients.requests import AdminActor, propose_registration

    within = _build_within(Territory(provinsi, kabupaten_kota, npsn, nationwide))
    registration = parse_registration(
        {"name": name, "contact": contact, "scopes": [*scopes], "within": within}
    )
    async with open_identity() as (now, connection):
        if registration.territory.needs_approval and await has_admin(connection):
            _print_request(await propose_registration(registration, AdminActor(get_operator()), reason, now))
        else:
            _print_secret(await register(registration, get_operator(), now))


@clients.command("limit")
@CLIENT
@click.option("--provinsi", multiple=True, help="a province that it may ask about")
@click.option(
    "--kabupaten-kota", multiple=True, help="a kabupaten or kota, as `Kab. Contoh` or `Kota Contoh`"
)
@click.option("--npsn", multiple=True, help="a school")
@click.option("--nationwide", is_flag=True, help="no limit; excludes the other limits")
@REASON
@async_command
async def clients_limit(
    client: UUID, provinsi: tuple[str, ...], kabupaten_kota: tuple[str, ...], npsn: tuple[str, ...],
    nationwide: bool, reason: str,
) -> None:  # fmt: skip
    """Replace the limits of CLIENT by these. Its tokens keep the former ones, for 15 minutes at most.

    Once there is an admin, an admin must approve limits that are nationwide or name many provinces.
    """
    from services.identity.accounts.store import has_admin
    from services.identity.clients.commands import change_limits
    from services.identity.clients.requests import AdminActor, propose_limits

    limits = Territory(provinsi, kabupaten_kota, npsn, nationwide)
    within = _build_within(limits)
    async with open_identity() as (now, connection):
        if limits.needs_approval and await has_admin(connection):
            _print_request(await propose_limits(client, within, AdminActor(get_operator()), reason, now))
        else:
            await change_limits(client, within, get_operator(), now)
            click.echo("changed")


@clients.command("rotate")
@CLIENT
@click.option("--overlap-hours", type=click.IntRange(0, HOURS), default=24, show_default=True)
@REASON
@async_command
async def clients_rotate(client: UUID, overlap_hours: int, reason: str) -> None:
    """Issue a new secret for CLIENT, shown once. The former secret stays valid for the overlap.

    Once there is an admin, an admin must approve it for a client that somebody else registered.
    """
    from services.identity.accounts.store import has_admin
    from services.identity.clients.commands import rotate
    from services.identity.clients.requests import AdminActor, is_own, propose_rotation

    actor, overlap = AdminActor(get_operator()), timedelta(hours=overlap_hours)
    async with open_identity() as (now, connection):
        if await is_own(client, actor, connection) or not await has_admin(connection):
            _print_secret(await rotate(client, overlap, actor.name, now))
        else:
            _print_request(await propose_rotation(client, overlap, actor, reason, now))


@clients.command("requests")
@async_command
async def clients_requests() -> None:
    """List the last 100 change requests for credentials of wide reach, with their state."""
    from services.identity.clients.requests import list_requests, state_at

    async with open_identity() as (now, connection):
        for one in await list_requests(connection):
            click.echo(
                f"{one.id}  {one.kind} {one.client_id}  {state_at(one, now)}  by={one.proposed_by}  {one.reason}"
            )


@clients.command("execute")
@click.argument("request", type=click.UUID)
@async_command
async def clients_execute(request: UUID) -> None:
    """Execute REQUEST, which you proposed and an admin approved. A new secret is shown once."""
    from services.identity.clients.requests import AdminActor, execute

    async with open_identity() as (now, _):
        if secret := await execute(request, AdminActor(get_operator()), now):
            _print_secret(secret)
        else:
            click.echo("changed")


@clients.command("revoke")
@CLIENT
@async_command
async def clients_revoke(client: UUID) -> None:
    """Revoke CLIENT. It gets no more tokens, and its tokens expire within 15 minutes."""
    from services.identity.clients.commands import revoke

    async with open_identity() as (now, _):
        await revoke(client, get_operator(), now)
    click.echo("revoked")


@clients.command("list")
@async_command
async def clients_list() -> None:
    """List all clients, revoked ones included: id, name, scopes, territory and valid secrets."""
    from services.identity.clients.queries import list_clients

    async with open_identity() as (now, connection):
        every = await list_clients(now, connection)
    for client, secrets in every:
        ends = [f"until {one.ends_at:{MINUTE_FORMAT}}" if one.ends_at else "without end" for one in secrets]
        state = (
            f"revoked {client.revoked_at:{MINUTE_FORMAT}}"
            if client.revoked_at
            else f"secrets: {', '.join(ends)}"
        )
        limits = _format_territory(client.territory)
        click.echo(f"{client.id}  {client.name}  {' '.join(client.scopes)}  {limits}  {state}")


def _build_within(limits: Territory) -> dict[str, object]:
    """Return the limits as JSON, with places beside `nationwide`, which are refused."""
    places = replace(limits, nationwide=False).as_json()
    return {**places, "nationwide": True} if limits.nationwide else places


def _print_request(request: ClientRequest) -> None:
    click.echo(
        f"proposed: {request.id}\nan admin approves it; then run `rencana clients execute {request.id}`"
    )


def _print_secret(credentials: IssuedSecret) -> None:
    click.echo(f"client_id: {credentials.client_id}\nclient_secret: {credentials.secret}")
    if credentials.previous_ends_at:
        click.echo(f"the one before it ends {credentials.previous_ends_at:{MINUTE_FORMAT}}")


def _format_territory(within: Territory) -> str:
    if within.nationwide:
        return "nationwide"
    return ", ".join((*within.provinsi, *within.kabupaten_kota, *within.npsn))
