"""Plans migrate to a workflow version with corrections, a teacher corrects a plan, and the migration is rolled back."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.correction import correction_workflow
from demo.scenarios.steps import THURSDAY, show_history, wait_for_worker
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = (
    "Every correction of an approved plan needs the helpdesk. So admins add a state and three transitions, try the "
    "version on past events in a dry run, and migrate the plans to it. Frans requests a correction, Welmina grants "
    "it, and no choice is lost."
)
REASON = "Indikator keliru dipilih."


async def run(context: ScenarioContext) -> None:
    """Propose, try and publish a version; migrate plans, correct one, roll the migration back."""
    await context.set_clock(THURSDAY, "WIT")
    context.transcript.narrate("The shipped definition with the additions of demo/data/correction:")
    context.transcript.request("YAML=$(.venv/bin/python -m demo.correction)")
    laras = await context.sign_in(people.LARAS, app="admin")
    proposal = await laras.command(
        "ProposeWorkflowVersion", yaml=correction_workflow(), reason="Koreksi tanpa helpdesk."
    )
    new, old = proposal["id"], proposal["basedOn"]["id"]
    dry_run = await laras.command("StartDryRun", workflowVersionId=new, period="2024-1")
    await wait_for_worker(lambda: _has_ended(laras, "DryRun", dry_run["id"], "progress"), "tried the version")
    dry_run = await laras.query("DryRun", id=dry_run["id"])
    progress = dry_run["progress"]
    same, different, unknown = (progress[f"{name}Count"] for name in ("same", "different", "unknown"))
    context.transcript.answer(f"{progress['replayedCount']} plans: {same} commands lead to the same state")
    assert same > 0
    assert different == unknown == 0
    assert all(group["newState"] == group["state"] for group in dry_run["planGroups"]["nodes"])
    teguh = await context.sign_in(people.TEGUH, app="admin")
    await teguh.command("ApproveWorkflowVersion", workflowVersionId=new, reason="Diperiksa.")
    await teguh.command("PublishWorkflowVersion", workflowVersionId=new, reason="Untuk rencana baru.")
    laras = await context.sign_in(people.LARAS, app="admin")
    async with context.services.worker_stopped():  # it could finish the migration before it is stopped
        migration = await laras.command(
            "MigratePlans", fromVersionId=old, toVersionId=new, reason="Koreksi dimungkinkan."
        )
        await laras.command("StopPlanMigration", planMigrationId=migration["id"], reason="Menunggu jam sepi.")
        await laras.command("ResumePlanMigration", planMigrationId=migration["id"], reason="Dilanjutkan.")
    await wait_for_worker(
        lambda: _has_ended(laras, "PlanMigration", migration["id"], "forward"), "migrated the plans"
    )
    counts = (await laras.query("PlanMigration", id=migration["id"]))["forward"]
    context.transcript.answer(f"{counts['movedCount']} plans migrated, {counts['skippedCount']} skipped")
    assert (counts["movedCount"], counts["skippedCount"]) == (progress["replayedCount"], 0)
    plan = await _correct_plan(context)
    await _roll_back(await context.sign_in(people.LARAS, app="admin"), migration["id"], plan)


async def _correct_plan(context: ScenarioContext) -> Json:
    """Request, grant and submit a correction, then read the history."""
    frans = await context.sign_in(people.FRANS)
    plan = (await frans.query("Viewer"))["plan"]
    plan = await frans.plan_command("FirePlanTransition", plan, trigger="requestCorrection", reason=REASON)
    welmina = await context.sign_in(people.WELMINA)
    plan = await welmina.plan_command("FirePlanTransition", plan, trigger="grantCorrection")
    assert plan["state"]["phase"] == "DRAFT"
    frans = await context.sign_in(people.FRANS)
    plan = await frans.plan_command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await frans.plan_command("SubmitPlan", plan)
    plan = await (await context.sign_in(people.WELMINA)).plan_command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    entries = await show_history(frans, plan["id"], 6)
    assert [entry["kind"] for entry in entries[-2:]] == ["TRANSITION", "MIGRATED"]
    return plan


async def _roll_back(laras: Session, migration: str, plan: Json) -> None:
    """Roll the migration back. The plan that used a new transition stays in the new version."""
    await laras.command("RollBackPlanMigration", planMigrationId=migration, reason="Surat edaran dicabut.")
    await wait_for_worker(
        lambda: _has_ended(laras, "PlanMigration", migration, "rollback"), "rolled the migration back"
    )
    result = await laras.query("PlanMigration", id=migration, direction="ROLLBACK")
    counts = result["rollback"]
    laras.transcript.answer(
        f"{counts['movedCount']} plans back in the old version, {counts['skippedCount']} not:"
    )
    (skipped,) = result["skippedPlans"]["nodes"]
    assert skipped["plan"]["id"] == plan["id"]
    laras.transcript.answer(f"{skipped['plan']['satuanPendidikan']['nama']}: {skipped['problem']['message']}")
    (node,) = (await laras.query("PlanMigrations"))["nodes"]
    assert node["status"] == "ROLLED_BACK"


async def _has_ended(laras: Session, document: str, id: str, part: str) -> bool:
    work = (await laras.poll(document, id=id))[part]
    return work is not None and work["endedAt"] is not None
