"""`rencana timers …`: what falls due when, what failed; tried again, skipped, rescheduled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from services.kit.problems import Messages, Problem, Refused
from services.planning.app import MESSAGES
from services.planning.callers.model import By
from services.planning.cli_command import BY, LANGUAGE, REASON, command, opened
from services.planning.timers import commands as timer_admin
from services.planning.timers.commands import Desk, Key, Shown, Wanted
from services.planning.timers.store import FIRST, LATEST
from services.planning.versions.store import Workflows
from workflows.model.texts import Language, show

ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([0-9-]{4,6})/([a-z][a-z0-9_]{0,59})")
TIMER = click.argument("timer", metavar="ID")
PAGE = 100


@click.group()
def timers() -> None:
    """Timers of plans. ID is PTK_ID/PERIOD/TIMER, as `list` shows it."""


@timers.command("list")
@click.argument("period")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="only what falls due before this day, UTC")
@click.option("--npsn", help="only plans of this school")
@click.option("--incidents", is_flag=True, help="what failed, instead of what falls due")
@LANGUAGE
@command
async def show_list(
    period: str, until: datetime | None, npsn: str | None, incidents: bool, language: Language
) -> None:
    """What falls due in a period, the first due first; or what failed, with the reasons."""
    async with opened():
        workflows, more = Workflows(), True
        last, due, failed = until.replace(tzinfo=UTC) if until else LATEST, FIRST, (*FIRST, "")
        while more:
            if incidents:
                found, more = await timer_admin.incidents(workflows, period, failed, PAGE)
            else:
                found, more = await timer_admin.due_until(workflows, Wanted(period, npsn, last, PAGE, due))
            for one in found:
                for line in _lines(one, language):
                    click.echo(line)
                timer = one.listed.timer
                due = timer.armed.due or FIRST[0], timer.ptk_id, timer.armed.timer
                failed = one.listed.tried_at or FIRST[0], timer.ptk_id, timer.period, timer.armed.timer


@timers.command()
@TIMER
@REASON
@BY
@command
async def retry(timer: str, reason: str, by: By) -> None:
    """Have a timer that failed tried again by the worker's next round."""
    async with opened() as clock:
        _tell(await timer_admin.retry(Desk(clock, Workflows()), by, _key(timer), reason))


@timers.command()
@TIMER
@REASON
@BY
@command
async def skip(timer: str, reason: str, by: By) -> None:
    """Pass over the next firing of a timer."""
    async with opened() as clock:
        _tell(await timer_admin.skip(Desk(clock, Workflows()), by, _key(timer), reason))


@timers.command()
@TIMER
@click.option("--due", required=True, help="such as 2024-03-29T10:00:00+07:00")
@REASON
@BY
@command
async def reschedule(timer: str, due: str, reason: str, by: By) -> None:
    """Have the next firing of a timer fall due at another instant."""
    async with opened() as clock:
        done = await timer_admin.reschedule(Desk(clock, Workflows()), by, _key(timer), _instant(due), reason)
        _tell(done)


def _lines(one: Shown, language: Language) -> Iterator[str]:
    listed, timer = one.listed, one.listed.timer
    label = getattr(one.label, language) if one.label else timer.armed.timer
    id = f"{timer.ptk_id}/{timer.period}/{timer.armed.timer}"
    yield f"{_told(timer.armed.due)}  {id}  {label}: {listed.nama}, {listed.sekolah} ({timer.npsn})"
    if listed.incident is not None:
        messages = Messages.load(*MESSAGES, format_value=show)
        yield f"  failed {_told(listed.tried_at)}, tries: {listed.tries}"
        for problem in listed.incident:
            yield f"  {problem.code}: {messages.text(problem, language)}"
    for act in listed.acts:
        yield f"  {_told(act.at)}  {act.act.value} by {act.by.account}: {act.reason or '-'}"


def _tell(done: Shown) -> None:
    due = done.listed.timer.armed.due
    click.echo(f"due: {_told(due)}" if due else "it fires no more")


def _key(text: str) -> Key:
    match = ID.fullmatch(text)
    if match is None:
        raise Refused(Problem("timer.unknown", {}, ("ID",)))
    return Key(match[1], match[2], match[3])


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--due") from None


def _told(instant: datetime | None) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if instant else "-"
