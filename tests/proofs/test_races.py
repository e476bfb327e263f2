"""Every pair of commands on one plan, raced from a common start: one winner, or an order that the oracle allows."""

from __future__ import annotations

import time
from random import Random

import click

from tests.proofs.conftest import Size
from tests.proofs.house import House
from tests.proofs.matrix import MATRIX
from tests.proofs.oracle import CONFIRM, DONE, HEAD, Sent, outcomes
from tests.proofs.races import race


def test_of_two_commands_read_at_the_same_version_the_oracle_lets_one_move_the_plan() -> None:
    for pair, start in MATRIX.items():
        first, second = (Sent(kind, start.version, start.head) for kind in pair)
        for left in outcomes(start, first, second):
            moves = [kind for kind, answer in zip(pair, left.answers, strict=True) if answer == DONE]
            assert len([kind for kind in moves if kind not in (CONFIRM, HEAD)]) <= 1, (pair, left)


async def test_every_pair_of_commands_ends_as_some_order_of_the_two(house: House, size: Size) -> None:
    faults: list[str] = []
    races, again, began = 0, 0, time.monotonic()
    click.echo(f"\n{'commands':<34}{'start':<28}{'races':>6}  answers")
    for pair, start in MATRIX.items():
        record = await race(house, start, pair, size.races, Random(repr(pair)))
        ended = ", ".join(f"{a} | {b}: {n}" for (a, b), n in sorted(record.ended.items()))
        where = f"{start.state}, {start.head}{', confirmed' if start.confirmed else ''}"
        click.echo(f"{' × '.join(pair):<34}{where:<28}{record.races:>6}  {ended}")
        for fault in record.faults:
            click.echo(f"  FAULT {fault}")
        faults += [f"{pair}: {fault}" for fault in record.faults]
        races, again = races + record.races, again + record.again
    took = f"{time.monotonic() - began:.0f} s"
    click.echo(f"{races} races of {len(MATRIX)} pairs in {took}, {again} raced again, {len(faults)} faults")
    assert not faults, "\n".join(faults[:20])
