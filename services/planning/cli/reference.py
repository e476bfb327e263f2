"""`rencana catalog import` and `rencana period import`: files with the data of a period."""

from __future__ import annotations

from typing import BinaryIO

import click

from services.kit.command_line import command
from services.planning.cli.options import planning_database
from services.planning.reference_data import import_catalog, import_period, keep_shipped_workflow

FILE = click.argument("file", type=click.File("rb"))


@click.group()
def catalog() -> None:
    """Catalogues: the lists that teachers of a period choose from."""


@click.group()
def period() -> None:
    """Periods: their dates and values, which are data."""


@catalog.command("import")
@FILE
@command
async def catalog_import(file: BinaryIO) -> None:
    """Check and store a catalogue; periods that name its code use it at once."""
    async with planning_database() as (clock, _):
        sha256, new = await import_catalog(file.read(), clock)
        click.echo(f"{'imported' if new else 'there before, and in use'}: catalogue {sha256[:12]}")


@period.command("import")
@FILE
@command
async def period_import(file: BinaryIO) -> None:
    """Add a period, or revisions that it lacks; nothing stored is rewritten."""
    async with planning_database() as (clock, _):
        await keep_shipped_workflow(clock)  # it declares the values of the period
        stored = await import_period(file.read())
        click.echo(f"period {stored.code}: {len(stored.revisions)} revisions of its values")
