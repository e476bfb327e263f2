"""One batch of a trial: some hundred plans of the period, each held against the draft from its events."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain.kept import handed_in
from services.planning.domain.past import OF_CONTENT, Command, Past, Season, commands
from services.planning.domain.run import Run, Work
from services.planning.domain.trial import NAMED, Found, Outcome, Trial, detail_of, judged
from services.planning.planning import Planning
from services.planning.storage import plt_confirmation, registry_answer
from services.planning.storage import run as runs
from services.planning.storage import trial as stored
from services.planning.storage.trial import HandedInText
from services.planning.usecases.period import period_of
from workflows import Head, HeadKind, Missing, Withdrawn, Workflow
from workflows.recorded import Known
from workflows.replay import Replay

PLANS = 500  # of one batch


@dataclass(slots=True)
class Bench:
    """What the batches of a trial have in common, kept in memory from one to the next; lost without harm."""

    replay: Replay
    workflows: Mapping[str, Workflow]
    season: Season


class Benches:
    """One for each trial that this process works at."""

    def __init__(self) -> None:
        self._kept: dict[int, Bench] = {}

    async def batch(self, planning: Planning, work: Work, number: int) -> Run | None:
        """Do a batch; how far it is then. None where it is done, or another process is at it."""

        async def transaction(connection: BaseDBAsyncClient) -> Run | None:
            began = time.monotonic()
            run = await runs.claim(work, number, connection)
            if run is None:
                return None
            tried = await stored.find(number)
            assert tried is not None, "a run is of a trial"
            if number not in self._kept:
                self._kept[number] = await _bench(planning, tried.trial)
            run = await _judge(planning, self._kept[number], tried.trial, run, connection)
            if run.ended_at:
                del self._kept[number]
            run = replace(run, seconds=run.seconds + time.monotonic() - began)
            await runs.keep(run, connection)
            return run

        return await in_unit_of_work(transaction)


async def _bench(planning: Planning, trial: Trial) -> Bench:
    used = await period_of(planning, trial.period)
    latest = used.period.parameters_at(planning.clock.now()).values
    values = {one.number: {**latest, **one.values} for one in used.period.revisions}
    readable = {one.sha256: one for one in await planning.workflows.readable()}
    season = Season(values, await plt_confirmation.select_instants(trial.period, planning.connection))
    return Bench(Replay(await planning.workflows.get(trial.sha256), trial.states), readable, season)


async def _judge(
    planning: Planning, bench: Bench, trial: Trial, run: Run, connection: BaseDBAsyncClient
) -> Run:
    pasts = await stored.pasts(trial.period, run.after[0], PLANS)
    gone = {past.ptk_id: [*commands(past, bench.workflows, bench.season)] for past in pasts}
    await _what_was_handed_in(planning, bench, trial, gone)
    today = await _heads_today(bench, gone)
    counts, rows = Counter[str](), []
    for past in pasts:
        found = judged(bench.replay, gone[past.ptk_id], today)
        outcome = found.outcome if found else Outcome.SAME
        counts[outcome.value] += 1
        if found and run.counts.get(outcome.value, 0) + counts[outcome.value] <= NAMED:
            rows.append(_row(bench, past, found))
    if rows:
        await stored.name(trial.number, rows, connection)
    run = run.with_counts(counts)
    if len(pasts) == PLANS:
        return replace(run, after=(pasts[-1].ptk_id, trial.period))
    return replace(run, ended_at=planning.clock.now())


def _row(bench: Bench, past: Past, found: Found) -> dict[str, object]:
    """As it is stored: what would surely be refused is worded for this very plan."""
    surely = found.outcome is Outcome.OTHERWISE and found.told.refusals
    shown = replace(found, told=bench.replay.worked_out(found.command.recorded)) if surely else found
    return {
        "verdict": found.outcome.value,
        "ptk_id": past.ptk_id,
        "period": past.period,
        "version": found.command.version,
        "detail": detail_of(shown),
    }


async def _what_was_handed_in(
    planning: Planning, bench: Bench, trial: Trial, gone: dict[str, list[Command]]
) -> None:
    """What a draft asks of the choices and data diri, where no event says it: out of the texts of the submission."""
    needed = {
        (ptk_id, command.submission)
        for ptk_id, some in gone.items()
        for command in some
        if command.submission and OF_CONTENT & bench.replay.needs(command.recorded)
    }
    if not needed:
        return
    texts = await stored.handed_in(trial.period, needed)
    known = {key: await _of_content(planning, text) for key, text in texts.items()}
    for ptk_id, some in gone.items():
        gone[ptk_id] = [one.knowing(known.get((ptk_id, one.submission or 0), {})) for one in some]


async def _heads_today(bench: Bench, gone: Mapping[str, Sequence[Command]]) -> dict[str, Head]:
    """Who heads the schools now of which a draft asks and no event says it: believed only where that is marked."""
    asked = {
        command.recorded.npsn
        for some in gone.values()
        for command in some
        if "head" in bench.replay.needs(command.recorded)
    }
    known = await registry_answer.heads(sorted(asked)) if asked else {}
    return {npsn: Head(HeadKind(kind), ptk_id) for npsn, (kind, ptk_id) in known.items()}


async def _of_content(planning: Planning, text: HandedInText) -> Known:
    """What the texts of a submission tell, by the lists that it was decided by."""
    told = handed_in(text.content, text.profile)
    catalog = await planning.catalogs.get(text.catalog)
    choices = catalog.choices(told.school.jenjang, told.profile.jenjang_jabatan.value)
    return {
        "profile_confirmed": told.profile.confirmed,
        "missing": tuple(Missing(one.code, one.path, one.params) for one in told.content.missing(choices)),
        "withdrawn": tuple(
            Withdrawn(str(one.params["code"]), one.path) for one in told.content.not_offered(choices)
        ),
        "points": told.content.points(choices),
    }
