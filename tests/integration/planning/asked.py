"""One request for every root field, that its rightful callers can make; the scene it is made in, and who they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.planning.api.ids import migration_id, notification_id, plan_id, timer_id
from tests.identity_samples import ptk
from tests.integration.planning import migrating, publishing, revising
from tests.integration.planning.composing import (
    INDIKATOR,
    NO_TUGAS,
    PERILAKU,
    RHK,
    complete,
    decided,
    submitted,
)
from tests.integration.planning.house import PERIOD_CODE, House
from tests.small_registry import HEAD_OF_SD, PNS, TK
from tests.unit.planning.reference import CATALOG, PERIOD, spoiled

PLAN = plan_id(str(ptk(PNS)), PERIOD_CODE)
PEOPLE = {"teacher", "other teacher", "head", "Plt", "admin"}
WHY = {"reason": "Alasan contoh."}
ESCALATION = {"timer": timer_id(str(ptk(PNS)), PERIOD_CODE, "escalate"), "expectedCount": 0, **WHY}
WHOLE = "__typename ... on Refused { problems { code } }"


def _more_points(data: Any) -> None:
    data["rhk"][0]["poin"] += 1


def _third_revision(data: Any) -> None:
    last = data["revisions"][-1]
    data["revisions"].append({**last, "number": 3, "values": {**last["values"], "revision_days": 21}})


OTHER_CATALOG = spoiled(CATALOG, _more_points).decode()
OTHER_PERIOD = spoiled(PERIOD, _third_revision).decode()

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """`document` names its root field `answer`, and by `$ID` what its scene made.

    Who is in `open_to` is served, or told a `reason` that is about the matter itself.
    """

    document: str
    open_to: Collection[str]
    given: Given = field(default_factory=dict)
    scene: str = "submitted"
    reason: str | None = None


def _question(selection: str, open_to: Collection[str], **more: Any) -> Asked:
    return Asked(f"{{ answer: {selection} }}", open_to, **more)


def _command(
    mutation: str, kind: str, open_to: str, scene: str, reason: str | None = None, /, **given: Any
) -> Asked:
    document = f"mutation M($input: {kind}Input!) {{ answer: {mutation}(input: $input) {{ {WHOLE} }} }}"
    return Asked(document, set(open_to.split(", ")), {"input": given}, scene, reason)


def _on_plan(
    mutation: str, kind: str, open_to: str, scene: str, reason: str | None = None, /, **given: Any
) -> Asked:
    version = {"started": 1, "complete": 6, "submitted": 7, "approved": 8}[scene]
    return _command(
        mutation, kind, open_to, scene, reason, planId=PLAN, expectedVersion=version, **given
    )  # fmt: skip


ASKED = {
    "Query.viewer": _question("viewer { nama }", PEOPLE),
    "Query.plan": _question(f'plan(id: "{PLAN}") {{ version }}', {"teacher", "head", "admin"}),
    "Query.reviewQueue": _question("reviewQueue { edges { node { nama } } }", {"head", "Plt"}),
    "Query.period": _question("period { code }", PEOPLE),
    "Query.catalog": _question('catalog(jenjang: "SD") { jenjang }', PEOPLE),
    "Query.workflow": _question("workflow { sha256 }", {"admin"}),
    "Query.workflows": _question("workflows { edges { node { sha256 } } }", {"admin"}),
    "Query.planStatus": _question(f'planStatus(key: {{ptkId: "{ptk(PNS)}"}}) {{ ptkId }}', {"partner"}),
    "Query.planStatuses": _question(f'planStatuses(keys: [{{ptkId: "{ptk(PNS)}"}}]) {{ ptkId }}', {"partner"}),
    "Query.incidents": _question("incidents { edges { node { id } } }", {"admin"}),
    "Query.planNumbers": _question("planNumbers { plans }", {"admin"}),
    "Query.migrations": _question("migrations { edges { node { id } } }", {"admin"}),
    "Query.migration": _question(
        f'migration(id: "{migration_id(1)}") {{ status }}', {"admin"}, scene="migrating"
    ),
    "Query.changeRequests": _question("changeRequests { edges { node { id } } }", {"admin"}),
    "Query.trial": _question('trial(id: "$ID") { sha256 }', {"admin"}, scene="trying"),
    "Mutation.startPlan": _command("startPlan", "StartPlan", "teacher, other teacher, Plt", "nothing"),
    "Mutation.confirmProfile": _on_plan("confirmProfile", "ConfirmProfile", "teacher", "started"),
    "Mutation.correctProfile": _on_plan("correctProfile", "CorrectProfile", "teacher", "complete", ruang="d"),
    "Mutation.savePraktikKinerja": _on_plan(
        "savePraktikKinerja", "SavePraktikKinerja", "teacher", "complete", **INDIKATOR
    ),
    "Mutation.savePengembanganKompetensi": _on_plan(
        "savePengembanganKompetensi", "SavePengembanganKompetensi", "teacher", "complete", **RHK
    ),
    "Mutation.saveTugasTambahan": _on_plan(
        "saveTugasTambahan", "SaveTugasTambahan", "teacher", "complete", **NO_TUGAS
    ),
    "Mutation.savePerilakuKerja": _on_plan(
        "savePerilakuKerja", "SavePerilakuKerja", "teacher", "complete", **PERILAKU
    ),
    "Mutation.submitPlan": _on_plan("submitPlan", "Transition", "teacher", "complete"),
    "Mutation.commentOnPlan": _command(
        "commentOnPlan", "CommentOnPlan", "teacher, head", "submitted", planId=PLAN, text="Baik."
    ),
    "Mutation.approvePlan": _on_plan("approvePlan", "Transition", "head", "submitted"),
    "Mutation.returnPlan": _on_plan("returnPlan", "ReturnPlan", "head", "submitted", note="Lengkapi."),
    "Mutation.approvePlans": Asked(
        "mutation M($input: ApprovePlansInput!) { answer: approvePlans(input: $input) "
        f"{{ {WHOLE} ... on ApprovedPlans {{ results {{ result {{ {WHOLE} }} }} }} }} }}",
        {"head"},
        {"input": {"plans": [{"planId": PLAN, "expectedVersion": 7}]}},
    ),
    "Mutation.firePlanTransition": _on_plan(
        "firePlanTransition", "FirePlanTransition", "head", "submitted", trigger="approve"
    ),
    "Mutation.beginImplementation": _on_plan("beginImplementation", "Transition", "teacher", "approved"),
    "Mutation.confirmAsPlt": _command("confirmAsPlt", "ConfirmAsPlt", "Plt", "submitted", npsn=TK),
    "Mutation.reopenPlan": _on_plan("reopenPlan", "ReopenPlan", "admin", "approved", **WHY),
    "Mutation.movePlan": _on_plan("movePlan", "MovePlan", "admin", "submitted", "move.same_school", **WHY),
    "Mutation.draftWorkflow": _command(
        "draftWorkflow", "DraftWorkflow", "admin", "submitted", yaml=publishing.OTHER, **WHY
    ),
    "Mutation.approveWorkflow": _command(
        "approveWorkflow", "WorkflowAct", "admin", "drafted", sha256=publishing.sha_of(publishing.OTHER), **WHY
    ),
    "Mutation.rejectWorkflow": _command(
        "rejectWorkflow", "WorkflowAct", "admin", "drafted", sha256=publishing.sha_of(publishing.OTHER), **WHY
    ),
    "Mutation.publishWorkflow": _command(
        "publishWorkflow", "WorkflowAct", "admin", "accepted", sha256=publishing.sha_of(publishing.OTHER), **WHY
    ),
    "Mutation.retireWorkflow": _command(
        "retireWorkflow", "WorkflowAct", "admin", "accepted", sha256=publishing.sha_of(publishing.OTHER), **WHY
    ),
    "Mutation.proposeRevision": _command(
        "proposeRevision", "ProposeRevision", "admin", "submitted", period=PERIOD_CODE,
        values=[{"name": revising.SWITCH, "value": revising.ON}], **WHY,
    ),
    "Mutation.approveRevision": _command("approveRevision", "Proposal", "admin", "proposed", **WHY),
    "Mutation.rejectRevision": _command("rejectRevision", "Proposal", "admin", "proposed", **WHY),
    "Mutation.withdrawRevision": _command("withdrawRevision", "Proposal", "admin", "proposed", **WHY),
    "Mutation.proposeCatalog": _command(
        "proposeCatalog", "ProposeFile", "admin", "submitted", yaml=OTHER_CATALOG, **WHY
    ),
    "Mutation.proposePeriod": _command(
        "proposePeriod", "ProposeFile", "admin", "submitted", yaml=OTHER_PERIOD, **WHY
    ),
    "Mutation.approveChange": _command("approveChange", "ChangeRequest", "admin", "catalog proposed", **WHY),
    "Mutation.rejectChange": _command("rejectChange", "ChangeRequest", "admin", "catalog proposed", **WHY),
    "Mutation.withdrawChange": _command("withdrawChange", "ChangeRequest", "admin", "catalog proposed", **WHY),
    "Mutation.tryWorkflow": _command(
        "tryWorkflow", "TryWorkflow", "admin", "drafted", sha256=publishing.sha_of(publishing.OTHER),
        period=PERIOD_CODE,
    ),
    "Mutation.migratePlans": _command(
        "migratePlans", "MigratePlans", "admin", "accepted",
        **{"from": publishing.SHIPPED, "to": publishing.sha_of(publishing.OTHER)}, **WHY,
    ),
    "Mutation.stopMigration": _command("stopMigration", "MigrationAct", "admin", "migrating", **WHY),
    "Mutation.resumeMigration": _command(
        "resumeMigration", "MigrationAct", "admin", "migrating", "migration.not_stopped", **WHY
    ),
    "Mutation.undoMigration": _command("undoMigration", "MigrationAct", "admin", "migrating", **WHY),
    "Mutation.retryTimer": _command(
        "retryTimer", "TimerAct", "admin", "submitted", "timer.no_incident", **ESCALATION
    ),
    "Mutation.skipTimer": _command("skipTimer", "TimerAct", "admin", "submitted", **ESCALATION),
    "Mutation.markNotificationsRead": _command(
        "markNotificationsRead", "MarkNotificationsRead", ", ".join(PEOPLE), "submitted", "notification.unknown",
        ids=[notification_id(str(ptk(PNS)))],
    ),
}  # fmt: skip


async def _nothing(_: House) -> Given:
    return {}


async def _started(house: House) -> Given:
    await (await house.person(PNS)).start()
    return {}


async def _complete(house: House) -> Given:
    await complete(await house.person(PNS))
    return {}


async def _submitted(house: House) -> Given:
    await submitted(house, PNS)
    return {}


async def _approved(house: House) -> Given:
    await decided(house, HEAD_OF_SD, await submitted(house, PNS), "approvePlan")
    return {}


async def _drafted(house: House) -> Given:
    await publishing.did(house, publishing.SECOND, "draftWorkflow", yaml=publishing.OTHER)
    return {}


async def _accepted(house: House) -> Given:
    await submitted(house, PNS)
    await publishing.approved(house)
    return {}


async def _migrating(house: House) -> Given:
    await _accepted(house)
    versions = {"from": publishing.SHIPPED, "to": publishing.sha_of(publishing.OTHER)}
    return {"id": (await migrating.ordered(house, "migratePlans", **versions))["id"]}


async def _trying(house: House) -> Given:
    draft = await publishing.did(house, publishing.SECOND, "draftWorkflow", yaml=publishing.OTHER)
    document = (
        "mutation M($input: TryWorkflowInput!) { answer: tryWorkflow(input: $input) { ... on Trial { id } } }"
    )
    given = {"sha256": draft["sha256"], "period": PERIOD_CODE}
    answer = await (await house.person(publishing.SECOND)).ask(document, input=given)
    return {"id": answer["answer"]["id"]}


async def _proposed(house: House) -> Given:
    proposal = await revising.propose(await house.person(publishing.SECOND), **{revising.SWITCH: revising.ON})
    return {"proposal": proposal["id"]}


async def _catalog_proposed(house: House) -> Given:
    await submitted(house, PNS)
    selection = "... on ChangeRequest { id }"
    document = (
        f"mutation M($input: ProposeFileInput!) {{ p: proposeCatalog(input: $input) {{ {selection} }} }}"
    )
    second = await house.person(publishing.SECOND)
    answer = await second.ask(document, input={"yaml": OTHER_CATALOG, **WHY})
    return {"changeRequest": answer["p"]["id"]}


# what stands there before somebody asks, and what only then is known of the input
SCENES: Mapping[str, Callable[[House], Awaitable[Given]]] = {
    "nothing": _nothing, "started": _started, "complete": _complete, "submitted": _submitted,
    "approved": _approved, "drafted": _drafted, "accepted": _accepted, "proposed": _proposed,
    "catalog proposed": _catalog_proposed,
    "migrating": _migrating, "trying": _trying,
}  # fmt: skip
