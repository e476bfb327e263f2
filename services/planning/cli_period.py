"""`rencana period …`: a period's file, its values in force, and changes of them that a second person approves."""

from __future__ import annotations

from typing import BinaryIO

import click

from services.planning.cli_command import command, opened
from services.planning.reference_data import import_period


@click.group()
def period() -> None:
    """Periods: their dates and values, which are data."""


@period.command("import")
@click.argument("file", type=click.File("rb"))
@command
async def period_import(file: BinaryIO) -> None:
    """Add a period, or the revisions it does not have yet; what stands is never rewritten."""
    async with opened():
        stored = await import_period(file.read())
        click.echo(f"period {stored.code}: {len(stored.revisions)} revisions of its values")
