"""A request for every root field: the callers who may make it, and the plan that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.planning.api.ids import (
    notification_id,
    plan_id,
    plan_migration_id,
    timer_id,
    workflow_version_id,
)
from tests.identity_samples import ptk
from tests.integration.planning import plan_migrations, revisions, workflow_versions
from tests.integration.planning.environment import PERIOD_CODE, PROBLEM_FIELDS, Environment, payload_document
from tests.integration.planning.plans import (
    INDIKATOR,
    NO_TUGAS,
    PERILAKU,
    RHK,
    complete_plan,
    decide_as_head,
    submit_plan,
)
from tests.small_registry import HEAD_OF_SD, PNS, TK
from tests.unit.planning.reference import CATALOG, PERIOD, dump_changed

PLAN = plan_id(str(ptk(PNS)), PERIOD_CODE)
PEOPLE = {"teacher", "other teacher", "head", "Plt", "admin"}
REASON = {"reason": "Alasan contoh."}
ESCALATION = {"timerId": timer_id(str(ptk(PNS)), PERIOD_CODE, "escalate"), "expectedFiringCount": 0, **REASON}
OUTCOME_FIELDS = "__typename ... on Failure { problems { code } }"


def _more_points(data: Any) -> None:
    data["rhk"][0]["poin"] += 1


def _third_revision(data: Any) -> None:
    last = data["revisions"][-1]
    values = {**last["values"], "revision_days": 21}
    data["revisions"].append(
        {**last, "number": 3, "effective_from": "2024-06-01T00:00:00Z", "values": values}
    )


OTHER_SHA256 = workflow_versions.sha_of(workflow_versions.OTHER_DEFINITION)
OTHER_VERSION = workflow_version_id(OTHER_SHA256)
MIGRATED_VERSIONS = plan_migrations.versions_input(workflow_versions.SHIPPED_SHA256, OTHER_SHA256)
OTHER_CATALOG = dump_changed(CATALOG, _more_points).decode()
OTHER_PERIOD = dump_changed(PERIOD, _third_revision).decode()

Input = Mapping[str, Any]


@dataclass(frozen=True)
class RootFieldRequest:
    """`document` names its root field `answer`, and by `$ID` what its setup made.

    Callers in `allowed_callers` are served, or refused with the code `reason`, which is not about permission.
    """

    document: str
    allowed_callers: Collection[str]
    variables: Input = field(default_factory=dict)
    setup: str = "submitted"
    reason: str | None = None


def _query(selection: str, allowed_callers: Collection[str], **more: Any) -> RootFieldRequest:
    return RootFieldRequest(f"{{ answer: {selection} }}", allowed_callers, **more)


def _command(
    mutation: str, allowed_callers: str, setup: str, reason: str | None = None, /, **arguments: Any
) -> RootFieldRequest:
    name = mutation[0].upper() + mutation[1:]
    document = (
        f"mutation M($input: {name}Input!) {{ answer: {mutation}(input: $input) {{ {OUTCOME_FIELDS} }} }}"
    )
    return RootFieldRequest(document, set(allowed_callers.split(", ")), {"input": arguments}, setup, reason)


def _on_plan(
    mutation: str, allowed_callers: str, setup: str, reason: str | None = None, /, **arguments: Any
) -> RootFieldRequest:
    version = {"started": 1, "complete": 6, "submitted": 7, "approved": 8}[setup]
    return _command(
        mutation, allowed_callers, setup, reason, planId=PLAN, expectedVersion=version, **arguments
    )  # fmt: skip


REQUESTS = {
    "Query.viewer": _query("viewer { nama }", PEOPLE),
    "Query.plan": _query(f'plan(id: "{PLAN}") {{ version }}', {"teacher", "head", "admin"}),
    "Query.node": _query(f'node(id: "{PLAN}") {{ id }}', {"teacher", "head", "admin"}),
    "Query.nodes": _query(f'nodes(ids: ["{plan_migration_id(1)}"]) {{ id }}', {"admin"}, setup="migrating"),
    "Query._service": _query("_service { sdl }", PEOPLE | {"partner", "partner without scope"}),
    "Query._entities": _query(
        f'_entities(representations: [{{__typename: "Plan", id: "{PLAN}"}}]) {{ ... on Plan {{ id }} }}',
        {"teacher", "head", "admin"},
    ),
    "Query.reviewQueue": _query("reviewQueue { edges { node { version } } }", {"head", "Plt"}),
    "Query.period": _query("period { code }", PEOPLE),
    "Query.periods": _query("periods { nodes { code } }", PEOPLE),
    "Query.catalog": _query("catalog(jenjang: SD) { jenjang }", PEOPLE),
    "Query.workflowVersion": _query("workflowVersion { sha256 }", {"admin"}),
    "Query.workflowVersions": _query("workflowVersions { nodes { sha256 } }", {"admin"}),
    "Query.planStatus": _query(f'planStatus(key: {{ptkId: "{ptk(PNS)}"}}) {{ ptkId }}', {"partner"}),
    "Query.planStatuses": _query(f'planStatuses(keys: [{{ptkId: "{ptk(PNS)}"}}]) {{ ptkId }}', {"partner"}),
    "Query.schools": _query("schools { nodes { npsn } }", {"partner", "admin"}),
    "Query.timerIncidents": _query("timerIncidents { edges { node { id } } }", {"admin"}),
    "Query.planStatistics": _query("planStatistics { planCount }", {"admin"}),
    "Query.planMigrations": _query("planMigrations { nodes { id } }", {"admin"}),
    "Query.planMigration": _query(
        f'planMigration(id: "{plan_migration_id(1)}") {{ status }}', {"admin"}, setup="migrating"
    ),
    "Query.changeRequests": _query("changeRequests { edges { node { id } } }", {"admin"}),
    "Query.dryRun": _query('dryRun(id: "$ID") { number }', {"admin"}, setup="trying"),
    "Mutation.startPlan": _command("startPlan", "teacher, other teacher, Plt", "nothing"),
    "Mutation.confirmProfile": _on_plan("confirmProfile", "teacher", "started"),
    "Mutation.correctProfile": _on_plan("correctProfile", "teacher", "complete", ruang="d"),
    "Mutation.savePraktikKinerja": _on_plan("savePraktikKinerja", "teacher", "complete", **INDIKATOR),
    "Mutation.savePengembanganKompetensi": _on_plan(
        "savePengembanganKompetensi", "teacher", "complete", **RHK
    ),
    "Mutation.saveTugasTambahan": _on_plan("saveTugasTambahan", "teacher", "complete", **NO_TUGAS),
    "Mutation.savePerilakuKerja": _on_plan("savePerilakuKerja", "teacher", "complete", **PERILAKU),
    "Mutation.submitPlan": _on_plan("submitPlan", "teacher", "complete"),
    "Mutation.commentOnPlan": _command(
        "commentOnPlan", "teacher, head", "submitted", planId=PLAN, text="Baik."
    ),
    "Mutation.approvePlan": _on_plan("approvePlan", "head", "submitted"),
    "Mutation.returnPlan": _on_plan("returnPlan", "head", "submitted", note="Lengkapi."),
    "Mutation.approvePlans": RootFieldRequest(
        "mutation M($input: ApprovePlansInput!) { answer: approvePlans(input: $input) "
        f"{{ {OUTCOME_FIELDS} ... on ApprovePlansPayload {{ results {{ {OUTCOME_FIELDS} }} }} }} }}",
        {"head"},
        {"input": {"plans": [{"planId": PLAN, "expectedVersion": 7}]}},
    ),
    "Mutation.firePlanTransition": _on_plan("firePlanTransition", "head", "submitted", trigger="approve"),
    "Mutation.beginImplementation": _on_plan("beginImplementation", "teacher", "approved"),
    "Mutation.confirmAsPlt": _command("confirmAsPlt", "Plt", "submitted", npsn=TK),
    "Mutation.reopenPlan": _on_plan("reopenPlan", "admin", "approved", **REASON),
    "Mutation.movePlan": _on_plan("movePlan", "admin", "submitted", "move.same_school", **REASON),
    "Mutation.proposeWorkflowVersion": _command(
        "proposeWorkflowVersion", "admin", "submitted", yaml=workflow_versions.OTHER_DEFINITION, **REASON
    ),
    "Mutation.approveWorkflowVersion": _command(
        "approveWorkflowVersion", "admin", "version proposed", workflowVersionId=OTHER_VERSION, **REASON
    ),
    "Mutation.rejectWorkflowVersion": _command(
        "rejectWorkflowVersion", "admin", "version proposed", workflowVersionId=OTHER_VERSION, **REASON
    ),
    "Mutation.publishWorkflowVersion": _command(
        "publishWorkflowVersion", "admin", "accepted", workflowVersionId=OTHER_VERSION, **REASON
    ),
    "Mutation.retireWorkflowVersion": _command(
        "retireWorkflowVersion", "admin", "accepted", workflowVersionId=OTHER_VERSION, **REASON
    ),
    "Mutation.proposePeriodRevision": _command(
        "proposePeriodRevision",
        "admin",
        "submitted",
        period=PERIOD_CODE,
        values=[{"name": revisions.SWITCH, "value": revisions.ON}],
        **REASON,
    ),
    "Mutation.proposeCatalog": _command("proposeCatalog", "admin", "submitted", yaml=OTHER_CATALOG, **REASON),
    "Mutation.proposePeriod": _command("proposePeriod", "admin", "submitted", yaml=OTHER_PERIOD, **REASON),
    "Mutation.approveChangeRequest": _command("approveChangeRequest", "admin", "catalog proposed", **REASON),
    "Mutation.rejectChangeRequest": _command("rejectChangeRequest", "admin", "catalog proposed", **REASON),
    "Mutation.withdrawChangeRequest": _command("withdrawChangeRequest", "admin", "proposed", **REASON),
    "Mutation.startDryRun": _command(
        "startDryRun",
        "admin",
        "version proposed",
        workflowVersionId=OTHER_VERSION,
        period=PERIOD_CODE,
    ),
    "Mutation.migratePlans": _command(
        "migratePlans",
        "admin",
        "accepted",
        **MIGRATED_VERSIONS,
        **REASON,
    ),
    "Mutation.stopPlanMigration": _command("stopPlanMigration", "admin", "migrating", **REASON),
    "Mutation.resumePlanMigration": _command(
        "resumePlanMigration", "admin", "migrating", "migration.not_stopped", **REASON
    ),
    "Mutation.rollBackPlanMigration": _command("rollBackPlanMigration", "admin", "migrating", **REASON),
    "Mutation.retryTimer": _command("retryTimer", "admin", "submitted", "timer.no_incident", **ESCALATION),
    "Mutation.skipTimer": _command("skipTimer", "admin", "submitted", **ESCALATION),
    "Mutation.markNotificationsRead": _command(
        "markNotificationsRead",
        ", ".join(PEOPLE),
        "submitted",
        "notification.unknown",
        notificationIds=[notification_id(str(ptk(PNS)))],
    ),
}


async def _change_nothing(_: Environment) -> Input:
    return {}


async def _start_plan(environment: Environment) -> Input:
    await (await environment.sign_in(PNS)).start_plan()
    return {}


async def _complete_plan(environment: Environment) -> Input:
    await complete_plan(await environment.sign_in(PNS))
    return {}


async def _submit_plan(environment: Environment) -> Input:
    await submit_plan(environment, PNS)
    return {}


async def _approve_plan(environment: Environment) -> Input:
    await decide_as_head(environment, HEAD_OF_SD, await submit_plan(environment, PNS), "approvePlan")
    return {}


async def _propose_version(environment: Environment) -> Input:
    await workflow_versions.expect_version(
        environment,
        workflow_versions.SECOND,
        "proposeWorkflowVersion",
        yaml=workflow_versions.OTHER_DEFINITION,
    )
    return {}


async def _approve_version(environment: Environment) -> Input:
    await submit_plan(environment, PNS)
    await workflow_versions.approve_version(environment)
    return {}


async def _start_migration(environment: Environment) -> Input:
    await _approve_version(environment)
    migration = await plan_migrations.expect_order(environment, "migratePlans", **MIGRATED_VERSIONS)
    return {"planMigrationId": migration["id"]}


async def _start_dry_run(environment: Environment) -> Input:
    proposal = await workflow_versions.expect_version(
        environment,
        workflow_versions.SECOND,
        "proposeWorkflowVersion",
        yaml=workflow_versions.OTHER_DEFINITION,
    )
    document = payload_document("startDryRun", "dryRun { id }") + PROBLEM_FIELDS
    input = {"workflowVersionId": proposal["id"], "period": PERIOD_CODE}
    answer = await (await environment.sign_in(workflow_versions.SECOND)).execute(document, input=input)
    return {"id": answer["answer"]["dryRun"]["id"]}


async def _propose_revision(environment: Environment) -> Input:
    proposal = await revisions.propose(
        await environment.sign_in(workflow_versions.SECOND), **{revisions.SWITCH: revisions.ON}
    )
    return {"changeRequestId": proposal["id"]}


async def _propose_catalog(environment: Environment) -> Input:
    await submit_plan(environment, PNS)
    document = payload_document("proposeCatalog", "changeRequest { id }") + PROBLEM_FIELDS
    second = await environment.sign_in(workflow_versions.SECOND)
    answer = await second.execute(document, input={"yaml": OTHER_CATALOG, **REASON})
    return {"changeRequestId": answer["answer"]["changeRequest"]["id"]}


# the state before the request; each setup returns the input that only it knows
SETUPS: Mapping[str, Callable[[Environment], Awaitable[Input]]] = {
    "nothing": _change_nothing, "started": _start_plan, "complete": _complete_plan, "submitted": _submit_plan,
    "approved": _approve_plan, "version proposed": _propose_version, "accepted": _approve_version,
    "proposed": _propose_revision, "catalog proposed": _propose_catalog,
    "migrating": _start_migration, "trying": _start_dry_run,
}  # fmt: skip
