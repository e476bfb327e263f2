"""`rencana worker`."""

from __future__ import annotations

import asyncio
import sys

import click

from services.kit.open_database import open_database
from services.kit.process import serve, set_up_log
from services.kit.settings import load
from services.planning.app import PACKAGE
from services.planning.settings import AskingSettings
from services.planning.worker import create_worker, follow_once


@click.command("worker")
@click.option(
    "--once",
    is_flag=True,
    help="Do what there is to do now, and end. Exit 1: some of it failed; 2: identity is away.",
)
def worker(once: bool) -> None:
    """Fire timers, work off what admins ordered, and decide waiting plans again when a head or a value changes."""

    async def run() -> bool:
        settings = load(AskingSettings)
        async with open_database(settings.planning_database_url, PACKAGE, dev=settings.is_dev) as database:
            if once:
                set_up_log()
                return await follow_once(settings)
            await serve(create_worker(settings, database), settings.worker_host, settings.worker_port)
            return True

    if not asyncio.run(run()):
        sys.exit(1)
