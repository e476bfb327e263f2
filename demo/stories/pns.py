"""A PNS under an appointed principal: half of a plan, the next morning, a note, approval, implementation."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import MONDAY, Stage
from demo.stories.tabs import BEHAVIOURS, TUESDAY
from demo.transcript import Transcript

GIST = (
    "Ratna is a civil servant; her school has an appointed principal. She saves half, resumes the next morning, "
    "submits, is asked for a change, makes it, is approved, and begins."
)
NOTE = "Mohon tambahkan observasi bersama rekan sejawat, supaya umpan balik Anda dapat diamati."


async def play(stage: Stage, say: Transcript) -> None:
    """Guide 1 to 9."""
    await stage.at(MONDAY, "WIB", say)
    await _half(await stage.enter(cast.RATNA, say), say)
    await stage.at(TUESDAY, "WIB", say)
    ratna = await stage.enter(cast.RATNA, say)
    plan = await _the_other_half(ratna, say)
    await _discussion(ratna, await stage.enter(cast.HARTINI, say), plan, say)


async def _half(ratna: Person, say: Transcript) -> None:
    may = (await ratna.asks("Viewer"))["mayPlan"]
    assert (may["allowed"], may["obliged"], may["refusals"]) == (True, True, [])
    say.answer("may plan, and must: she is ASN")
    say.tell("Mulai. Data diri come from Dapodik; her promotion to III/d has not arrived there yet.")
    plan = await ratna.does("StartPlan")
    rank = plan["profile"]["pangkatGolongan"]
    assert (rank["value"], rank["source"]) == ("III/c", "dapodik:getGtk")
    plan = await ratna.does("CorrectProfile", plan, ruang="d", jenjangJabatan="AHLI_MUDA")
    rank = plan["profile"]["pangkatGolongan"]
    assert (rank["value"], rank["source"], plan["profile"]["editableFields"]) == ("III/d", "teacher", [])
    say.tell(
        "That was the one correction of the period. Dapodik is not changed by it, and a second one is refused."
    )
    await ratna.is_refused("CorrectProfile", plan, "profile.corrected_already", jenjangJabatan="AHLI_MADYA")
    say.tell("One indikator, then the first rencana hasil kerja. The bell rings: Simpan Draf.")
    plan = await ratna.does("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await ratna.does("SavePengembanganKompetensi", plan, then="STAY", rhk=["RHK-01"])
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("PENGEMBANGAN_KOMPETENSI", 8)


async def _the_other_half(ratna: Person, say: Transcript) -> Json:
    found = (await ratna.asks("Viewer"))["plan"]
    plan = await ratna.asks("Plan", id=found["id"])
    assert plan["tab"] == "PENGEMBANGAN_KOMPETENSI"
    assert (plan["content"]["praktikKinerja"], plan["content"]["pengembanganKompetensi"]) == (
        "PK-UBK",
        ["RHK-01"],
    )
    say.plan(plan)
    say.tell(
        "Everything is where she left it. She goes on; the decree of her tugas tambahan is missing first."
    )
    plan = await ratna.does("SavePengembanganKompetensi", plan, then="NEXT", rhk=["RHK-01", "RHK-03"])
    duty = {"code": "TT-WALAS", "tanggalSk": "2023-07-17"}
    await ratna.is_refused(
        "SaveTugasTambahan", plan, "tugas_tambahan.nomor_sk_missing", then="NEXT", tugas=[duty]
    )
    duty["nomorSk"] = "SK/CONTOH/2023/021"
    plan = await ratna.does("SaveTugasTambahan", plan, then="NEXT", tugas=[duty])
    plan = await ratna.does("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    assert plan["incomplete"] == []
    say.tell(
        "Rangkuman. Three rencana hasil kerja are there by themselves; two of them are the principal's to prove."
    )
    rangkuman = (await ratna.asks("Rangkuman", id=plan["id"]))["rangkuman"]
    automatic = [row for row in rangkuman["rhk"] if row["otomatis"]]
    assert [row["pengunggah"] for row in automatic] == ["GURU", "KEPALA_SEKOLAH", "KEPALA_SEKOLAH"]
    assert (automatic[0]["label"], rangkuman["poin"]) == ("Umpan Balik Konstruktif", 44)
    say.answer(*(f"{row['label']}: {row['bukti']}, by {row['pengunggah']}" for row in automatic))
    plan = await ratna.does("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    return plan


async def _discussion(ratna: Person, hartini: Person, plan: Json, say: Transcript) -> None:
    read = await hartini.asks("Plan", id=plan["id"])
    assert {"approve", "return"} == {
        each["trigger"] for each in read["availableTransitions"] if each["allowed"]
    }
    say.answer("her buttons: " + ", ".join(each["label"] for each in read["availableTransitions"]))
    plan = await hartini.does("ReturnPlan", read, note=NOTE)
    assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-01-30")
    say.tell("Ratna reads the note with the plan, and on her first page:")
    await ratna.is_told("banner.returned")
    plan = await ratna.does("SavePengembanganKompetensi", plan, rhk=["RHK-01", "RHK-02", "RHK-03"])
    plan = await ratna.does("SubmitPlan", plan)
    say.tell("Hartini agrees, and Ratna begins.")
    plan = await hartini.does("ApprovePlan", plan)
    assert plan["state"]["phase"] == "APPROVED"
    await ratna.is_told("banner.may_begin")
    plan = await ratna.does("BeginImplementation", plan)
    assert plan["state"]["phase"] == "IN_IMPLEMENTATION"
