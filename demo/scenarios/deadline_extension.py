"""The end of planning is postponed: one admin proposes the date, another one approves it."""

from __future__ import annotations

from demo import people
from demo.client import Json
from demo.scenarios.steps import THURSDAY
from demo.services import ScenarioContext
from demo.session import Session

SUMMARY = (
    "Planning closes on Sunday, and the east has had no network for days. A decree sets a later date. Two admins "
    "put it into force; no release is needed."
)
APRIL_15, APRIL_30 = (
    [{"name": "planning_closes", "value": {"date": day}}] for day in ("2024-04-15", "2024-04-30")
)
REASON = "Perpanjangan: gangguan jaringan di wilayah timur."


async def run(context: ScenarioContext) -> None:
    """Propose, withdraw, reject and approve dates (DOMAIN.md: deadlines are data of a period)."""
    await context.set_clock(THURSDAY, "WIB")
    laras = await context.sign_in(people.LARAS, app="admin")
    wrong = await laras.command("ProposePeriodRevision", period="2024-1", values=APRIL_30, reason=REASON)
    context.transcript.narrate(
        "That is the wrong day. A proposal can be withdrawn until somebody approves it:"
    )
    await laras.command("WithdrawChangeRequest", changeRequestId=wrong["id"], reason="Salah tanggal.")
    proposal = await laras.command("ProposePeriodRevision", period="2024-1", values=APRIL_15, reason=REASON)
    context.transcript.answer(*(change["sentence"] for change in proposal["revision"]["changes"]))
    await laras.expect_refusal(
        "ApproveChangeRequest",
        None,
        "change_request.is_yours",
        changeRequestId=proposal["id"],
        reason="Setuju.",
    )
    teguh = await context.sign_in(people.TEGUH, app="admin")
    await _read_proposal(teguh, proposal)
    longer = await laras.command("ProposePeriodRevision", period="2024-1", values=APRIL_30, reason=REASON)
    context.transcript.narrate("No decree allows a longer extension. The second admin rejects it:")
    rejection = await teguh.command(
        "RejectChangeRequest", changeRequestId=longer["id"], reason="Tidak ada surat edarannya."
    )
    assert rejection["state"] == "REJECTED"
    approved = await teguh.command(
        "ApproveChangeRequest", changeRequestId=proposal["id"], reason="Sesuai surat edaran."
    )
    assert approved["acts"][-1]["actor"]["address"] == people.TEGUH.email
    window = (await teguh.query("Period", code="2024-1"))["window"]
    assert window["closesOn"] == "2024-04-15"
    context.transcript.answer(f"planning closes on {window['closesOn']}, for every request from now on")


async def _read_proposal(admin: Session, proposal: Json) -> None:
    """Read the proposal as the second admin."""
    requests = (await admin.query("Period", code="2024-1"))["changeRequests"]["edges"]
    (waiting,) = (edge["node"] for edge in requests if edge["node"]["state"] == "PROPOSED")
    author, (change,) = waiting["author"]["address"], waiting["revision"]["changes"]
    assert (waiting["id"], author) == (proposal["id"], people.LARAS.email)
    admin.transcript.answer(f"{author} proposes: {change['sentence']}", waiting["reason"])
