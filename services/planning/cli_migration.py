"""`rencana workflow migrate`, `undo` and what goes with them: living plans to another version, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from services.kit.problems import Messages, Problem
from services.kit.process import progress
from services.kit.settings import load
from services.planning.app import MESSAGES
from services.planning.callers.model import By
from services.planning.cli_command import BY, LANGUAGE, REASON, command, opened
from services.planning.cli_versions import SHOWN, named
from services.planning.people.identity.client import IdentityClient
from services.planning.people.services import Planning
from services.planning.plan_migration import commands as migrations
from services.planning.plan_migration import store as runs
from services.planning.plan_migration.batches import LongWork
from services.planning.plan_migration.model import FIRST, MOVED, REFUSED, Course, Run, Status
from services.planning.settings import PlanningSettings
from workflows.model.texts import Language, show

NUMBER = click.argument("number", type=click.IntRange(1, 2**31 - 1))
PAUSE = 0.2  # seconds, while another process is at it


def pair(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """States as `from=to`."""
    parts = [text.partition("=") for text in given]
    if not all(first and second for first, _, second in parts):
        raise click.BadParameter("write it as from=to")
    return tuple((first, second) for first, _, second in parts)


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--state", "states", multiple=True, callback=pair, help="FROM=TO, where names alone do not tell"
)
@click.option("--period", help="only plans of this period")
@click.option("--npsn", help="only plans of this school")
@click.option("--later", is_flag=True, help="only order it; the worker works it off")
@REASON
@BY
@command
async def migrate(
    old: str,
    new: str,
    states: tuple[tuple[str, str], ...],
    period: str | None,
    npsn: str | None,
    later: bool,
    reason: str,
    by: By,
) -> None:
    """Move living plans from one version to another, each with an event of its own.

    The reason stands in the history of each plan, for its owner to read: name no person in it. Interrupted, it goes on
    with the worker, or with `continue`.
    """
    async with planning_here() as planning:
        order = migrations.Order(await named(old), await named(new), states, period, npsn, reason)
        course = await migrations.migrate(planning, by, order)
        told(course)
        if not later:
            await work_off(planning, course)


@click.command("continue")
@NUMBER
@command
async def go_on(number: int) -> None:
    """Work off a migration that was interrupted."""
    async with planning_here() as planning:
        await work_off(planning, await migrations.migration_of(number))


@click.command()
@NUMBER
@REASON
@BY
@command
async def stop(number: int, reason: str, by: By) -> None:
    """Move no further plan for now."""
    async with planning_here() as planning:
        told(await migrations.stop(planning, by, number, reason))


@click.command()
@NUMBER
@REASON
@BY
@command
async def resume(number: int, reason: str, by: By) -> None:
    """Go on with a migration that was stopped."""
    async with planning_here() as planning:
        await work_off(planning, await migrations.resume(planning, by, number, reason))


@click.command()
@NUMBER
@click.option("--later", is_flag=True, help="only order it; the worker works it off")
@REASON
@BY
@command
async def undo(number: int, later: bool, reason: str, by: By) -> None:
    """Take back every plan to which nothing has happened since; the others are listed."""
    async with planning_here() as planning:
        course = await migrations.undo(planning, by, number, reason)
        if not later:
            await work_off(planning, course)


@click.command("migrations")
@command
async def show_migrations() -> None:
    """Every migration, newest first."""
    async with planning_here():
        before, more = None, True
        while more:
            found, more = await migrations.migrations(100, before)
            for course in found:
                told(course)
                before = course.migration.number


@click.command("migration")
@NUMBER
@LANGUAGE
@command
async def show_migration(number: int, language: Language) -> None:
    """A migration, what was done with it, and which plans were left as they are, and why."""
    messages = Messages.load(*MESSAGES, format_value=show)
    async with planning_here():
        course = await migrations.migration_of(number)
        told(course)
        for act in course.migration.acts:
            click.echo(f"  {act.at:%Y-%m-%dT%H:%MZ}  {act.act.value} by {act.by.account}: {act.reason}")
        after, more = FIRST, True
        while more:
            found, more = await migrations.left_of(number, course.back is not None, 100, after)
            for one in found:
                why = messages.text(Problem(one.code, one.params), language)
                click.echo(
                    f"  {one.period} {one.ptk_id} {one.school.npsn} {one.school.nama}, {one.state}: {why}"
                )
                after = (one.ptk_id, one.period)


@asynccontextmanager
async def planning_here() -> AsyncIterator[Planning]:
    """Planning without its services; whatever asks identity must not be asked here."""
    settings = load(PlanningSettings)
    async with opened() as clock:
        yield Planning(clock, IdentityClient(settings.identity_url, settings.credentials, clock))


async def work_off(planning: Planning, course: Course) -> None:
    """A migration, to the end."""
    number = course.migration.number
    try:
        await to_the_end(planning, course.run)
    except asyncio.CancelledError:
        click.echo(f"interrupted; `rencana workflow continue {number}` or the worker goes on", err=True)
        raise
    told(await migrations.migration_of(number))


async def to_the_end(planning: Planning, run: Run) -> None:
    """Batch by batch, showing how far it is and how fast it goes, whoever else is at it."""
    long_work, shown = LongWork(planning), 0
    with progress("plans", run.plans) as advance:
        while run.ended_at is None and not run.stopped:
            run = await long_work.batch(run.work, run.number) or await _elsewhere(planning, run)
            advance(run.done - shown, f"{run.rate or 0:,.0f}/s")
            shown = run.done


async def _elsewhere(planning: Planning, run: Run) -> Run:
    """How far it is, where another process is at it."""
    await asyncio.sleep(PAUSE)
    found = await runs.load_run(run.work, run.number, planning.connection)
    assert found is not None, "a run stays"
    return found


def told(course: Course) -> None:
    """A migration in two lines: which, where it stands; how far it is and how fast."""
    migration, run = course.migration, course.run
    scope = " ".join(filter(None, (migration.period, migration.npsn))) or "all periods"
    versions = f"{migration.old[:SHOWN]} → {migration.new[:SHOWN]}"
    click.echo(f"migration {migration.number}: {versions}, {scope}: {course.status.value}")
    rate = f", {run.rate:,.0f} plans a second" if run.rate else ""
    back = " back" if course.status in {Status.UNDOING, Status.UNDONE} else ""
    moved, refused = run.counts.get(MOVED, 0), run.counts.get(REFUSED, 0)
    click.echo(f"  of {run.plans} plans {moved} moved{back}, {refused} left as they are{rate}")


COMMANDS = (migrate, go_on, stop, resume, undo, show_migrations, show_migration)
