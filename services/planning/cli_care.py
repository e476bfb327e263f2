"""`rencana verify` (are the histories whole?) and `rencana erase` (personal texts of a person)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.clock import Clock
from services.kit.open_database import open_database
from services.kit.problems import Messages
from services.kit.process import progress
from services.kit.settings import load
from services.planning.app import MESSAGES, PACKAGE
from services.planning.erasure import commands as erasing
from services.planning.plan import store as stored
from services.planning.plan.verify import verdicts
from services.planning.settings import PlanningSettings
from workflows.model.texts import Language, show

WRONG = 2

PERIOD = click.option("--period", help="only plans of this period")
LANGUAGE = click.option("--language", type=click.Choice(["id", "en"]), default="id", help="of the findings")


@click.command()
@PERIOD
@click.option("--ptk-id", type=click.UUID, help="only plans of this person")
@LANGUAGE
def verify(period: str | None, ptk_id: object, language: Language) -> None:
    """Check every plan against its chain of events. Exit 0: all whole; 2: something is wrong."""
    whose = str(ptk_id) if ptk_id else None
    sys.exit(WRONG if asyncio.run(_verify(period, whose, language)) else 0)


async def _verify(period: str | None, ptk_id: str | None, language: Language) -> int:
    messages, plans, events, wrong = Messages.load(*MESSAGES, format_value=show), 0, 0, 0
    async with _opened() as (_, connection):
        with progress("plans", await stored.count(period, ptk_id, connection)) as advance:
            async for verdict in verdicts(period, ptk_id, connection):
                plans, events = plans + 1, events + verdict.events
                wrong += bool(verdict.findings)
                for found in verdict.findings:
                    place = f"{verdict.ptk_id} {verdict.period} version {found.params['version']}"
                    click.echo(f"{place} [{found.code}] {messages.text(found, language)}")
                advance()
    click.echo(f"{plans} plans, {events} events checked: {plans - wrong} whole, {wrong} with findings")
    return wrong


@click.command()
@click.option("--ptk-id", type=click.UUID, required=True, help="whose texts")
@PERIOD
@click.option("--reason", required=True, help="why, in words that are not personal: they stay in the history")
@click.option("--by", required=True, help="who ordered it; stays in the chain")
@click.option("--yes", is_flag=True, help="do not ask")
def erase(ptk_id: object, period: str | None, reason: str, by: str, yes: bool) -> None:
    """Erase the personal texts that went with a person's plans, for good; see docs/events.md for what stays."""
    asyncio.run(_erase(str(ptk_id), period, erasing.Order(reason, by), ask=not yes))


async def _erase(ptk_id: str, period: str | None, order: erasing.Order, *, ask: bool) -> None:
    erasing.check(order)
    async with _opened() as (clock, connection):
        periods, comments = await erasing.to_erase(ptk_id, period, connection)
        click.echo(f"{ptk_id}: plans {', '.join(periods) or 'none'}; {comments} comments on others' plans")
        if ask:
            click.confirm("Erase the personal texts for good?", abort=True)
        with progress("plans", len(periods)) as advance:
            for code in periods:
                gone = await erasing.erase_plan(ptk_id, code, order, clock)
                went = (
                    f"{gone.texts} texts, {gone.comments} comments erased"
                    if gone
                    else "nothing left to erase"
                )
                click.echo(f"{code}: {went}")
                advance()
        count = await erasing.erase_comments_by(ptk_id, period, clock, connection)
        click.echo(f"others' plans: {count} comments erased")


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Clock, BaseDBAsyncClient]]:
    settings = load(PlanningSettings)
    async with open_database(settings.planning_database_url, PACKAGE, dev=settings.is_dev) as database:
        yield Clock(settings.now), database.connection
