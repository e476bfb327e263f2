"""kill -9 in the middle of submits and approvals: acknowledged ⊆ stored, nothing by halves, nothing twice."""

from __future__ import annotations

import asyncio
import time
from random import Random

import click

from tests.proofs.conftest import Size
from tests.proofs.house import House
from tests.proofs.kills import CLOSED, LOST, Toll, kill_once
from tests.proofs.oracle import DONE, REPEATED


async def test_a_killed_process_loses_nothing_that_it_acknowledged(house: House, size: Size) -> None:
    await house.let_head("definitif")
    toll, chance, began = Toll(), Random("kills"), time.monotonic()
    starting: dict[int, asyncio.Task[None]] = {}
    for number in range(size.kills):
        victim = number % len(house.plannings)
        for one in {victim, (victim + 1) % len(house.plannings)} & starting.keys():
            await starting.pop(one)
        await kill_once(house, victim, chance, toll)
        starting[victim] = asyncio.create_task(house.plannings[victim].start())
        if number % 20 == 19:
            click.echo(f"{number + 1} kills after {time.monotonic() - began:.0f} s")
    await asyncio.gather(*starting.values())
    for what in (
        "kills", "requests", DONE, LOST, "lost, yet stored", CLOSED, f"repeat: {REPEATED}", f"repeat: {DONE}",
    ):  # fmt: skip
        click.echo(f"{toll.counts[what]:>8} {what}")
    assert not toll.faults, "\n".join(toll.faults[:20])
    assert toll.counts[LOST], "no kill came in the middle of a request"
