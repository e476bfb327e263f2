"""Start a dry run, and replay the commands of the period batch by batch. No plan changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import AdminActor
from services.planning.people import store as people_store
from services.planning.people.services import Services
from services.planning.period.model import find_unfit_parameters
from services.planning.period.queries import get_period
from services.planning.plan_migration import store as runs
from services.planning.plan_migration.dry_run import store
from services.planning.plan_migration.dry_run.model import (
    DryRun,
    DryRunProgress,
    PeriodHistory,
    count_commands,
    read_commands,
)
from services.planning.plan_migration.dry_run.queries import load_dry_runs
from services.planning.plan_migration.model import Run, RunKind
from services.planning.versions.model import PATH
from services.planning.versions.queries import load_version
from workflows.diff.replay import Outcome, Replay
from workflows.diff.state_map import check_state_map
from workflows.engine.machine import Workflow

BATCH_SIZE = 500  # of one batch


async def start_dry_run(
    services: Services, actor: AdminActor, sha256: str, period: str, states: tuple[tuple[str, str], ...] = ()
) -> DryRunProgress:
    """Store a dry run for the worker. `states` maps states of living plans to states of the version.

    Raises RequestRefused if period or version is unknown, or if the version cannot be read or does not fit the period.
    """
    setup = await get_period(services, period, ("period",))
    version = await load_version(sha256, services.clock.now(), services.connection)
    definition = version.definition() if version else None
    if definition is None:
        code = "workflow.beyond_release" if version else "workflow.unknown"
        raise RequestRefused(Problem(code, {}, PATH))
    problems = find_unfit_parameters(definition, setup.period, services.clock.now())
    for fault in check_state_map(setup.workflow.definition, definition, states):
        if fault.code != "map.from_unknown":  # plans may have states of versions other than the period's
            problems.append(Problem(fault.code, fault.params, ("state_mappings", *map(str, fault.path))))
    if problems:
        raise RequestRefused(problems)

    async def insert(connection: Connection) -> DryRunProgress:
        now = services.clock.now()
        dry_run = await store.insert_dry_run(sha256, period, dict(states), actor, now, connection)
        run = Run(RunKind.DRY_RUN, dry_run.number, await store.count_plans(period, connection), now)
        await runs.insert_run(run, connection)
        return DryRunProgress(dry_run, run, dict.fromkeys(Outcome, 0))

    return await run_in_transaction(insert)


@dataclass(frozen=True, slots=True)
class ReplayContext:
    """What the batches of a dry run have in common."""

    replay: Replay
    workflows: Mapping[str, Workflow]
    period: PeriodHistory


class DryRunBatches:
    """The batches of dry runs. Keeps a context per dry run in memory; another process loads its own."""

    def __init__(self) -> None:
        self._contexts: dict[int, ReplayContext] = {}

    async def run_batch(self, services: Services, kind: RunKind, number: int) -> Run | None:
        """Replay one batch of plans and return the progress.

        Returns None if the dry run has ended or another process works on it.
        """

        async def process(run: Run, connection: Connection) -> Run:
            progress = (await load_dry_runs([number], connection)).get(number)
            assert progress is not None, "a run belongs to a dry run"
            if number not in self._contexts:
                self._contexts[number] = await _load_context(services, progress.dry_run)
            run = await _replay_batch(services, self._contexts[number], progress.dry_run, run, connection)
            if run.ended_at:
                del self._contexts[number]
            return run

        return await runs.process_batch(kind, number, process)


async def _load_context(services: Services, dry_run: DryRun) -> ReplayContext:
    setup = await get_period(services, dry_run.period)
    latest = setup.period.parameters_at(services.clock.now()).values
    values = {revision.number: {**latest, **revision.values} for revision in setup.period.revisions}
    workflows = {
        workflow.sha256: workflow for workflow in await services.workflows.list_supported(services.connection)
    }
    period = PeriodHistory(
        values, await people_store.load_confirmation_instants(dry_run.period, services.connection)
    )
    return ReplayContext(
        Replay(await services.workflows.get(dry_run.sha256, services.connection), dry_run.states),
        workflows,
        period,
    )


async def _replay_batch(
    services: Services, context: ReplayContext, dry_run: DryRun, run: Run, connection: Connection
) -> Run:
    histories = await store.select_histories(dry_run.period, run.after[0], BATCH_SIZE, connection)
    results = (
        (history.ptk_id, version, command, context.replay.run(command))
        for history in histories
        for version, command in read_commands(history, context.workflows, context.period)
    )
    await store.add_command_counts(dry_run.number, count_commands(results), connection)
    run = run.with_counts({"replayed": len(histories)})
    if len(histories) == BATCH_SIZE:
        return replace(run, after=(histories[-1].ptk_id, dry_run.period))
    return replace(run, ended_at=services.clock.now())
