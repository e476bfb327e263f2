"""`rencana period numbers CODE`: where the plans of a period stand, on whom they wait, and where most do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from services.kit.messages import Language
from services.planning.cli_command import LANGUAGE, command, opened
from services.planning.storage.plan_numbers import FIRST, By, Chosen, Order, Part, Stays
from services.planning.storage.workflow import Workflows
from services.planning.usecases.period_revision import read_period
from services.planning.usecases.plan_numbers import InState, Lines, Numbers, counting, page_of

DAY, HOUR, MINUTE = 86_400, 3_600, 60


def _choice(kind: type[By | Order]) -> click.Choice[str]:
    return click.Choice([one.value.replace("_", "-") for one in kind])


@click.command()
@click.argument("code")
@click.option("--workflow", help="only plans that live by this version, its whole SHA-256")
@click.option("--provinsi", help="only plans at schools of this province")
@click.option("--kabupaten-kota", help="only plans at schools of this kabupaten or kota")
@click.option("--npsn", help="only plans at this school")
@click.option("--by", type=_choice(By), default="school", help="what the lines at the end are")
@click.option("--order", type=_choice(Order), default="most-waiting", help="of the lines at the end")
@click.option("--first", type=int, default=10, help="how many lines, from 1 to 100")
@LANGUAGE
@command
async def numbers(
    code: str, by: str, order: str, first: int, language: Language, **chosen: str | None
) -> None:
    """Where the plans of a period stand, on whom they wait, and where most do, at one instant."""
    async with opened() as clock:
        workflows = Workflows()
        used, _ = await read_period(code, workflows)
        page = page_of(By(by.replace("-", "_")), Order(order.replace("-", "_")), FIRST, first)
        asked = await counting(clock, workflows, used, Chosen(code, **chosen))
        told = await asked.numbers([page])
        plans = sum(state.plans for state in told.states)
        click.echo(f"{code}: {plans} plans at {asked.now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        for line in (*_whole(told, language), *_parts(told.lines[page])):
            click.echo(line)


def _whole(told: Numbers, language: Language) -> Iterator[str]:
    for state in told.states:
        stays = (
            _stays("in it for", told.going_on.get(state.name)),
            _stays("stayed", told.ended.get(state.name)),
        )
        yield "; ".join((f"  {_label(state, language)} ({state.name}): {state.plans}", *filter(None, stays)))
    for one in told.waits:
        whom = f"on the {one.who.value}" if one.who else "and not known on whom"
        yield f"waiting {whom}: {one.plans}{_since(one.since)}"


def _parts(lines: Lines) -> Iterator[str]:
    for part in lines.parts:
        states = ", ".join(f"{state.name} {state.plans}" for state in lines.states[part.place])
        yield f"{_named(part)}: {part.waiting} of {part.plans} plans wait{_since(part.since)} ({states})"
    if lines.more:
        yield "…"


def _label(state: InState, language: Language) -> str:
    return str(getattr(state.known.label, language)) if state.known else state.name


def _stays(what: str, stays: Stays | None) -> str:
    return f"{what} {_span(stays.p50)}, 95 of 100 at most {_span(stays.p95)}" if stays else ""


def _span(seconds: int) -> str:
    """The two largest of days, hours and minutes."""
    if seconds >= DAY:
        return f"{seconds // DAY} d {seconds % DAY // HOUR} h"
    return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"


def _since(since: datetime | None) -> str:
    return f", since {since.astimezone(UTC):%Y-%m-%d}" if since else ""


def _named(part: Part) -> str:
    region = " / ".join(filter(None, (part.provinsi, part.kabupaten_kota))) or "region not known"
    return f"{part.npsn} {part.nama}, {region}" if part.npsn else region
