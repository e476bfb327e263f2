"""`rencana verify` checks the event chains; `rencana erase` erases the personal texts of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from services.kit.command_line import async_command, get_operator, language_option
from services.planning.cli.options import planning_database

if TYPE_CHECKING:
    from services.planning.erasure.commands import ErasureResult
    from workflows.model.messages import Language

EXIT_FINDINGS = 2

period_option = click.option("--period", help="only plans of this period")


@click.command()
@period_option
@click.option("--ptk-id", type=click.UUID, help="only plans of this person")
@language_option
@async_command
async def verify(period: str | None, ptk_id: UUID | None, language: Language) -> None:
    """Check every plan against its chain of events. Exit 0: no findings; 2: findings."""
    from services.kit.problems import Messages
    from services.kit.process import show_progress
    from services.planning.plan import store as plan_store
    from services.planning.plan.queries import verify_plans
    from services.planning.settings import MESSAGE_FILES
    from workflows.model.messages import format_value

    messages, plan_count, event_count, bad_plan_count = (
        Messages.load(*MESSAGE_FILES, format_value=format_value),
        0,
        0,
        0,
    )
    owner = str(ptk_id) if ptk_id else None
    async with planning_database() as (clock, connection):
        with show_progress("plans", await plan_store.count_plans(period, owner, connection)) as advance:
            async for verdict in verify_plans(period, owner, clock.now(), connection):
                plan_count, event_count = plan_count + 1, event_count + verdict.events
                bad_plan_count += bool(verdict.findings)
                for finding in verdict.findings:
                    place = f"{verdict.ptk_id} {verdict.period} version {finding.params['version']}"
                    click.echo(f"{place} [{finding.code}] {messages.text(finding, language)}")
                advance()
    click.echo(
        f"{plan_count} plans, {event_count} events checked: "
        f"{plan_count - bad_plan_count} intact, {bad_plan_count} with findings"
    )
    if bad_plan_count:
        raise click.exceptions.Exit(EXIT_FINDINGS)


@click.command()
@click.option("--ptk-id", type=click.UUID, required=True, help="the person")
@period_option
@click.option("--reason", required=True, help="the reason, without personal data: it stays in the history")
@click.option("--yes", is_flag=True, help="do not ask for confirmation")
@async_command
async def erase(ptk_id: UUID, period: str | None, reason: str, yes: bool) -> None:
    """Erase the personal texts of a person for good. docs/events.md says what stays."""
    from services.kit.process import show_progress
    from services.kit.text import clean_text
    from services.planning.erasure import commands as erasing

    order, owner = erasing.ErasureOrder(clean_text(reason), get_operator()), str(ptk_id)
    erasing.check_order(order)
    async with planning_database() as (clock, connection):
        periods, comments = await erasing.find_personal_texts(owner, period, connection)
        click.echo(f"{owner}: plans {', '.join(periods) or 'none'}; {comments} comments on others' plans")
        if not yes:
            click.confirm("Erase the personal texts for good?", abort=True)
        with show_progress("plans", len(periods)) as advance:
            for code in periods:
                click.echo(f"{code}: {_format_result(await erasing.erase_plan(owner, code, order, clock))}")
                advance()
        count = await erasing.erase_comments_by(owner, period, clock, connection)
        click.echo(f"others' plans: {count} comments erased")


def _format_result(result: ErasureResult | None) -> str:
    return f"{result.texts} texts, {result.comments} comments erased" if result else "nothing left to erase"
