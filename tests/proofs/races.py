"""Races: two commands on one plan at the same moment, each at another process; many schools race in parallel."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from statistics import fmean
from uuid import uuid4

from tests.identity_samples import ptk
from tests.proofs.cluster import Cluster
from tests.proofs.command_pairs import Pair
from tests.proofs.commands import send, stored_key
from tests.proofs.oracle import (
    CHANGE_HEAD,
    DONE,
    Command,
    Outcome,
    Situation,
    apply_command,
    possible_outcomes,
)
from tests.proofs.plan_tables import PlanRows, read_plans, restore_tables
from tests.proofs.schools import SampleSchool
from tests.proofs.start_states import schema_name

CHOICES = ("PK-PDP", "PK-UBK")
INITIAL_SECONDS = 0.05  # duration of a command until it has been measured


@dataclass(frozen=True)
class Race:
    """Two commands with their processes, delays and keys, and the outcomes that the oracle allows."""

    school: SampleSchool
    commands: tuple[Command, Command]
    processes: tuple[int, int]
    delays: tuple[float, float]
    keys: tuple[str, str]
    allowed_outcomes: set[Outcome]


@dataclass
class RaceResult:
    """The answers of a pair's races, and the faults: outcomes that no order allows.

    `repeated` counts races in which planning used cached facts, because identity was too slow on a busy machine. The
    oracle does not model this, so these races are run again.
    """

    races: int = 0
    repetitions: int = 0
    answers: Counter[Pair] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def run_races(cluster: Cluster, start: Situation, pair: Pair, count: int, random: Random) -> RaceResult:
    """Run `count` races of a pair. Either command, or none, is delayed by up to the duration of the other."""
    result, durations = RaceResult(), (INITIAL_SECONDS, INITIAL_SECONDS)
    await cluster.set_heads(start.head)
    cached_answer_count = await cluster.count_cached_answers()
    while result.races < count:
        await restore_tables(cluster.connection, schema_name(start))
        schools = cluster.schools[: count - result.races]
        races = [_draw_race(school, start, pair, durations, random) for school in schools]
        results = await asyncio.gather(*(_run_race(cluster, race) for race in races))
        if CHANGE_HEAD in pair:
            await cluster.reconcile()
            await cluster.set_heads(start.head)
        cached_answer_count, previous_count = await cluster.count_cached_answers(), cached_answer_count
        if cached_answer_count != previous_count:
            result.repetitions += len(races)
            continue
        plans = await read_plans(cluster.connection, [str(ptk(school.teacher)) for school in schools])
        for race, (answers, _) in zip(races, results, strict=True):
            result.answers[answers] += 1
            result.faults += _find_faults(race, start, answers, plans[str(ptk(race.school.teacher))])
        result.races += len(races)
        first_seconds, second_seconds = zip(*(seconds for _, seconds in results), strict=True)
        durations = fmean(first_seconds), fmean(second_seconds)
    return result


def _draw_race(
    school: SampleSchool, start: Situation, pair: Pair, durations: tuple[float, float], random: Random
) -> Race:
    """Draw a race. Both commands carry the version of the start, or one carries the version after the other."""
    first, second = (
        Command(kind, start.version, start.head, choice) for kind, choice in zip(pair, CHOICES, strict=True)
    )
    late_reader = random.choice(("neither", "neither", "first", "second"))
    if late_reader == "second":
        second = replace(second, expected_version=apply_command(start, first).version)
    elif late_reader == "first":
        first = replace(first, expected_version=apply_command(start, second).version)
    delays = (random.uniform(0, 1.2 * durations[1]), 0.0), (0.0, random.uniform(0, 1.2 * durations[0]))
    delay = {"first": delays[0], "second": delays[1]}.get(late_reader, random.choice(delays))
    return Race(
        school,
        (first, second),
        random.choice(((0, 1), (1, 0))),
        random.choice(((0.0, 0.0), delay, delay)),
        (str(uuid4()), str(uuid4())),
        possible_outcomes(start, first, second),
    )


async def _run_race(cluster: Cluster, race: Race) -> tuple[Pair, tuple[float, float]]:
    """Send both commands. Returns the answers and the seconds that each took."""

    async def send_one(index: int) -> tuple[str, float]:
        await asyncio.sleep(race.delays[index])
        start = time.monotonic()
        command, key = race.commands[index], race.keys[index]
        answer = await send(cluster, race.processes[index], race.school, command, key)
        return answer, time.monotonic() - start

    (first, first_seconds), (second, second_seconds) = await asyncio.gather(send_one(0), send_one(1))
    return (first, second), (first_seconds, second_seconds)


def _find_faults(race: Race, start: Situation, answers: Pair, plan: PlanRows) -> list[str]:
    faults = list(plan.find_faults())
    head = "plt" if CHANGE_HEAD in {command.kind for command in race.commands} else start.head
    events = plan.event_names(start.version)
    situation = Situation(plan.state, plan.version, head, plan.confirmed, plan.indikator, events)
    outcome = Outcome(answers, situation)
    if outcome not in race.allowed_outcomes:
        faults.append(f"no order leads to {outcome}")
    commands = zip(race.commands, race.keys, answers, strict=True)
    keys = {stored_key(command, key) for command, key, answer in commands if answer == DONE} - {None}
    if plan.keys.keys() != keys:
        faults.append(f"the plan has the keys {plan.keys}, not {keys}")
    return [f"{race.school.npsn} {race.commands}: {fault}" for fault in faults]
