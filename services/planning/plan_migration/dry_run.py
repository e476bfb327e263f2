"""One batch of a trial: some hundred plans of the period, each held against the draft from its events."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.database import in_unit_of_work
from services.kit.paging import check_size
from services.kit.problems import Problem, Refused
from services.planning.callers.model import By
from services.planning.people import store as plt_confirmation
from services.planning.people import store as registry_answer
from services.planning.people.services import Planning
from services.planning.period.model import unfit
from services.planning.period.queries import period_of
from services.planning.plan.erasable_text import handed_in
from services.planning.plan_migration import store as runs
from services.planning.plan_migration import store as stored
from services.planning.plan_migration.model import Run, Work
from services.planning.plan_migration.past import OF_CONTENT, Command, Past, Season, commands
from services.planning.plan_migration.store import HandedInText, Named
from services.planning.plan_migration.trial import (
    NAMED,
    Found,
    Outcome,
    Touched,
    Trial,
    Tried,
    detail_of,
    judged,
)
from services.planning.versions.queries import version_of
from workflows.diff.moving import map_faults, state_under
from workflows.diff.replay import Known, Replay
from workflows.engine.machine import Workflow
from workflows.model.facts import Head, HeadKind, Missing, Withdrawn
from workflows.model.facts import Refused as Left
from workflows.model.findings import DefinitionError

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
            run = await runs.claim_run(work, number, connection)
            if run is None:
                return None
            tried = await stored.find_dry_run(number)
            assert tried is not None, "a run is of a trial"
            if number not in self._kept:
                self._kept[number] = await _bench(planning, tried.trial)
            run = await _judge(planning, self._kept[number], tried.trial, run, connection)
            if run.ended_at:
                del self._kept[number]
            run = replace(run, seconds=run.seconds + time.monotonic() - began)
            await runs.update_run(run, connection)
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
    known = await registry_answer.load_answered_heads(sorted(asked)) if asked else {}
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


PERIOD, SHA256, STATES = (("input", name) for name in ("period", "sha256", "states"))


async def try_workflow(
    planning: Planning, by: By, sha256: str, period: str, states: tuple[tuple[str, str], ...] = ()
) -> Tried:
    """Have a version, a draft too, tried on a period; Refused where it could not live there at all."""
    used = await period_of(planning, period, PERIOD)
    version = await version_of(sha256, planning.clock.now())
    definition = version.definition() if version else None
    if definition is None:
        raise Refused(Problem("workflow.beyond_release" if version else "workflow.unknown", {}, SHA256))
    problems = [*unfit(definition, used.period, planning.clock.now())]
    # States of whichever version plans live by: each is held against its own, so only the ends are checked here.
    for fault in map_faults(used.workflow.definition, definition, states):
        if fault.code != "map.from_unknown":
            problems.append(Problem(fault.code, fault.params, (*STATES, *map(str, fault.path))))
    if problems:
        raise Refused(problems)

    async def work(connection: BaseDBAsyncClient) -> Tried:
        await stored.lock_dry_runs(connection)
        now = planning.clock.now()
        number = await stored.last_dry_run_number(connection) + 1
        trial = Trial(number, sha256, period, dict(states), by, now)
        plans = sum(plans for *_, plans in await stored.in_states(period))
        run = Run(Work.TRY, number, plans, now)
        await stored.insert_dry_run(trial, connection)
        await runs.insert_run(run, connection)
        return Tried(trial, run)

    return await in_unit_of_work(work)


async def named_of(
    number: int, outcome: Outcome, first: int, after: tuple[str, str]
) -> tuple[list[Named], bool]:
    """A page of the plans that a trial names, of one outcome. One statement."""
    check_size(first)
    found = await stored.named(number, outcome.value, after, first + 1)
    return found[:first], len(found) > first


async def touched_by(planning: Planning, trial: Trial) -> list[Touched]:
    """The plans of the period as they stand now, by state: which would move to the version, and which could not."""
    draft = await planning.workflows.get(trial.sha256)
    counted = await stored.in_states(trial.period)
    workflows = await _readable(planning, {workflow for workflow, *_ in counted})
    return list(_touched(draft, trial, counted, workflows))


def _touched(
    draft: Workflow, trial: Trial, counted: list[tuple[str, str, int]], workflows: dict[str, Workflow]
) -> Iterator[Touched]:
    for sha256, state, plans in counted:
        if sha256 == draft.sha256:
            continue
        if sha256 not in workflows:
            yield Touched(sha256, state, plans, None, "workflow.beyond_release", {})
            continue
        to = state_under(workflows[sha256].definition, draft.definition, trial.states, state)
        if isinstance(to, Left):
            yield Touched(sha256, state, plans, None, to.code, to.params)
        else:
            yield Touched(sha256, state, plans, to, None, {})


async def _readable(planning: Planning, sha256s: set[str]) -> dict[str, Workflow]:
    found: dict[str, Workflow] = {}
    for sha256 in sorted(sha256s):
        try:
            found[sha256] = await planning.workflows.get(sha256)
        except DefinitionError:
            continue
    return found
