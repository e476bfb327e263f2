"""Trying a version on what really happened: asked for, worked off batch by batch, and read."""

from __future__ import annotations

from collections.abc import Iterator

from tortoise.backends.base.client import BaseDBAsyncClient

from services.kit.problem import Problem, Refused
from services.kit.unit_of_work import in_unit_of_work
from services.planning.domain.admin import By
from services.planning.domain.run import Run, Work
from services.planning.domain.trial import Outcome, Touched, Trial, Tried
from services.planning.domain.workflow_fit import unfit
from services.planning.planning import Planning
from services.planning.storage import run as runs
from services.planning.storage import trial as stored
from services.planning.storage.trial import Named
from services.planning.usecases.page import check_size
from services.planning.usecases.period import period_of
from services.planning.usecases.read_workflow import version_of
from workflows import DefinitionError, Workflow
from workflows import Refused as Left
from workflows.moving import map_faults, state_under

PERIOD, SHA256, STATES = (("input", name) for name in ("period", "sha256", "states"))


async def try_workflow(
    planning: Planning, by: By, sha256: str, period: str, states: tuple[tuple[str, str], ...] = ()
) -> Tried:
    """Have a version, a draft too, tried on a period; Refused where it could not live there at all."""
    used = await period_of(planning, period, PERIOD)
    version = await version_of(sha256)
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
        await stored.lock(connection)
        now = planning.clock.now()
        number = await stored.last_number(connection) + 1
        trial = Trial(number, sha256, period, dict(states), by, now)
        plans = sum(plans for *_, plans in await stored.in_states(period))
        run = Run(Work.TRY, number, plans, now)
        await stored.add(trial, connection)
        await runs.begin(run, connection)
        return Tried(trial, run)

    return await in_unit_of_work(work)


async def trial_of(number: int) -> Tried:
    """A trial and how far it is; Refused where there is none."""
    tried = await stored.find(number)
    if tried is None:
        raise Refused(Problem("trial.unknown", {}, ("id",)))
    return tried


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
