"""`rencana migrate`: migrate the databases of both services."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from services.kit.command_line import async_command

if TYPE_CHECKING:
    from pydantic import SecretStr


@click.command()
@async_command
async def migrate() -> None:
    """Bring the tables of both services up to date, and store this release's workflow."""
    from services.identity.settings import PACKAGE as IDENTITY
    from services.identity.settings import IdentitySettings
    from services.kit.clock import Clock
    from services.kit.database import open_database
    from services.kit.settings import load_settings
    from services.planning.reference_data import store_shipped_workflow
    from services.planning.settings import PACKAGE as PLANNING
    from services.planning.settings import PlanningSettings

    identity_settings, planning_settings = load_settings(IdentitySettings), load_settings(PlanningSettings)
    _check_distinct(identity_settings.identity_database_url, planning_settings.planning_database_url)
    async with open_database(identity_settings.identity_database_url, IDENTITY) as database:
        await database.migrate()
    async with open_database(planning_settings.planning_database_url, PLANNING) as database:
        await database.migrate()
        await store_shipped_workflow(Clock(planning_settings.now), database.connection)
    click.echo("identity and planning are up to date")


def _check_distinct(identity_url: SecretStr, planning_url: SecretStr) -> None:
    """Raise SettingsError if both services would have one database. Opening it would find out after migrating it."""
    from services.kit.settings import SettingsError

    identity, planning = (
        (parts.hostname, parts.port or 5432, parts.path)
        for parts in (urlsplit(url.get_secret_value()) for url in (identity_url, planning_url))
    )
    if identity == planning:
        ours, theirs = "RENCANA_PLANNING_DATABASE_URL", "RENCANA_IDENTITY_DATABASE_URL"
        raise SettingsError(f"{ours} names the database of {theirs}; please make one for each")
