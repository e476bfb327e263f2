"""A PNS under an appointed principal: half of a plan, the next morning, a note, approval, implementation."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import MONDAY, Stage
from demo.stories.discussion import discuss
from demo.stories.tabs import BEHAVIOURS, TUESDAY
from demo.transcript import Transcript

GIST = (
    "Ratna is a civil servant; her school has an appointed principal. She saves half, resumes the next morning, "
    "submits, is asked for a change, makes it, is approved, and begins."
)


async def play(stage: Stage, say: Transcript) -> None:
    """Guide 1 to 9."""
    await stage.at(MONDAY, "WIB", say)
    await _half(await stage.enter(cast.RATNA, say), say)
    await stage.at(TUESDAY, "WIB", say)
    ratna = await stage.enter(cast.RATNA, say)
    plan = await _the_other_half(ratna, say)
    await discuss(ratna, await stage.enter(cast.HARTINI, say), plan, say)


async def _half(ratna: Person, say: Transcript) -> None:
    may = (await ratna.asks("Viewer"))["mayPlan"]
    assert (may["allowed"], may["obliged"], may["refusals"]) == (True, True, [])
    say.answer("may plan, and must: she is ASN")
    say.tell("Mulai. Data diri come from Dapodik; her promotion to III/d has not arrived there yet.")
    plan = await ratna.does("StartPlan")
    assert _rank(plan, say) == ("III/c", "dapodik:getGtk")
    plan = await ratna.does("CorrectProfile", plan, ruang="d", jenjangJabatan="AHLI_MUDA")
    assert _rank(plan, say) == ("III/d", "teacher")
    say.tell(
        "That was the one correction of the period; Dapodik is not changed by it. A second one is refused."
    )
    await ratna.is_refused("CorrectProfile", plan, "profile.corrected_already", jenjangJabatan="AHLI_MADYA")
    say.tell("One indikator, then the first rencana hasil kerja. The bell rings: Simpan Draf.")
    plan = await ratna.does("SavePraktikKinerja", plan, then="NEXT", indikator="PK-UBK")
    plan = await ratna.does("SavePengembanganKompetensi", plan, then="STAY", rhk=["RHK-01"])
    assert (plan["tab"], plan["rangkuman"]["poin"]) == ("PENGEMBANGAN_KOMPETENSI", 8)
    say.answer("8 points of 32")


async def _the_other_half(ratna: Person, say: Transcript) -> Json:
    found = (await ratna.asks("Viewer"))["plan"]
    say.answer("there is a plan that she has begun")
    plan = await ratna.asks("Plan", id=found["id"])
    kept = plan["content"]
    assert (kept["praktikKinerja"], kept["pengembanganKompetensi"]) == ("PK-UBK", ["RHK-01"])
    assert plan["tab"] == "PENGEMBANGAN_KOMPETENSI"
    say.plan(plan)
    say.tell("Everything is where she left it. She goes on; of her tugas tambahan she forgets the decree.")
    plan = await ratna.does("SavePengembanganKompetensi", plan, then="NEXT", rhk=["RHK-01", "RHK-03"])
    walas = {"code": "TT-WALAS", "tanggalSk": "2023-07-17"}
    missing = "tugas_tambahan.nomor_sk_missing"
    await ratna.is_refused("SaveTugasTambahan", plan, missing, then="NEXT", tugas=[walas])
    walas["nomorSk"] = "SK/CONTOH/2023/021"
    plan = await ratna.does("SaveTugasTambahan", plan, then="NEXT", tugas=[walas])
    plan = await ratna.does("SavePerilakuKerja", plan, then="NEXT", pilihan=BEHAVIOURS)
    assert plan["incomplete"] == []
    say.tell("Rangkuman. Three rencana hasil kerja appear by themselves; two are the principal's to prove.")
    rangkuman = (await ratna.asks("Rangkuman", id=plan["id"]))["rangkuman"]
    automatic = [row for row in rangkuman["rhk"] if row["otomatis"]]
    assert [row["pengunggah"] for row in automatic] == ["GURU", "KEPALA_SEKOLAH", "KEPALA_SEKOLAH"]
    assert (automatic[0]["label"], rangkuman["poin"]) == ("Umpan Balik Konstruktif", 44)
    say.answer(*(f"{row['label']}: {row['bukti']}, by {row['pengunggah']}" for row in automatic))
    plan = await ratna.does("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
    return plan


def _rank(plan: Json, say: Transcript) -> tuple[str, str]:
    rank = plan["profile"]["pangkatGolongan"]
    say.answer(f"pangkat/golongan {rank['value']}, as {rank['source']} says")
    return rank["value"], rank["source"]
