"""`rencana workflow`: files of workflow definitions, without a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from services.kit.command_line import async_command, language_option

if TYPE_CHECKING:
    from workflows.model.messages import Language

SHA256_PREFIX = 12  # characters of a SHA-256, enough to name a version


@click.group()
def workflow() -> None:
    """Files of workflow definitions. Stored versions are read and changed over GraphQL."""


@workflow.command()
@click.argument("file", type=click.File("rb"))
@async_command
async def lint(file: BinaryIO) -> None:
    """Check a definition. Each finding names its place and an example."""
    from services.planning.versions.proof import prove_definition
    from workflows.model.canonical import hash_definition

    definition = await prove_definition(file.read(), ())
    click.echo(f"{definition.name} {hash_definition(definition)[:SHA256_PREFIX]}: sound")


@workflow.command("diff")
@click.argument("first", type=click.File("rb"))
@click.argument("second", type=click.File("rb"))
@language_option
@async_command
async def show_diff(first: BinaryIO, second: BinaryIO, language: Language) -> None:
    """Describe the changes from the definition FIRST to SECOND."""
    from services.planning.versions.proof import prove_definition
    from workflows.diff.compare import diff_definitions, overall_severity

    old, new = await prove_definition(first.read(), ()), await prove_definition(second.read(), ())
    changes = diff_definitions(old, new)
    for change in changes:
        click.echo(f"[{change.severity.value}] {change.sentence(language)}")
    click.echo(
        f"{len(changes)} changes: {overall_severity(changes).value}" if changes else "both say the same"
    )


@workflow.command("diagram")
@click.argument("file", type=click.File("rb"))
@language_option
@async_command
async def show_diagram(file: BinaryIO, language: Language) -> None:
    """Write a definition as a Mermaid diagram."""
    from services.planning.versions.proof import prove_definition
    from workflows.files.diagram import draw_diagram

    click.echo(draw_diagram(await prove_definition(file.read(), ()), language, None), nl=False)
