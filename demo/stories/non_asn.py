"""A Non-ASN teacher: may plan, need not, and corrects data diri through the operator sekolah only."""

from __future__ import annotations

from demo import cast
from demo.stage import Stage
from demo.stories.tabs import TUESDAY
from demo.transcript import Transcript

GIST = "Sekar is paid by her school. She need not plan but may; it is her first plan, so she starts from the example."


async def play(stage: Stage, say: Transcript) -> None:
    """Guide 5; readers of the guide asked for an example plan."""
    await stage.at(TUESDAY, "WIB", say)
    sekar = await stage.enter(cast.SEKAR, say)
    viewer = await sekar.asks("Viewer")
    assert (viewer["mayPlan"]["allowed"], viewer["mayPlan"]["obliged"]) == (True, False)
    say.answer("may plan, and need not: she is Non-ASN")
    plan = await sekar.does("StartPlan")
    assert plan["profile"]["editableFields"] == []
    say.tell("Nothing of her data diri can be edited here.")
    await sekar.is_refused("CorrectProfile", plan, "profile.not_editable", jenjangJabatan="AHLI_PERTAMA")
    plan = await sekar.does("ConfirmProfile", plan)
    say.tell(
        "An example plan for her level, with the reason for each choice; she takes its codes as they are."
    )
    jenjang = viewer["satuanPendidikan"]["jenjang"]
    ours, english = await sekar.asks_in_both("ExamplePlan", jenjang=jenjang)
    example = ours["examplePlan"]
    say.message(example["why"][0]["message"], english["examplePlan"]["why"][0]["message"])
    rhk, pilihan = example["pengembanganKompetensi"], example["perilakuKerja"]
    plan = await sekar.does("SavePraktikKinerja", plan, then="NEXT", indikator=example["praktikKinerja"])
    plan = await sekar.does("SavePengembanganKompetensi", plan, then="NEXT", rhk=rhk)
    plan = await sekar.does("SaveTugasTambahan", plan, then="NEXT", tugas=[])
    plan = await sekar.does("SavePerilakuKerja", plan, then="NEXT", pilihan=pilihan)
    plan = await sekar.does("SubmitPlan", plan)
    assert plan["state"]["phase"] == "SUBMITTED"
