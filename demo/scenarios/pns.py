"""A PNS under an appointed principal: half of a plan, the next morning, a note, approval, implementation."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import BEHAVIOURS, TUESDAY
from demo.services import MONDAY, Services
from demo.session import Session
from demo.transcript import Transcript

SUMMARY = (
    "Ratna is a civil servant; her school has an appointed principal. She saves half, resumes the next morning, "
    "submits, is asked for a change, makes it, is approved, and begins."
)
NOTE = "Mohon tambahkan observasi bersama rekan sejawat, supaya umpan balik Anda dapat diamati."


async def run(services: Services, transcript: Transcript) -> None:
    """Guide 1 to 9."""
    await services.restart_at(MONDAY, "WIB", transcript)
    await _half(await services.sign_in(people.RATNA, transcript), transcript)
    await services.restart_at(TUESDAY, "WIB", transcript)
    ratna = await services.sign_in(people.RATNA, transcript)
    plan = await _the_other_half(ratna, transcript)
    await _discuss(ratna, await services.sign_in(people.HARTINI, transcript), plan, transcript)


async def _half(ratna: Session, transcript: Transcript) -> None:
    may = (await ratna.query("Viewer"))["mayPlan"]
    assert (may["allowed"], may["obliged"], may["refusals"]) == (True, True, [])
    transcript.answer("may plan, and must: she is ASN")
    transcript.narrate(
        "Mulai. Data diri come from Dapodik; her promotion to III/d has not arrived there yet."
    )
    plan = await ratna.command("StartPlan")
    assert _rank(plan, transcript) == ("III/c", "dapodik:getGtk")
    plan = await ratna.command("CorrectProfile", plan, ruang="d", jenjangJabatan="AHLI_MUDA")
    assert _rank(plan, transcript) == ("III/d", "teacher")
    transcript.narrate(
        "That was the one correction of the period; Dapodik is not changed by it. A second one is refused."
    )
    await ratna.expect_refusal(
        "CorrectProfile", plan, "profile.corrected_already", jenjangJabatan="AHLI_MADYA"
    )
    transcript.narrate("One indikator, then the first rencana hasil kerja. The bell rings: Simpan Draf.")
    plan = await ratna.command("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await ratna.command("SavePengembanganKompetensi", plan, then="STAY", rhk=["RHK-01"])
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("PENGEMBANGAN_KOMPETENSI", 8)
    transcript.answer("8 points of 32")


async def _the_other_half(ratna: Session, transcript: Transcript) -> Json:
    found = (await ratna.query("Viewer"))["plan"]
    transcript.answer("there is a plan that she has begun")
    plan = await ratna.query("Plan", id=found["id"])
    kept = plan["content"]
    assert (kept["praktikKinerja"], kept["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-01"])
    assert plan["tab"] == "PENGEMBANGAN_KOMPETENSI"
    transcript.plan(plan)
    transcript.narrate(
        "Everything is where she left it. She goes on; of her tugas tambahan she forgets the decree."
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
        "Rangkuman. Three rencana hasil kerja appear by themselves; two are the principal's to prove."
    )
    rangkuman = (await ratna.query("Rangkuman", id=plan["id"]))["rangkuman"]
    automatic = [row for row in rangkuman["rhk"] if row["otomatis"]]
    assert [row["pengunggah"] for row in automatic] == ["GURU", "KEPALA_SEKOLAH", "KEPALA_SEKOLAH"]
    assert (automatic[0]["label"], rangkuman["poin"]) == ("Umpan Balik Konstruktif", 44)
    transcript.answer(*(f"{row['label']}: {row['bukti']}, by {row['pengunggah']}" for row in automatic))
    plan = await ratna.command("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    return plan


async def _discuss(ratna: Session, hartini: Session, plan: Json, transcript: Transcript) -> None:
    """From the principal's note to Pelaksanaan."""
    queue = await hartini.query("ReviewQueue", phase="SUBMITTED")
    (waiting,) = [edge["node"] for edge in queue["edges"]]
    assert (waiting["id"], waiting["nama"]) == (plan["id"], "Ratna Contoh")
    transcript.answer(f"waiting for her: {waiting['nama']}")
    read = await hartini.query("ReviewPlan", id=waiting["id"])
    buttons = [button["label"] for button in read["availableTransitions"] if button["allowed"]]
    assert buttons == ["Setujui", "Minta perbaikan"]
    transcript.answer("her buttons: " + ", ".join(buttons))
    plan = await hartini.command("ReturnPlan", read, note=NOTE)
    assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-01-30")
    await ratna.expect_banners("banner.returned")
    returned = await ratna.query("Plan", id=plan["id"])
    assert returned["note"] == NOTE
    transcript.answer(f"the note: {returned['note']}")
    plan = await ratna.command("SavePengembanganKompetensi", plan, rhk=["RHK-01", "RHK-02", "RHK-03"])
    plan = await ratna.command("SubmitPlan", plan)
    read = await hartini.query("ReviewPlan", id=plan["id"])
    (change,) = read["changesSinceLastSubmission"]
    assert (change["kind"], change["before"]) == ("ADDED", None)
    transcript.answer(f"new since she returned it: {change['after']}")
    transcript.narrate("Hartini agrees, and Ratna begins.")
    plan = await hartini.command("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    await ratna.expect_banners("banner.may_begin")
    plan = await ratna.command("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"


def _rank(plan: Json, transcript: Transcript) -> tuple[str, str]:
    rank = plan["profile"]["pangkatGolongan"]
    transcript.answer(f"pangkat/golongan {rank['value']}, as {rank['source']} says")
    return rank["value"], rank["source"]
