"""A teacher corrects an approved plan, by a version that living plans are moved to; then the version is taken back."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.correction import correction_workflow
from demo.scenarios.steps import THURSDAY, show_history, wait_for_worker
from demo.services import Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Each correction needs the helpdesk. So admins add a state and three transitions, try them on what really "
    "happened, and move the living plans there: Frans asks for himself, Welmina allows it, nothing is wiped."
)
REASON = "Indikator keliru dipilih."


async def run(services: Services, transcript: Transcript) -> None:
    """Tried, published, moved; corrected; taken back."""
    await services.restart_at(THURSDAY, "WIT", transcript)
    transcript.narrate("The shipped definition with what stands in demo/data/koreksi:")
    transcript.request("YAML=$(.venv/bin/python -m demo.correction)")
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    draft = await laras.admin_command(
        "DraftWorkflow", yaml=correction_workflow(), reason="Koreksi tanpa helpdesk."
    )
    new, old = draft["sha256"], draft["parent"]
    trial = await laras.admin_command("TryWorkflow", sha256=new, period="2024-1")
    await wait_for_worker(lambda: _ended(laras, "Trial", trial["id"], "progress"), "tried the version")
    found = await laras.query("Trial", id=trial["id"])
    progress = found["progress"]
    same, different, unknown = (progress[name] for name in ("same", "different", "unknown"))
    transcript.answer(f"{progress['done']} plans: {same} commands lead to the same state")
    assert same > 0
    assert different == unknown == 0
    assert all(one["to"] == one["state"] for one in found["touched"])
    teguh = await services.sign_in(people.TEGUH, transcript, app="admin")
    await teguh.admin_command("ApproveWorkflow", sha256=new, reason="Diperiksa.")
    await teguh.admin_command("PublishWorkflow", sha256=new, reason="Untuk rencana baru.")
    laras = await services.sign_in(people.LARAS, transcript, app="admin")
    migration = await laras.admin_command(
        "MigratePlans", **{"from": old, "to": new, "reason": "Koreksi dimungkinkan."}
    )
    await laras.admin_command("StopMigration", id=migration["id"], reason="Menunggu jam sepi.")
    await laras.admin_command("ResumeMigration", id=migration["id"], reason="Dilanjutkan.")
    await wait_for_worker(lambda: _ended(laras, "Migration", migration["id"], "there"), "moved the plans")
    there = (await laras.query("Migration", id=migration["id"]))["there"]
    transcript.answer(f"{there['moved']} plans moved, {there['refused']} left as they are")
    assert (there["moved"], there["refused"]) == (progress["done"], 0)
    plan = await _corrected(services, transcript)
    await _taken_back(
        await services.sign_in(people.LARAS, transcript, app="admin"), migration["id"], plan, transcript
    )


async def _corrected(services: Services, transcript: Transcript) -> Json:
    """The plan goes round again, and its history tells it."""
    frans = await services.sign_in(people.FRANS, transcript)
    plan = (await frans.query("Viewer"))["plan"]
    plan = await frans.command("FirePlanTransition", plan, trigger="requestCorrection", reason=REASON)
    welmina = await services.sign_in(people.WELMINA, transcript)
    plan = await welmina.command("FirePlanTransition", plan, trigger="grantCorrection")
    assert plan["state"]["phase"] == "DRAFT"
    frans = await services.sign_in(people.FRANS, transcript)
    plan = await frans.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await frans.command("SubmitPlan", plan)
    plan = await (await services.sign_in(people.WELMINA, transcript)).command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    entries = await show_history(frans, plan["id"], 6, transcript)
    assert [entry["kind"] for entry in entries[-2:]] == ["transition", "migrated"]
    return plan


async def _taken_back(laras: Session, migration: str, plan: Json, transcript: Transcript) -> None:
    """Who has used the new way stays with it."""
    await laras.admin_command("UndoMigration", id=migration, reason="Surat edaran dicabut.")
    await wait_for_worker(lambda: _ended(laras, "Migration", migration, "back"), "taken the plans back")
    found = await laras.query("Migration", id=migration, back=True)
    transcript.answer(
        f"{found['back']['moved']} plans taken back, {found['back']['refused']} left for a decision:"
    )
    (edge,) = found["refused"]["edges"]
    assert edge["node"]["planId"] == plan["id"]
    transcript.answer(f"{edge['node']['satuanPendidikan']['nama']}: {edge['node']['problem']['message']}")
    (one,) = (await laras.query("Migrations"))["edges"]
    assert one["node"]["status"] == "UNDONE"


async def _ended(laras: Session, document: str, id: str, part: str) -> bool:
    found = await laras.poll(document, id=id)
    return found[part] is not None and found[part]["endedAt"] is not None
