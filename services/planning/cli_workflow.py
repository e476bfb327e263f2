"""`rencana workflow …`: definitions proved, compared, drafted, approved, published, listed, given out; plans moved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO

import click

from services.kit.change_request import Decision
from services.planning.callers.model import By
from services.planning.cli_command import BY, LANGUAGE, REASON, command, opened
from services.planning.cli_migration import COMMANDS as OF_MIGRATIONS
from services.planning.cli_trial import try_out
from services.planning.cli_versions import SHOWN, definition_in, definition_of, named, told, version_named
from services.planning.versions import commands as versions
from services.planning.versions.commands import sound
from services.planning.versions.queries import IN_USE, living_by, versions_of
from services.planning.versions.store import Workflows
from workflows.diff.compare import diff, gravity
from workflows.files.diagram import diagram
from workflows.files.writer import as_yaml
from workflows.model.canonical import sha256
from workflows.model.texts import Language

FILE = click.argument("file", type=click.File("rb"))
SHA = click.argument("sha")


@click.group()
def workflow() -> None:
    """Versions of the workflow. SHA is the beginning of a version's SHA-256, as `list` shows it."""


@workflow.command()
@FILE
@command
async def lint(file: BinaryIO) -> None:
    """Prove a definition, and nothing else: each finding with its place and an example that shows it."""
    definition = await sound(file.read(), ())
    click.echo(f"{definition.name} {sha256(definition)[:SHOWN]}: sound")


@workflow.command("diff")
@click.argument("first")
@click.argument("second")
@LANGUAGE
@command
async def show_diff(first: str, second: str, language: Language) -> None:
    """What changes from one definition to another, in words; each is a file or a version."""
    old, new = await definition_in(first), await definition_in(second)
    changes = diff(old, new)
    for change in changes:
        click.echo(f"[{change.gravity.value}] {change.sentence(language)}")
    click.echo(f"{len(changes)} changes: {gravity(changes).value}" if changes else "both say the same")


@workflow.command()
@FILE
@click.option("--parent", help="the version it was made from; the published one, if not given")
@REASON
@BY
@command
async def draft(file: BinaryIO, parent: str | None, reason: str, by: By) -> None:
    """Prove a definition and keep it as a draft, for somebody else to approve."""
    async with opened() as clock:
        origin = await named(parent) if parent else None
        done = await versions.draft(clock, by, file.read(), reason, origin)
        told(done, "stands already" if done.replayed else "drafted")


@workflow.command()
@SHA
@REASON
@BY
@command
async def approve(sha: str, reason: str, by: By) -> None:
    """Approve a draft of somebody else."""
    async with opened() as clock:
        told(await versions.decide(clock, by, await named(sha), Decision.APPROVE, reason), "approved")


@workflow.command()
@SHA
@REASON
@BY
@command
async def publish(sha: str, reason: str, by: By) -> None:
    """Have new plans live by an approved version from now on; living plans keep theirs."""
    async with opened() as clock:
        done = await versions.publish(clock, by, await named(sha), reason, Workflows())
        told(done, "published")


@workflow.command()
@SHA
@REASON
@BY
@command
async def retire(sha: str, reason: str, by: By) -> None:
    """Retire a version that is not the published one; plans that live by it go on."""
    async with opened() as clock:
        told(await versions.retire(clock, by, await named(sha), reason), "retired")


@workflow.command("list")
@click.option("--name", default=IN_USE, help="of the workflow")
@command
async def show_list(name: str) -> None:
    """Every version, newest first, with what was done with it."""
    async with opened():
        before, more = None, True
        while more:
            found, more = await versions_of(name, 100, before, datetime.now(UTC))
            for version in found:
                click.echo(f"{version.sha256[:SHOWN]}  {version.status.value}")
                for act in version.acts:
                    click.echo(
                        f"  {act.at:%Y-%m-%dT%H:%MZ}  {act.act.value} by {act.by.account}: {act.reason}"
                    )
                before = version.number


@workflow.command()
@SHA
@command
async def export(sha: str) -> None:
    """Write a version as YAML, to change and to draft; it reads as this very version."""
    async with opened():
        click.echo(as_yaml(definition_of(await version_named(sha))), nl=False)


@workflow.command("diagram")
@SHA
@click.option("--period", help="with the number of its plans in each state")
@LANGUAGE
@command
async def show_diagram(sha: str, period: str | None, language: Language) -> None:
    """Write a version as a Mermaid diagram."""
    async with opened():
        version = await version_named(sha)
        definition = definition_of(version)
        (living,) = await living_by([version.sha256])
        counts = {state.name: 0 for state in definition.states}
        counts |= {one.state: one.plans for one in living if one.period == period}
        click.echo(diagram(definition, language, counts if period else None), nl=False)


for one in (try_out, *OF_MIGRATIONS):
    workflow.add_command(one)
