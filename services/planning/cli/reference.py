"""`rencana catalog import` and `rencana period import`: files with the data of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from services.kit.command_line import async_command, get_operator
from services.planning.cli.options import planning_database

if TYPE_CHECKING:
    from services.planning.callers.model import AdminActor
    from services.planning.period.imports import ImportResult

FILE = click.argument("file", type=click.File("rb"))


@click.group()
def catalog() -> None:
    """Catalogues: the lists that teachers of a period choose from."""


@click.group()
def period() -> None:
    """Periods: their dates and values, which are data."""


@catalog.command("import")
@FILE
@async_command
async def catalog_import(file: BinaryIO) -> None:
    """Check a catalogue and put it in use; once there are plans, propose it for an admin to approve."""
    from services.planning.period.imports import import_catalog

    async with planning_database() as (clock, _):
        _report("catalogue", await import_catalog(file.read(), clock, _machine_user()))


@period.command("import")
@FILE
@async_command
async def period_import(file: BinaryIO) -> None:
    """Add a period, or revisions that it lacks; once there are plans, propose them for an admin to approve."""
    from services.planning.period.imports import import_period
    from services.planning.reference_data import keep_shipped_workflow

    async with planning_database() as (clock, connection):
        await keep_shipped_workflow(clock, connection)  # it declares the values of the period
        _report("period", await import_period(file.read(), clock, _machine_user()))


def _machine_user() -> AdminActor:
    """The user of this machine, whose act it is on record."""
    from services.planning.callers.model import ActorKind, AdminActor

    return AdminActor(ActorKind.OPERATOR, get_operator())


def _report(what: str, imported: ImportResult) -> None:
    name = imported.name[:12]
    if imported.request:
        click.echo(f"proposed: {what} {name}, change request {imported.request.id}; an admin approves it")
    else:
        click.echo(f"{'in use' if imported.is_new else 'in use before'}: {what} {name}")
