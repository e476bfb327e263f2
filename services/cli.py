"""The command `rencana`: the commands of both services, and the report of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import click

from services.kit.command_line import LazyGroup, outlasting_output

SETTINGS, REFUSED = 1, 2  # exit codes


class Rencana(LazyGroup):
    """All commands. Exit codes: 0 done, 1 a setting or the environment is wrong, 2 refused, 3 output lost."""

    lazy_commands: ClassVar[Mapping[str, tuple[str, str]]] = {
        "migrate": ("services.migrate:migrate", "Migrate the databases of both services."),
        "identity": ("services.identity.cli.serve:identity", "The identity service."),
        "planning": ("services.planning.cli.serve:planning", "The planning service."),
        "worker": ("services.planning.cli.worker:worker", "Fire timers, migrate plans, follow changes."),
        "dapodik": ("services.identity.cli.registry:dapodik", "Schools and their people, from Dapodik."),
        "accounts": ("services.identity.cli.registry:accounts", "Accounts of belajar.id."),
        "tugas-tambahan": (
            "services.identity.cli.registry:tugas_tambahan",
            "Additional duties, Plt included.",
        ),
        "zones": ("services.identity.cli.registry:zones", "Time zones of provinces."),
        "catalog": ("services.planning.cli.reference:catalog", "Catalogues: the lists teachers choose from."),
        "period": ("services.planning.cli.reference:period", "Periods: their dates and values."),
        "admin": ("services.identity.cli.admin:admin", "Platform scopes of accounts."),
        "clients": ("services.identity.cli.clients:clients", "API clients and their secrets."),
        "keys": ("services.identity.cli.keys:keys", "The keys that sign tokens."),
        "sessions": ("services.identity.cli.sessions:sessions", "Sessions of people who signed in."),
        "audit": ("services.identity.cli.audit:audit", "Sign-ins, tokens and refusals."),
        "verify": ("services.planning.cli.care:verify", "Check every plan against its chain of events."),
        "erase": ("services.planning.cli.care:erase", "Erase the personal texts of a person's plans."),
        "api": ("services.planning.cli.client.command:api", "What admins do, over GraphQL."),
        "workflow": ("services.planning.cli.workflow:workflow", "Files of workflow definitions."),
    }

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. Reports an error of the settings or a refusal on stderr."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except Exception as error:
            code = _report(error)
            if code is None:
                raise
            ctx.exit(code)


@click.command(cls=Rencana)
@click.version_option(package_name="rencana")
def rencana() -> None:
    """Rencana: the open backend of Perencanaan Kinerja."""


def main() -> None:
    """Run a command."""
    with outlasting_output():
        rencana()


def _report(error: Exception) -> int | None:
    """Report an error of the settings or a refusal. Returns the exit code, None for any other error."""
    # imported here: `rencana --help` needs none of it
    from services.kit.problems import RequestRefused
    from services.kit.settings import SettingsError

    if isinstance(error, SettingsError):
        for complaint in error.problems:
            click.echo(f"settings: {complaint}", err=True)
        return SETTINGS
    if isinstance(error, RequestRefused):
        from services.report_refusal import report_refusal

        report_refusal(error)
        return REFUSED
    return None
