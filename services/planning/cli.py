"""`rencana planning …`, `catalog …`, `schema …`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import BinaryIO

import click
from pydantic import BaseModel

from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.problems import Messages
from services.kit.process import serve
from services.kit.settings import load
from services.planning.api.schema import sdl
from services.planning.app import MESSAGES, PACKAGE, create_app
from services.planning.period.catalog import Catalog
from services.planning.period.period_file import PeriodFile
from services.planning.problem_list import problem_list
from services.planning.reference_data import import_catalog
from services.planning.settings import AskingSettings, PlanningSettings
from workflows.files.models import Definition
from workflows.files.reference import reference
from workflows.files.schema import json_schema
from workflows.model.texts import show

FILE = click.argument("file", type=click.File("rb"))
CONTRACT = Path("graphql/planning.graphql")
FILES: dict[str, tuple[type[BaseModel], str]] = {
    "definition": (Definition, "A version of a workflow"),
    "period": (PeriodFile, "A period with its revisions"),
    "catalog": (Catalog, "A catalogue: the lists that teachers of a period choose from"),
}


@click.group()
def planning() -> None:
    """The planning service."""


@click.group()
def catalog() -> None:
    """Catalogues: the lists that teachers of a period choose from."""


@click.group()
def schema() -> None:
    """The GraphQL contract, and the pages that are made from the code."""


@planning.command("serve")
def planning_serve() -> None:
    """Serve GraphQL until stopped."""

    async def run() -> None:
        settings = load(AskingSettings)
        async with open_database(settings.planning_database_url, PACKAGE, dev=settings.is_dev) as database:
            app = create_app(settings, database)
            await serve(app, settings.planning_host, settings.planning_port, settings.trusted_proxies)

    asyncio.run(run())


@catalog.command("import")
@FILE
def catalog_import(file: BinaryIO) -> None:
    """Check and keep a catalogue; periods that name its code use it at once."""

    async def run() -> None:
        settings = load(PlanningSettings)
        async with open_database(settings.planning_database_url, PACKAGE, dev=settings.is_dev):
            sha256, new = await import_catalog(file.read(), Clock(settings.now))
            click.echo(f"{'imported' if new else 'there before, and in use'}: catalogue {sha256[:12]}")

    asyncio.run(run())


@schema.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=CONTRACT)
def schema_export(file: Path) -> None:
    """Write the SDL, the contract that clients rely on."""
    file.write_text(sdl(), "utf-8")
    click.echo(f"wrote {file}")


@schema.command("format")
@click.argument(
    "file", type=click.Path(dir_okay=False, path_type=Path), default=Path("docs/workflow-format.md")
)
def schema_format(file: Path) -> None:
    """Write the page of all that a workflow definition can say."""
    file.write_text(reference(), "utf-8")
    click.echo(f"wrote {file}")


@schema.command("files")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/schemas"))
def schema_files(folder: Path) -> None:
    """Write the JSON Schemas of definitions, periods and catalogues, for editors."""
    for kind, (model, title) in FILES.items():
        path = folder / f"{kind}.schema.json"
        path.write_text(json_schema(model, title), "utf-8")
        click.echo(f"wrote {path}")


@schema.command("problems")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=Path("docs/problems.md"))
def schema_problems(file: Path) -> None:
    """Write the page of all problem codes."""
    file.write_text(problem_list(Messages.load(*MESSAGES, format_value=show)), "utf-8")
    click.echo(f"wrote {file}")
