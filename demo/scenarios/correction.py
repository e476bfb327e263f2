"""Plans migrate to a workflow version with corrections, a teacher corrects a plan, and the migration is undone."""

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
    """Draft, try and publish a version; migrate plans, correct one, undo the migration."""
    await context.set_clock(THURSDAY, "WIT")
    context.transcript.narrate("The shipped definition with the additions of demo/data/correction:")
    context.transcript.request("YAML=$(.venv/bin/python -m demo.correction)")
    laras = await context.sign_in(people.LARAS, app="admin")
    draft = await laras.command(
        "ProposeWorkflowVersion", yaml=correction_workflow(), reason="Koreksi tanpa helpdesk."
    )
    new, old = draft["sha256"], draft["parent"]
    trial = await laras.command("StartDryRun", sha256=new, period="2024-1")
    await wait_for_worker(lambda: _has_ended(laras, "Trial", trial["id"], "progress"), "tried the version")
    trial = await laras.query("Trial", id=trial["id"])
    progress = trial["progress"]
    same, different, unknown = (progress[name] for name in ("same", "different", "unknown"))
    context.transcript.answer(f"{progress['done']} plans: {same} commands lead to the same state")
    assert same > 0
    assert different == unknown == 0
    assert all(plan["to"] == plan["state"] for plan in trial["touched"])
    teguh = await context.sign_in(people.TEGUH, app="admin")
    await teguh.command("ApproveWorkflowVersion", sha256=new, reason="Diperiksa.")
    await teguh.command("PublishWorkflowVersion", sha256=new, reason="Untuk rencana baru.")
    laras = await context.sign_in(people.LARAS, app="admin")
    async with context.services.worker_stopped():  # it could finish the migration before it is stopped
        migration = await laras.command(
            "MigratePlans", **{"from": old, "to": new, "reason": "Koreksi dimungkinkan."}
        )
        await laras.command("StopPlanMigration", id=migration["id"], reason="Menunggu jam sepi.")
        await laras.command("ResumePlanMigration", id=migration["id"], reason="Dilanjutkan.")
    await wait_for_worker(
        lambda: _has_ended(laras, "Migration", migration["id"], "there"), "migrated the plans"
    )
    counts = (await laras.query("Migration", id=migration["id"]))["there"]
    context.transcript.answer(f"{counts['moved']} plans migrated, {counts['refused']} not migrated")
    assert (counts["moved"], counts["refused"]) == (progress["done"], 0)
    plan = await _correct_plan(context)
    await _undo_migration(await context.sign_in(people.LARAS, app="admin"), migration["id"], plan)


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


async def _undo_migration(laras: Session, migration: str, plan: Json) -> None:
    """Undo the migration. The plan that used a new transition stays in the new version."""
    await laras.command("RollBackPlanMigration", id=migration, reason="Surat edaran dicabut.")
    await wait_for_worker(lambda: _has_ended(laras, "Migration", migration, "back"), "undone the migration")
    result = await laras.query("Migration", id=migration, back=True)
    laras.transcript.answer(
        f"{result['back']['moved']} plans back in the old version, {result['back']['refused']} not:"
    )
    (edge,) = result["refused"]["edges"]
    assert edge["node"]["planId"] == plan["id"]
    laras.transcript.answer(
        f"{edge['node']['satuanPendidikan']['nama']}: {edge['node']['problem']['message']}"
    )
    (edge,) = (await laras.query("Migrations"))["edges"]
    assert edge["node"]["status"] == "UNDONE"


async def _has_ended(laras: Session, document: str, id: str, part: str) -> bool:
    work = (await laras.poll(document, id=id))[part]
    return work is not None and work["endedAt"] is not None
