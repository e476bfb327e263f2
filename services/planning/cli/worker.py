"""`rencana worker`."""

from __future__ import annotations

import click

from services.kit.command_line import async_command


@click.command("worker")
@click.option(
    "--once",
    is_flag=True,
    help="Do the work that is due now, and exit. Exit 1: some work failed; 2: identity is unavailable.",
)
@click.option(
    "--follow-from-start",
    is_flag=True,
    help="Let the worker follow identity's feed from its beginning, after identity was restored, and exit.",
)
@async_command
async def worker(once: bool, follow_from_start: bool) -> None:
    """Fire timers, run migrations and dry runs, and decide waiting plans again after changes."""
    from services.kit.settings import load_settings
    from services.planning.settings import PACKAGE, ServingSettings

    settings = load_settings(ServingSettings)  # before the worker, whose import takes half a second of CPU

    from services.kit.database import open_database
    from services.kit.process import configure_logging, serve
    from services.planning.reconcile.rounds import FeedRewritten
    from services.planning.reconcile.store import reset_feed_positions
    from services.planning.worker import create_worker, run_once

    async with open_database(settings.planning_database_url, PACKAGE) as database:
        if follow_from_start:
            await reset_feed_positions(database.connection)
            click.echo("the worker follows identity's feed from its beginning")
            return
        if not once:
            app = create_worker(settings, database)
            await serve(app, settings.worker_host, settings.worker_port)
            return
        configure_logging()
        try:
            has_done_all = await run_once(settings)
        except FeedRewritten as error:
            raise click.ClickException(str(error)) from None
        if not has_done_all:
            raise click.exceptions.Exit(1)
