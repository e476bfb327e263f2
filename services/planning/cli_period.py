"""`rencana period …`: a period's file, its values in force, and changes of them that a second person approves."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import BinaryIO

import click

from services.kit.problems import Messages, Problem, Refused
from services.planning.app import MESSAGES
from services.planning.callers.model import By
from services.planning.cli_command import BY, LANGUAGE, REASON, command, opened
from services.planning.period import commands as revisions
from services.planning.period.queries import declared_for
from services.planning.period.revision import Asked, Proposal, changes, in_words, standing
from services.planning.reference_data import import_period
from services.planning.versions.store import Workflows
from workflows.model.definition import Param
from workflows.model.texts import Language, show

NUMBER = re.compile(r"([0-9-]{4,6})/([1-9][0-9]{0,8})")
WHOLE = re.compile(r"-?[0-9]{1,9}")

ID = click.argument("proposal", metavar="ID")


@click.group()
def period() -> None:
    """Periods: their dates and values, which are data."""


@period.command("import")
@click.argument("file", type=click.File("rb"))
@command
async def period_import(file: BinaryIO) -> None:
    """Add a period, or the revisions it does not have yet; what stands is never rewritten."""
    async with opened():
        stored = await import_period(file.read())
        click.echo(f"period {stored.code}: {len(stored.revisions)} revisions of its values")


@period.command("show")
@click.argument("code")
@LANGUAGE
@command
async def show_period(code: str, language: Language) -> None:
    """The values in force, who decided them and why; what is planned, and the proposals that wait."""
    async with opened() as clock:
        now = clock.now()
        workflows = Workflows()
        used, waiting = await revisions.read_period(code, workflows)
        inside = used.period.parameters_at(now)
        names = {*inside.values, *(name for one in waiting for name in one.values)}
        declared = (await declared_for(used, names, workflows)).judged(names)
        click.echo(f"{code}: revision {inside.number}, in force since {_instant(inside.effective_from)}")
        click.echo(f"  {inside.author}, approved by {inside.approver}: {inside.reason}")
        values = standing(declared, used.period, now)
        for param in declared:
            value = show(in_words(values.get(param.name)), language)
            click.echo(f"  {param.name} = {value}  ({show(param.label, language)})")
        for one in used.period.revisions:
            if one.effective_from > now:
                click.echo(
                    f"planned: revision {one.number} from {_instant(one.effective_from)}: {one.reason}"
                )
        for proposal in waiting:
            _tell(proposal, declared, language)


@period.command()
@click.argument("code")
@click.option(
    "--set", "asked", multiple=True, required=True, metavar="NAME=VALUE", help="true, 14, 2024-04-15"
)
@click.option("--effective-from", help="such as 2024-03-29T10:00:00+07:00; as soon as approved, if not given")
@REASON
@BY
@LANGUAGE
@command
async def propose(
    code: str, asked: tuple[str, ...], effective_from: str | None, reason: str, by: By, language: Language
) -> None:
    """Propose to change values of a period, for somebody else to approve."""
    async with opened() as clock:
        wanted = _wanted(effective_from) if effective_from else None
        wish = revisions.Wish(code, tuple(map(_asked, asked)), wanted, reason)
        workflows = Workflows()
        done = await revisions.propose(clock, workflows, by, wish)
        declared = await declared_for(done.used, done.proposal.values, workflows)
        _tell(done.proposal, declared.all, language)


@period.command()
@ID
@REASON
@BY
@command
async def approve(proposal: str, reason: str, by: By) -> None:
    """Approve a proposal of somebody else; it counts in every process at once, or from its instant on."""
    async with opened() as clock:
        done = await revisions.approve(clock, Workflows(), by, *_key(proposal), reason)
        ended = done.proposal.ended
        assert ended is not None, "it was approved"
        since = {one.number: one.effective_from for one in done.used.period.revisions}
        for number in ended.revisions:
            click.echo(f"period {done.proposal.period}: revision {number}, from {_instant(since[number])}")


@period.command()
@ID
@REASON
@BY
@command
async def withdraw(proposal: str, reason: str, by: By) -> None:
    """Withdraw a proposal that waits."""
    async with opened() as clock:
        await revisions.withdraw(clock, Workflows(), by, *_key(proposal), reason)
        click.echo(f"withdrawn: {proposal}")


def _tell(proposal: Proposal, declared: tuple[Param, ...], language: Language) -> None:
    messages = Messages.load(*MESSAGES, format_value=show)
    since = _instant(proposal.wanted) if proposal.wanted else "as soon as it is approved"
    click.echo(
        f"proposed: {proposal.period}/{proposal.number} by {proposal.by.account}, {since}: {proposal.reason}"
    )
    for change in changes(declared, proposal.before, proposal.values):
        click.echo(f"  {messages.text(change.sentence, language)}")


def _asked(text: str) -> Asked:
    """A name and its value: `true` and `false` are switches, digits a number, anything else a day."""
    name, _, value = text.partition("=")
    if value in {"true", "false"}:
        return name, value == "true"
    return name, int(value) if WHOLE.fullmatch(value) else value


def _key(text: str) -> tuple[str, int]:
    match = NUMBER.fullmatch(text)
    if match is None:
        raise Refused(Problem("period.proposal_unknown", {}, ("ID",)))
    return match[1], int(match[2])


def _wanted(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--effective-from") from None


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
