"""A date is moved in mid-season: one admin proposes, a second one approves, and it counts for everybody."""

from __future__ import annotations

from demo import cast
from demo.client import Json
from demo.person import Person
from demo.stage import Stage
from demo.transcript import Transcript

GIST = (
    "Planning closes on Sunday, and the east has had no network for days. A decree moves the date. It needs two people "
    "and no release."
)
THURSDAY = "2024-03-28T03:00:00Z"
APRIL_15, APRIL_30 = (
    [{"name": "planning_closes", "value": {"date": day}}] for day in ("2024-04-15", "2024-04-30")
)
REASON = "Perpanjangan: gangguan jaringan di wilayah timur."


async def play(stage: Stage, say: Transcript) -> None:
    """DOMAIN.md, "Facts to build on": deadlines move; they are data, per period."""
    await stage.at(THURSDAY, "WIB", say)
    laras = await stage.enter(cast.LARAS, say, app="admin")
    wrong = await laras.acts("ProposeRevision", period="2024-1", values=APRIL_30, reason=REASON)
    say.tell("That was the wrong day. It can be taken back as long as nobody approved it:")
    await laras.acts("WithdrawRevision", proposal=wrong["id"], reason="Salah tanggal.")
    proposal = await laras.acts("ProposeRevision", period="2024-1", values=APRIL_15, reason=REASON)
    say.answer(*(change["sentence"] for change in proposal["changes"]))
    await laras.is_refused(
        "ApproveRevision", None, "change_request.is_yours", proposal=proposal["id"], reason="Setuju."
    )
    teguh = await stage.enter(cast.TEGUH, say, app="admin")
    await _finds(teguh, proposal, say)
    longer = await laras.acts("ProposeRevision", period="2024-1", values=APRIL_30, reason=REASON)
    say.tell("Another extension has no decree, and the second admin rejects it:")
    rejected = await teguh.acts("RejectRevision", proposal=longer["id"], reason="Tidak ada surat edarannya.")
    assert rejected["status"] == "REJECTED"
    approved = await teguh.acts("ApproveRevision", proposal=proposal["id"], reason="Sesuai surat edaran.")
    assert approved["ended"]["address"] == cast.TEGUH.email
    window = (await teguh.asks("Period", code="2024-1"))["window"]
    assert window["closesOn"] == "2024-04-15"
    say.answer(f"planning closes on {window['closesOn']}, at the next request of everybody")


async def _finds(admin: Person, proposal: Json, say: Transcript) -> None:
    """The second admin sees what is proposed, and by whom."""
    found = (await admin.asks("Period", code="2024-1"))["proposals"]["edges"]
    (waits,) = (edge["node"] for edge in found if edge["node"]["status"] == "WAITING")
    assert (waits["id"], waits["authorAddress"]) == (proposal["id"], cast.LARAS.email)
    say.answer(f"{waits['authorAddress']} proposes: {waits['changes'][0]['sentence']}", waits["reason"])
