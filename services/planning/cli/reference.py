"""`rencana catalog import` and `rencana period import`: reference data from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from services.kit.command_line import async_command, get_operator
from services.planning.cli.options import planning_database

if TYPE_CHECKING:
    from services.planning.callers.model import AdminActor
    from services.planning.period.imports import ImportResult

file_argument = click.argument("file", type=click.File("rb"))


@click.group()
def catalog() -> None:
    """Catalogues: the lists that teachers of a period choose from."""


@click.group()
def period() -> None:
    """Periods: their dates and values."""


@catalog.command("import")
@file_argument
@async_command
async def catalog_import(file: BinaryIO) -> None:
    """Check a catalogue and adopt it; once there are plans, propose it for approval by an admin."""
    from services.planning.period.imports import import_catalog

    async with planning_database() as (clock, _):
        _print_result("catalogue", await import_catalog(file.read(), clock, _create_operator()))


@period.command("import")
@file_argument
@async_command
async def period_import(file: BinaryIO) -> None:
    """Add a period or its new revisions; once there are plans, propose them for approval by an admin."""
    from services.planning.period.imports import import_period
    from services.planning.reference_data import store_shipped_workflow

    async with planning_database() as (clock, connection):
        await store_shipped_workflow(
            clock, connection
        )  # its definition declares the parameters of the period
        _print_result("period", await import_period(file.read(), clock, _create_operator()))


def _create_operator() -> AdminActor:
    """Return the user of this machine as the actor."""
    from services.planning.callers.model import ActorKind, AdminActor

    return AdminActor(ActorKind.OPERATOR, get_operator())


def _print_result(subject: str, result: ImportResult) -> None:
    name = result.name[:12]
    if result.request:
        click.echo(f"proposed: {subject} {name}, change request {result.request.id}; an admin approves it")
    else:
        click.echo(f"{'in use' if result.is_new else 'in use before'}: {subject} {name}")
