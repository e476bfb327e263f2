"""`rencana schema …`: the GraphQL contract and the pages that are generated from the code."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import BaseModel

from services.kit.problems import Messages
from services.planning.api.schema import sdl
from services.planning.app import MESSAGES
from services.planning.period.catalog import Catalog
from services.planning.period.period_file import PeriodFile
from services.planning.plan.event_list import with_tables
from services.planning.problem_list import problem_list
from workflows.files.models import Definition
from workflows.files.reference import reference
from workflows.files.schema import json_schema
from workflows.model.texts import show

FILES: dict[str, tuple[type[BaseModel], str]] = {
    "definition": (Definition, "A version of a workflow"),
    "period": (PeriodFile, "A period with its revisions"),
    "catalog": (Catalog, "A catalogue: the lists that teachers of a period choose from"),
}

PATH = click.Path(dir_okay=False, path_type=Path)


@click.group()
def schema() -> None:
    """The GraphQL contract, and the pages that are generated from the code."""


@schema.command("export")
@click.argument("file", type=PATH, default=Path("graphql/planning.graphql"))
def schema_export(file: Path) -> None:
    """Write the SDL, the contract that clients rely on."""
    _write(file, sdl())


@schema.command("format")
@click.argument("file", type=PATH, default=Path("docs/workflow-format.md"))
def schema_format(file: Path) -> None:
    """Write the page of all that a workflow definition can say."""
    _write(file, reference())


@schema.command("files")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/schemas"))
def schema_files(folder: Path) -> None:
    """Write the JSON Schemas of definitions, periods and catalogues, for editors."""
    for kind, (model, title) in FILES.items():
        _write(folder / f"{kind}.schema.json", json_schema(model, title))


@schema.command("problems")
@click.argument("file", type=PATH, default=Path("docs/problems.md"))
def schema_problems(file: Path) -> None:
    """Write the page of all problem codes."""
    _write(file, problem_list(Messages.load(*MESSAGES, format_value=show)))


@schema.command("events")
@click.argument("file", type=PATH, default=Path("docs/events.md"))
def schema_events(file: Path) -> None:
    """Write the tables of events into their page, between its markers."""
    _write(file, with_tables(file.read_text("utf-8")))


def _write(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")
    click.echo(f"wrote {file}")
