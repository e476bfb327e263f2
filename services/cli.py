"""The command `rencana`: every command of both services, and errors that a person can act on."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from services.identity import cli as identity_cli
from services.identity.app import MESSAGES as IDENTITY_MESSAGES
from services.kit.messages import Messages
from services.kit.problem import Refused
from services.kit.settings import SettingsError, load
from services.planning import cli as planning_cli
from services.planning.app import MESSAGES as PLANNING_MESSAGES
from services.planning.settings import PlanningSettings


@click.group()
@click.version_option(package_name="rencana")
def rencana() -> None:
    """Rencana: the open backend of Perencanaan Kinerja."""


@rencana.command()
def migrate() -> None:
    """Bring the tables of both services up to date."""
    asyncio.run(planning_cli.migrate(load(PlanningSettings)))
    click.echo("planning: up to date")


for group in (planning_cli.planning, planning_cli.catalog, planning_cli.period, planning_cli.schema):
    rencana.add_command(group)


def main() -> None:
    """Run a command. Exit 1: a setting or the environment; 2: refused, with every reason; 0: done."""
    try:
        rencana()
    except SettingsError as error:
        click.echo(f"settings: {error}", err=True)
        sys.exit(1)
    except Refused as refused:
        messages = Messages.load(*PLANNING_MESSAGES)
        for problem in refused.problems:
            place = ".".join(problem.path)
            click.echo(f"{problem.code} {place}\n  {messages.text(problem, 'id')}\n  {messages.text(problem, 'en')}", err=True)
        sys.exit(2)
