"""What the commands on versions of the workflow share: a version by how its SHA-256 begins, and how refusals read."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from services.kit.clock import Clock
from services.kit.messages import Language, Messages
from services.kit.open_database import open_database
from services.kit.problem import Problem, Refused
from services.kit.settings import load
from services.planning.app import MESSAGES, PACKAGE
from services.planning.domain.workflow_version import By, DefinitionProblem, Kind
from services.planning.settings import PlanningSettings
from services.planning.storage.workflow import beginning_with
from services.planning.usecases.read_workflow import Version, version_of
from services.planning.usecases.reference import keep_shipped_workflow
from services.planning.usecases.workflow_text import sound
from services.planning.usecases.workflow_versions import Done
from workflows import Definition
from workflows.telling import tell

WRONG = 2
SHOWN = 12  # characters of a version, enough to name it
PREFIX = re.compile(r"[0-9a-f]{4,64}")

P = ParamSpec("P")


def command(work: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """A command whose refusals are told with everything that shows them; exit 2."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            asyncio.run(work(*args, **kwargs))
        except Refused as refused:
            messages = Messages.load(*MESSAGES)
            for problem in refused.problems:
                _tell(problem, messages)
            sys.exit(WRONG)

    return run


@asynccontextmanager
async def opened() -> AsyncIterator[Clock]:
    """Planning's database with this release's definition, and the clock."""
    settings = load(PlanningSettings)
    async with open_database(settings.planning_database_url, PACKAGE, dev=settings.is_dev):
        clock = Clock(settings.now)
        await keep_shipped_workflow(clock)
        yield clock


def operator(_: click.Context, __: click.Parameter, name: str) -> By:
    """The operator that an option names."""
    if not name.strip():
        raise click.BadParameter("a name is needed")
    return By(Kind.OPERATOR, name.strip())


async def definition_in(text: str) -> Definition:
    """The definition in a file, or in a version."""
    if (raw := _in_file(text)) is not None:
        return await sound(raw, ())
    async with opened():
        return definition_of(await version_named(text))


def _in_file(text: str) -> bytes | None:
    return Path(text).read_bytes() if Path(text).is_file() else None


async def version_named(sha: str) -> Version:
    """The version whose SHA-256 begins so."""
    version = await version_of(await named(sha))
    if version is None:
        raise Refused(Problem("workflow.unknown"))
    return version


async def named(sha: str) -> str:
    """The one version that begins so; Refused where there is none or more than one."""
    found = await beginning_with(sha) if PREFIX.fullmatch(sha) else []
    if not found:
        raise Refused(Problem("workflow.unknown"))
    if len(found) > 1:
        raise Refused(Problem("workflow.ambiguous", {"prefix": sha}))
    return found[0]


def definition_of(version: Version) -> Definition:
    """What a version says; Refused where only another release can read it."""
    definition = version.definition()
    if definition is None:
        raise Refused(Problem("workflow.beyond_release"))
    return definition


def told(done: Done, what: str) -> None:
    """Say what was done, with which version."""
    click.echo(f"{what}: {done.name} {done.sha256[:SHOWN]}")


def _tell(problem: Problem, messages: Messages) -> None:
    """A problem on several lines: where, what in both languages, and what shows it."""
    found = problem if isinstance(problem, DefinitionProblem) else None
    place = found.finding.place if found else ".".join(problem.path)
    line = f"(line {found.finding.line})" if found and found.finding.line else ""
    click.echo(" ".join(filter(None, (problem.code, place, line))), err=True)
    languages: tuple[Language, ...] = ("id", "en")
    for language in languages:
        click.echo(f"  {messages.text(problem, language)}", err=True)
        if found and found.definition:
            for sentence in tell(found.definition, found.finding, language):
                click.echo(f"    - {sentence}", err=True)
