"""`rencana planning serve`."""

from __future__ import annotations

import click

from services.kit.command_line import async_command


@click.group()
def planning() -> None:
    """The planning service."""


@planning.command("serve")
@async_command
async def planning_serve() -> None:
    """Serve GraphQL until stopped."""
    from services.kit.settings import load_settings
    from services.planning.settings import PACKAGE, ServingSettings

    settings = load_settings(ServingSettings)  # before the app, whose import takes half a second of CPU

    from services.kit.database import open_database
    from services.kit.process import serve
    from services.planning.app import create_app

    async with open_database(settings.planning_database_url, PACKAGE, settings.request_seconds) as database:
        app = create_app(settings, database)
        await serve(
            app,
            settings.planning_host,
            settings.planning_port,
            settings.trusted_proxies,
            settings.drain_seconds,
        )
