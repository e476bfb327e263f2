"""A PNS under an appointed principal: a draft, a returned plan, approval, implementation (Guide 1 to 9)."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import BEHAVIOURS, TUESDAY
from demo.services import MONDAY, ScenarioContext
from demo.session import Session

SUMMARY = (
    "Ratna is a civil servant. Her school has an appointed principal. She saves a draft, completes it the next morning "
    "and submits it. The principal returns it, Ratna changes it, the principal approves it, and Ratna begins."
)
NOTE = "Mohon tambahkan observasi bersama rekan sejawat, supaya umpan balik Anda dapat diamati."


async def run(context: ScenarioContext) -> None:
    """Start on Monday, complete and submit on Tuesday."""
    await context.set_clock(MONDAY, "WIB")
    await _save_draft(await context.sign_in(people.RATNA))
    await context.set_clock(TUESDAY, "WIB")
    ratna = await context.sign_in(people.RATNA)
    plan = await _complete_and_submit(ratna)
    await _return_and_approve(ratna, await context.sign_in(people.HARTINI), plan)


async def _save_draft(ratna: Session) -> None:
    permission = (await ratna.query("Viewer"))["planningEligibility"]
    assert (permission["isAllowed"], permission["isObliged"], permission["refusals"]) == (True, True, [])
    ratna.transcript.answer("must plan: she is ASN")
    ratna.transcript.narrate(
        "Mulai. Data diri come from Dapodik, which does not have her promotion to III/d yet."
    )
    plan = await ratna.plan_command("StartPlan")
    assert _show_rank(ratna, plan) == ("III/c", "dapodik:getGtk")
    plan = await ratna.plan_command("CorrectProfile", plan, ruang="d", jenjangJabatan="AHLI_MUDA")
    assert _show_rank(ratna, plan) == ("III/d", "teacher")
    ratna.transcript.narrate(
        "A teacher can correct data diri once in a period. Dapodik stays unchanged. A second correction is refused."
    )
    await ratna.expect_refusal(
        "CorrectProfile", plan, "profile.corrected_already", jenjangJabatan="AHLI_MADYA"
    )
    ratna.transcript.narrate("She chooses an indikator and one rencana hasil kerja: Simpan Draf.")
    plan = await ratna.plan_command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await ratna.plan_command("SavePengembanganKompetensi", plan, then="STAY", rhk=["RHK-01"])
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("PENGEMBANGAN_KOMPETENSI", 8)
    ratna.transcript.answer("8 points of 32")


async def _complete_and_submit(ratna: Session) -> Json:
    plan = (await ratna.query("Viewer"))["plan"]
    ratna.transcript.answer("the answer holds the plan that she started")
    plan = await ratna.query("Plan", id=plan["id"])
    content = plan["content"]
    assert (content["praktikKinerja"], content["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-01"])
    assert plan["tab"] == "PENGEMBANGAN_KOMPETENSI"
    ratna.transcript.plan(plan)
    catalog = await ratna.query("Catalog", id=plan["catalog"]["id"])
    (indikator,) = (one for one in catalog["praktikKinerja"] if one["code"] == content["praktikKinerja"])
    ratna.transcript.answer(f"her indikator: {indikator['label']}")
    ratna.transcript.narrate(
        "The plan holds all her choices. She continues, and omits the number of the decree of her tugas tambahan."
    )
    plan = await ratna.plan_command("SavePengembanganKompetensi", plan, then="NEXT", rhk=["RHK-01", "RHK-03"])
    assert (await ratna.query("RegisteredDuties", id=plan["id"]))["registeredDuties"] == []
    ratna.transcript.answer("Dapodik has no duty of hers on record")
    walas = {"code": "TT-WALAS", "tanggalSk": "2023-07-17"}
    missing = "tugas_tambahan.nomor_sk_missing"
    await ratna.expect_refusal("SaveTugasTambahan", plan, missing, then="NEXT", tugas=[walas])
    walas["nomorSk"] = "SK/CONTOH/2023/021"
    plan = await ratna.plan_command("SaveTugasTambahan", plan, then="NEXT", tugas=[walas])
    plan = await ratna.plan_command("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    assert plan["incompleteParts"] == []
    ratna.transcript.narrate(
        "Rangkuman. It adds three rencana hasil kerja; the principal uploads the proof of two."
    )
    rangkuman = (await ratna.query("Rangkuman", id=plan["id"]))["rangkuman"]
    automatic = [row for row in rangkuman["rhk"] if row["otomatis"]]
    assert [row["pengunggah"] for row in automatic] == ["GURU", "KEPALA_SEKOLAH", "KEPALA_SEKOLAH"]
    assert (automatic[0]["label"], rangkuman["poin"]) == ("Umpan Balik Konstruktif", 44)
    ratna.transcript.answer(*(f"{row['label']}: {row['bukti']}, by {row['pengunggah']}" for row in automatic))
    plan = await ratna.plan_command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    return plan


async def _return_and_approve(ratna: Session, hartini: Session, plan: Json) -> None:
    """Return the plan with a note, submit it again, approve it, begin."""
    queue = await hartini.query("ReviewQueue", filter={"phase": "SUBMITTED"})
    (edge,) = queue["edges"]
    assert (edge["node"]["id"], edge["node"]["owner"]["nama"]) == (plan["id"], "Ratna Contoh")
    ratna.transcript.answer(f"in her queue: {edge['node']['owner']['nama']}")
    plan = await hartini.query("ReviewPlan", id=plan["id"])
    labels = [transition["label"] for transition in plan["availableTransitions"] if transition["isAllowed"]]
    assert labels == ["Setujui", "Minta perbaikan"]
    ratna.transcript.answer("her transitions: " + ", ".join(labels))
    plan = await hartini.plan_command("ReturnPlan", plan, note=NOTE)
    assert (plan["state"]["phase"], plan["revisionDueOn"]) == ("DRAFT", "2024-01-30")
    await ratna.expect_banners("banner.returned")
    note = (await ratna.query("Plan", id=plan["id"]))["note"]
    assert note == NOTE
    ratna.transcript.answer(f"the note: {note}")
    plan = await ratna.plan_command("SavePengembanganKompetensi", plan, rhk=["RHK-01", "RHK-02", "RHK-03"])
    plan = await ratna.plan_command("SubmitPlan", plan)
    plan = await hartini.query("ReviewPlan", id=plan["id"])
    (change,) = plan["changesSinceLastSubmission"]
    assert (change["kind"], change["before"]) == ("ADDED", None)
    ratna.transcript.answer(f"added since she returned it: {change['after']}")
    ratna.transcript.narrate("Hartini approves, and Ratna begins.")
    plan = await hartini.plan_command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    await ratna.expect_banners("banner.may_begin")
    plan = await ratna.plan_command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"


def _show_rank(session: Session, plan: Json) -> tuple[str, str]:
    rank = plan["profile"]["pangkatGolongan"]
    session.transcript.answer(f"pangkat/golongan {rank['value']}, from {rank['source']}")
    return rank["value"], rank["source"]
