"""What the commands of admins share: the database, who gives them and why, and how refusals read."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import ParamSpec

import click

from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.problems import Messages, Problem, Refused
from services.kit.settings import load
from services.planning.app import MESSAGES, PACKAGE
from services.planning.callers.model import By, Kind
from services.planning.reference_data import keep_shipped_workflow
from services.planning.settings import PlanningSettings
from services.planning.versions.model import DefinitionProblem
from workflows.lint.witness_text import tell
from workflows.model.texts import Language, show

WRONG = 2

P = ParamSpec("P")


def command(work: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """A command whose refusals are told with everything that shows them; exit 2."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        if any(isinstance(word, str) and not _is_text(word) for word in kwargs.values()):
            raise click.UsageError("what was typed is not UTF-8")
        try:
            asyncio.run(work(*args, **kwargs))
        except Refused as refused:
            messages = Messages.load(*MESSAGES, format_value=show)
            for problem in refused.problems:
                tell_problem(problem, messages)
            sys.exit(WRONG)

    return run


def _is_text(word: str) -> bool:
    """Not where a shell gave bytes that are no characters, which Python keeps as halves of pairs."""
    return not any("\ud800" <= letter <= "\udfff" for letter in word)


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
    if not name.strip() or not name.isprintable():
        raise click.BadParameter("a name is needed, in letters that can be read")
    return By(Kind.OPERATOR, name.strip())


def tell_problem(problem: Problem, messages: Messages) -> None:
    """A problem on several lines: where, what in both languages, and what shows it."""
    found = problem if isinstance(problem, DefinitionProblem) else None
    place = found.finding.place if found else ".".join(problem.path)
    position = f"({found.finding.position})" if found and found.finding.position else ""
    click.echo(" ".join(filter(None, (problem.code, place, position))), err=True)
    languages: tuple[Language, ...] = ("id", "en")
    for language in languages:
        click.echo(f"  {messages.text(problem, language)}", err=True)
        if found and found.definition:
            for sentence in tell(found.definition, found.finding, language):
                click.echo(f"    - {sentence}", err=True)


REASON = click.option("--reason", required=True, help="why, for the other admins to read; stays on record")
BY = click.option("--by", required=True, callback=operator, help="the operator who does it; stays on record")
LANGUAGE = click.option("--language", type=click.Choice(["id", "en"]), default="id", help="of the words")
