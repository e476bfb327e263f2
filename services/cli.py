"""The command `rencana`: every command of both services, and errors that a person can act on."""

from __future__ import annotations

import asyncio
import sys

import click

from services.identity import cli as identity_cli
from services.identity import cli_admin as identity_admin
from services.identity import cli_clients, cli_sessions
from services.identity.app import MESSAGES as IDENTITY_MESSAGES
from services.identity.app import PACKAGE as IDENTITY
from services.identity.settings import IdentitySettings
from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.problems import Messages, Refused
from services.kit.settings import SettingsError, load
from services.planning import cli as planning_cli
from services.planning import cli_care as planning_care
from services.planning import cli_period, cli_timers, cli_worker, cli_workflow
from services.planning.app import MESSAGES as PLANNING_MESSAGES
from services.planning.app import PACKAGE as PLANNING
from services.planning.cli_command import tell_problem
from services.planning.reference_data import keep_shipped_workflow
from services.planning.settings import PlanningSettings
from workflows.model.texts import show


@click.group()
@click.version_option(package_name="rencana")
def rencana() -> None:
    """Rencana: the open backend of Perencanaan Kinerja."""


@rencana.command()
def migrate() -> None:
    """Bring the tables of both services up to date, and keep this release's workflow."""

    async def run() -> None:
        known, plans = load(IdentitySettings), load(PlanningSettings)
        async with open_database(known.identity_database_url, IDENTITY, dev=known.is_dev) as database:
            await database.migrate()
        async with open_database(plans.planning_database_url, PLANNING, dev=plans.is_dev) as database:
            await database.migrate()
            await keep_shipped_workflow(Clock(plans.now))

    asyncio.run(run())
    click.echo("identity and planning are up to date")


for group in (
    identity_admin.identity, identity_admin.admin, identity_admin.keys, cli_sessions.sessions,
    cli_clients.client_group, cli_clients.audit_group,
    identity_cli.dapodik, identity_cli.accounts, identity_cli.tugas_tambahan, identity_cli.zones,
    planning_cli.planning, planning_cli.catalog, cli_period.period, planning_cli.schema, cli_worker.worker,
    planning_care.verify, planning_care.erase, cli_workflow.workflow, cli_timers.timers,
):  # fmt: skip
    rencana.add_command(group)


def main() -> None:
    """Run a command. Exit 1: a setting or the environment; 2: refused, with every reason; 0: done."""
    try:
        rencana()
    except SettingsError as error:
        for complaint in error.problems:
            click.echo(f"settings: {complaint}", err=True)
        sys.exit(1)
    except Refused as refused:
        messages = Messages.load(*PLANNING_MESSAGES, *IDENTITY_MESSAGES, format_value=show)
        for problem in refused.problems:
            tell_problem(problem, messages)
        sys.exit(2)
