"""A teacher moves school within the period: both heads see the plan, an admin moves it, the new head decides."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import Stage
from demo.stories.meanwhile import handed_in, history_read, imported, worker_has
from demo.stories.tabs import TUESDAY
from demo.transcript import Transcript

GIST = (
    "Dewi's plan waits at the SMP, where she made it. Now the SD is her sekolah induk, and the plan must not get "
    "lost between two principals."
)
REASON = "Guru pindah tugas ke SD Negeri Contoh 01 sejak 12 Januari 2024."


async def play(stage: Stage, say: Transcript) -> None:
    """DOMAIN.md, "States": a plan keeps the school of its snapshot until an admin moves it."""
    await stage.at(TUESDAY, "WITA", say)
    plan = await handed_in(stage, cast.DEWI, say)
    say.tell("The SD's new data say that it is her sekolah induk since 12 January. An operator imports them:")
    await imported(stage, say, "dapodik", "99000001-sd.json")
    before = await _head_she_leaves(stage, say)
    after = await _head_she_comes_to(stage, plan, say)
    dewi = await stage.enter(cast.DEWI_AT_SD, say, app="mobile")
    await dewi.is_told("banner.moved")
    laras = await stage.enter(cast.LARAS, say, app="admin")
    moved = await laras.does("MovePlan", plan, reason=REASON)
    assert (moved["satuanPendidikan"]["npsn"], moved["state"]["phase"]) == ("99000001", "SUBMITTED")
    assert await _dewis(before) == []
    say.answer("nothing of Dewi's waits here any more")
    plan = await after.does("ApprovePlan", moved)
    assert plan["state"]["phase"] == "APPROVED"
    await history_read(dewi, plan["id"], 2, say)


async def _head_she_leaves(stage: Stage, say: Transcript) -> Person:
    head = await stage.enter(cast.NORHAYATI, say, app="mobile")

    async def noticed() -> bool:
        queue = await head.client.send("mobile/ReviewQueue", head.token, {"name": "dewi"})
        return any(edge["node"]["movedTo"] for edge in queue["edges"])

    await worker_has(noticed, "noticed that Dewi moved")
    (leaves,) = await _dewis(head)
    assert (leaves["movedTo"], leaves["movedFrom"]) == ("99000001", None)
    say.answer(f"{leaves['nama']}: {leaves['state']['label']}, her sekolah induk is {leaves['movedTo']} now")
    return head


async def _head_she_comes_to(stage: Stage, plan: Json, say: Transcript) -> Person:
    head = await stage.enter(cast.HARTINI, say, app="mobile")
    (comes,) = await _dewis(head)
    assert (comes["id"], comes["movedTo"], comes["movedFrom"]) == (plan["id"], None, "99000003")
    say.answer(f"{comes['nama']}: {comes['state']['label']}, at {comes['movedFrom']} still")
    read = await head.asks("ReviewPlan", id=plan["id"])
    assert not any(button["allowed"] for button in read["availableTransitions"])
    say.tell("She may read it. Deciding is refused as long as it stands at the SMP:")
    await head.is_refused("ApprovePlan", plan, "actor.not_head")
    return head


async def _dewis(head: Person) -> list[Json]:
    """The plans in a head's queue that are Dewi's."""
    queue = await head.asks("ReviewQueue", name="dewi")
    return [edge["node"] for edge in queue["edges"]]
