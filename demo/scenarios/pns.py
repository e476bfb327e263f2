"""A PNS under an appointed principal: a draft, a returned plan, approval, implementation (Guide 1 to 9)."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import BEHAVIOURS, TUESDAY
from demo.services import MONDAY, RunningServices
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Ratna is a civil servant. Her school has an appointed principal. She saves a draft, completes it the next morning "
    "and submits it. The principal returns it, Ratna changes it, the principal approves it, and Ratna begins."
)
NOTE = "Mohon tambahkan observasi bersama rekan sejawat, supaya umpan balik Anda dapat diamati."


async def run(services: RunningServices, transcript: Transcript) -> None:
    """Start on Monday, complete and submit on Tuesday."""
    await services.restart_at(MONDAY, "WIB", transcript)
    await _save_draft(await services.sign_in(people.RATNA, transcript), transcript)
    await services.restart_at(TUESDAY, "WIB", transcript)
    ratna = await services.sign_in(people.RATNA, transcript)
    plan = await _complete_and_submit(ratna, transcript)
    await _return_and_approve(ratna, await services.sign_in(people.HARTINI, transcript), plan, transcript)


async def _save_draft(ratna: Session, transcript: Transcript) -> None:
    permission = (await ratna.query("Viewer"))["mayPlan"]
    assert (permission["allowed"], permission["obliged"], permission["refusals"]) == (True, True, [])
    transcript.answer("must plan: she is ASN")
    transcript.narrate("Mulai. Data diri come from Dapodik, which does not have her promotion to III/d yet.")
    plan = await ratna.command("StartPlan")
    assert _rank(plan, transcript) == ("III/c", "dapodik:getGtk")
    plan = await ratna.command("CorrectProfile", plan, ruang="d", jenjangJabatan="AHLI_MUDA")
    assert _rank(plan, transcript) == ("III/d", "teacher")
    transcript.narrate(
        "A teacher can correct data diri once in a period. Dapodik stays unchanged. A second correction is refused."
    )
    await ratna.expect_refusal(
        "CorrectProfile", plan, "profile.corrected_already", jenjangJabatan="AHLI_MADYA"
    )
    transcript.narrate("She chooses an indikator and one rencana hasil kerja: Simpan Draf.")
    plan = await ratna.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await ratna.command("SavePengembanganKompetensi", plan, then="STAY", rhk=["RHK-01"])
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("PENGEMBANGAN_KOMPETENSI", 8)
    transcript.answer("8 points of 32")


async def _complete_and_submit(ratna: Session, transcript: Transcript) -> Json:
    plan = (await ratna.query("Viewer"))["plan"]
    transcript.answer("the answer holds the plan that she started")
    plan = await ratna.query("Plan", id=plan["id"])
    content = plan["content"]
    assert (content["praktikKinerja"], content["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-01"])
    assert plan["tab"] == "PENGEMBANGAN_KOMPETENSI"
    transcript.plan(plan)
    transcript.narrate(
        "The plan holds all her choices. She continues, and omits the number of the decree of her tugas tambahan."
    )
    plan = await ratna.command("SavePengembanganKompetensi", plan, then="NEXT", rhk=["RHK-01", "RHK-03"])
    walas = {"code": "TT-WALAS", "tanggalSk": "2023-07-17"}
    missing = "tugas_tambahan.nomor_sk_missing"
    await ratna.expect_refusal("SaveTugasTambahan", plan, missing, then="NEXT", tugas=[walas])
    walas["nomorSk"] = "SK/CONTOH/2023/021"
    plan = await ratna.command("SaveTugasTambahan", plan, then="NEXT", tugas=[walas])
    plan = await ratna.command("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    assert plan["incomplete"] == []
    transcript.narrate(
        "Rangkuman. It adds three rencana hasil kerja; the principal uploads the proof of two."
    )
    rangkuman = (await ratna.query("Rangkuman", id=plan["id"]))["rangkuman"]
    automatic = [row for row in rangkuman["rhk"] if row["otomatis"]]
    assert [row["pengunggah"] for row in automatic] == ["GURU", "KEPALA_SEKOLAH", "KEPALA_SEKOLAH"]
    assert (automatic[0]["label"], rangkuman["poin"]) == ("Umpan Balik Konstruktif", 44)
    transcript.answer(*(f"{row['label']}: {row['bukti']}, by {row['pengunggah']}" for row in automatic))
    plan = await ratna.command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    return plan


async def _return_and_approve(ratna: Session, hartini: Session, plan: Json, transcript: Transcript) -> None:
    """Return the plan with a note, submit it again, approve it, begin."""
    queue = await hartini.query("ReviewQueue", phase="SUBMITTED")
    (edge,) = queue["edges"]
    assert (edge["node"]["id"], edge["node"]["nama"]) == (plan["id"], "Ratna Contoh")
    transcript.answer(f"in her queue: {edge['node']['nama']}")
    plan = await hartini.query("ReviewPlan", id=plan["id"])
    labels = [transition["label"] for transition in plan["availableTransitions"] if transition["allowed"]]
    assert labels == ["Setujui", "Minta perbaikan"]
    transcript.answer("her transitions: " + ", ".join(labels))
    plan = await hartini.command("ReturnPlan", plan, note=NOTE)
    assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-01-30")
    await ratna.expect_banners("banner.returned")
    note = (await ratna.query("Plan", id=plan["id"]))["note"]
    assert note == NOTE
    transcript.answer(f"the note: {note}")
    plan = await ratna.command("SavePengembanganKompetensi", plan, rhk=["RHK-01", "RHK-02", "RHK-03"])
    plan = await ratna.command("SubmitPlan", plan)
    plan = await hartini.query("ReviewPlan", id=plan["id"])
    (change,) = plan["changesSinceLastSubmission"]
    assert (change["kind"], change["before"]) == ("ADDED", None)
    transcript.answer(f"added since she returned it: {change['after']}")
    transcript.narrate("Hartini approves, and Ratna begins.")
    plan = await hartini.command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    await ratna.expect_banners("banner.may_begin")
    plan = await ratna.command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"


def _rank(plan: Json, transcript: Transcript) -> tuple[str, str]:
    rank = plan["profile"]["pangkatGolongan"]
    transcript.answer(f"pangkat/golongan {rank['value']}, from {rank['source']}")
    return rank["value"], rank["source"]
