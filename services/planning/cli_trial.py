"""`rencana workflow try`: a version held against what really happened in a period."""

from __future__ import annotations

import click

from services.kit.problems import Messages, Problem
from services.planning.app import MESSAGES
from services.planning.callers.model import By
from services.planning.cli_command import BY, LANGUAGE, command
from services.planning.cli_migration import pair, planning_here, to_the_end
from services.planning.cli_versions import SHOWN, named
from services.planning.plan_migration import dry_run as trials
from services.planning.plan_migration.model import FIRST
from services.planning.plan_migration.store import Named
from services.planning.plan_migration.trial import Outcome, Touched, Tried
from workflows.model.texts import Language, show

FIRST_ONES = 20
WORDS = {
    Outcome.SAME: "would have gone the same way",
    Outcome.OTHERWISE: "would have gone otherwise",
    Outcome.UNTOLD: "cannot be told",
    Outcome.SAME_TODAY: "the same way, if the school was led as it is today",
    Outcome.OTHERWISE_TODAY: "otherwise, if the school was led as it is today",
}


@click.command("try")
@click.argument("sha")
@click.option("--period", required=True, help="the period whose plans are tried")
@click.option(
    "--state", "states", multiple=True, callback=pair, help="FROM=TO, where names alone do not tell"
)
@click.option("--first", type=click.IntRange(0, 100), default=FIRST_ONES, help="how many plans are named")
@LANGUAGE
@BY
@command
async def try_out(
    sha: str, period: str, states: tuple[tuple[str, str], ...], first: int, language: Language, by: By
) -> None:
    """Try a version, a draft too: which living plans could move to it, and what would have gone otherwise by it."""
    messages = Messages.load(*MESSAGES, format_value=show)
    async with planning_here() as planning:
        tried = await trials.try_workflow(planning, by, await named(sha), period, states)
        await to_the_end(planning, tried.run)
        tried = await trials.trial_of(tried.trial.number)
        told(tried)
        for one in await trials.touched_by(planning, tried.trial):
            tell_touched(one, messages, language)
        for outcome in (Outcome.OTHERWISE, Outcome.OTHERWISE_TODAY, Outcome.UNTOLD):
            found, _ = await trials.named_of(tried.trial.number, outcome, max(first, 1), FIRST)
            for plan in found[:first]:
                tell_plan(plan, outcome, messages, language)


def told(tried: Tried) -> None:
    """What a trial found, in numbers."""
    trial, run = tried.trial, tried.run
    rate = f", {run.rate:,.0f} plans a second" if run.rate else ""
    click.echo(f"trial {trial.number}: {trial.sha256[:SHOWN]} on {trial.period}, {run.done} plans{rate}")
    for outcome, words in WORDS.items():
        if plans := run.counts.get(outcome.value, 0):
            click.echo(f"  {plans} {words}")


def tell_touched(one: Touched, messages: Messages, language: Language) -> None:
    """How many plans in a state could move."""
    where = f"  {one.plans} plans now {one.state} by {one.workflow[:SHOWN]}"
    why = messages.text(Problem(one.code, one.params), language) if one.code else ""
    click.echo(f"{where} could move, to {one.to}" if one.to else f"{where} could not move: {why}")


def tell_plan(one: Named, outcome: Outcome, messages: Messages, language: Language) -> None:
    """A plan, its school, and the command where the ways part."""
    told = one.detail
    no = [messages.text(Problem(why["code"], why["params"]), language) for why in told["refusals"]]
    instead = told["would"] or f"refused: {' '.join(no)}"
    unknown = f" (not recorded: {', '.join(told['unknown'])})" if told["unknown"] else ""
    click.echo(
        f"  [{outcome.value}] {one.period} {one.ptk_id} {one.school.npsn} {one.school.nama}, version {one.version}"
    )
    click.echo(f"    {told['trigger']}: {told['from']} → {told['to']}; by the draft {instead}{unknown}")
