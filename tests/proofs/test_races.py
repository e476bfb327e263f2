"""Every pair of commands on one plan, raced from a common start, ends as some order of the two."""

from __future__ import annotations

import time
from random import Random

import click

from tests.proofs.cluster import Cluster
from tests.proofs.command_pairs import START_OF_PAIR
from tests.proofs.conftest import Size
from tests.proofs.oracle import CHANGE_HEAD, CONFIRM, DONE, Command, possible_outcomes
from tests.proofs.races import run_races


def test_oracle_lets_one_of_two_commands_at_the_same_version_change_the_plan() -> None:
    for pair, start in START_OF_PAIR.items():
        first, second = (Command(kind, start.version, start.head) for kind in pair)
        for outcome in possible_outcomes(start, first, second):
            executed_kinds = [
                kind for kind, answer in zip(pair, outcome.answers, strict=True) if answer == DONE
            ]
            assert len([kind for kind in executed_kinds if kind not in (CONFIRM, CHANGE_HEAD)]) <= 1, (
                pair,
                outcome,
            )


async def test_every_pair_of_commands_ends_as_an_order_of_the_two(cluster: Cluster, size: Size) -> None:
    faults: list[str] = []
    races, repetitions, began = 0, 0, time.monotonic()
    click.echo(f"\n{'commands':<34}{'start':<28}{'races':>6}  answers")
    for pair, start in START_OF_PAIR.items():
        result = await run_races(cluster, start, pair, size.races, Random(repr(pair)))
        answers = ", ".join(f"{a} | {b}: {n}" for (a, b), n in sorted(result.answers.items()))
        situation = f"{start.state}, {start.head}{', confirmed' if start.confirmed else ''}"
        click.echo(f"{' × '.join(pair):<34}{situation:<28}{result.races:>6}  {answers}")
        for fault in result.faults:
            click.echo(f"  FAULT {fault}")
        faults += [f"{pair}: {fault}" for fault in result.faults]
        races, repetitions = races + result.races, repetitions + result.repetitions
    seconds = time.monotonic() - began
    click.echo(
        f"{races} races of {len(START_OF_PAIR)} pairs in {seconds:.0f} s, {repetitions} repeated, {len(faults)} faults"
    )
    assert not faults, "\n".join(faults[:20])
