"""A teacher corrects an approved plan, by a version that living plans are moved to; then the version is taken back."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.correction import definition
from demo.person import Person
from demo.stage import Stage
from demo.stories.extension import THURSDAY
from demo.stories.meanwhile import history_read, worker_has
from demo.transcript import Transcript

GIST = (
    "Each correction needs the helpdesk. So admins add a state and three transitions, try them on what really "
    "happened, and move the living plans there: Frans asks for himself, Welmina allows it, nothing is wiped."
)
REASON = "Indikator keliru dipilih."


async def play(stage: Stage, say: Transcript) -> None:
    """Tried, published, moved; corrected; taken back."""
    await stage.at(THURSDAY, "WIT", say)
    say.tell("The shipped definition with what stands in demo/data/koreksi:")
    say.request("YAML=$(.venv/bin/python -m demo.correction)")
    laras = await stage.enter(cast.LARAS, say, app="admin")
    draft = await laras.acts("DraftWorkflow", yaml=definition(), reason="Koreksi tanpa helpdesk.")
    new, old = draft["sha256"], draft["parent"]
    trial = await laras.acts("TryWorkflow", sha256=new, period="2024-1")
    await worker_has(lambda: _ended(laras, "Trial", trial["id"], "progress"), "tried the version")
    found = await laras.asks("Trial", id=trial["id"])
    progress = found["progress"]
    same, different, unknown = (progress[name] for name in ("same", "different", "unknown"))
    say.answer(f"{progress['done']} plans: {same} commands lead to the same state")
    assert same > 0
    assert different == unknown == 0
    assert all(one["to"] == one["state"] for one in found["touched"])
    teguh = await stage.enter(cast.TEGUH, say, app="admin")
    await teguh.acts("ApproveWorkflow", sha256=new, reason="Diperiksa.")
    await teguh.acts("PublishWorkflow", sha256=new, reason="Untuk rencana baru.")
    laras = await stage.enter(cast.LARAS, say, app="admin")
    migration = await laras.acts(
        "MigratePlans", **{"from": old, "to": new, "reason": "Koreksi dimungkinkan."}
    )
    await laras.acts("StopMigration", id=migration["id"], reason="Menunggu jam sepi.")
    await laras.acts("ResumeMigration", id=migration["id"], reason="Dilanjutkan.")
    await worker_has(lambda: _ended(laras, "Migration", migration["id"], "there"), "moved the plans")
    there = (await laras.asks("Migration", id=migration["id"]))["there"]
    say.answer(f"{there['moved']} plans moved, {there['refused']} left as they are")
    assert (there["moved"], there["refused"]) == (progress["done"], 0)
    plan = await _corrected(stage, say)
    await _taken_back(await stage.enter(cast.LARAS, say, app="admin"), migration["id"], plan, say)


async def _corrected(stage: Stage, say: Transcript) -> Json:
    """The plan goes round again, and its history tells it."""
    frans = await stage.enter(cast.FRANS, say)
    plan = (await frans.asks("Viewer"))["plan"]
    plan = await frans.does("FirePlanTransition", plan, trigger="requestCorrection", reason=REASON)
    welmina = await stage.enter(cast.WELMINA, say)
    plan = await welmina.does("FirePlanTransition", plan, trigger="grantCorrection")
    assert plan["state"]["phase"] == "DRAFT"
    frans = await stage.enter(cast.FRANS, say)
    plan = await frans.does("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await frans.does("SubmitPlan", plan)
    plan = await (await stage.enter(cast.WELMINA, say)).does("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    entries = await history_read(frans, plan["id"], 6, say)
    assert [entry["kind"] for entry in entries[-2:]] == ["transition", "migrated"]
    return plan


async def _taken_back(laras: Person, migration: str, plan: Json, say: Transcript) -> None:
    """Who has used the new way stays with it."""
    await laras.acts("UndoMigration", id=migration, reason="Surat edaran dicabut.")
    await worker_has(lambda: _ended(laras, "Migration", migration, "back"), "taken the plans back")
    found = await laras.asks("Migration", id=migration, back=True)
    say.answer(f"{found['back']['moved']} plans taken back, {found['back']['refused']} left for a decision:")
    (edge,) = found["refused"]["edges"]
    assert edge["node"]["planId"] == plan["id"]
    say.answer(f"{edge['node']['satuanPendidikan']['nama']}: {edge['node']['problem']['message']}")
    (one,) = (await laras.asks("Migrations"))["edges"]
    assert one["node"]["status"] == "UNDONE"


async def _ended(laras: Person, document: str, id: str, part: str) -> bool:
    found = await laras.looks(document, id=id)
    return found[part] is not None and found[part]["endedAt"] is not None
