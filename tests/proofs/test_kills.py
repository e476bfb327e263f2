"""kill -9 during commands: acknowledged ones are stored, each as a whole and once."""

from __future__ import annotations

import asyncio
import time
from random import Random

import click

from tests.proofs.cluster import Cluster
from tests.proofs.conftest import Size
from tests.proofs.kills import NO_ANSWER, NOT_SENT, KillResult, kill_and_repeat
from tests.proofs.oracle import DONE, REPLAYED


async def test_killed_process_loses_no_acknowledged_command(cluster: Cluster, size: Size) -> None:
    await cluster.set_heads("definitif")
    result, random, began = KillResult(), Random("kills"), time.monotonic()
    restarts: dict[int, asyncio.Task[None]] = {}
    for number in range(size.kills):
        victim = number % len(cluster.planning)
        for process in {victim, (victim + 1) % len(cluster.planning)} & restarts.keys():
            await restarts.pop(process)
        await kill_and_repeat(cluster, victim, random, result)
        restarts[victim] = asyncio.create_task(cluster.planning[victim].start(cluster.settings))
        if number % 20 == 19:
            click.echo(f"{number + 1} kills after {time.monotonic() - began:.0f} s")
    await asyncio.gather(*restarts.values())
    for name in (
        "kills", "requests", DONE, NO_ANSWER, "no answer, but stored", NOT_SENT, f"repeat: {REPLAYED}",
        f"repeat: {DONE}",
    ):  # fmt: skip
        click.echo(f"{result.counts[name]:>8} {name}")
    assert not result.faults, "\n".join(result.faults[:20])
    assert result.counts[NO_ANSWER], "no kill interrupted a request"
