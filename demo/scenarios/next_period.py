"""The second semester: one admin proposes its catalogue and its dates, another one approves them."""

from __future__ import annotations

from demo import people
from demo.imports import CHECKOUT
from demo.scenarios.steps import THURSDAY
from demo.services import ScenarioContext

SUMMARY = (
    "The catalogue and the dates of a period apply to every teacher of the country. So they need two people, also when "
    "an operator imports a file."
)
REASON = "Semester 2 tahun 2024."
DATA = CHECKOUT / "services/planning/data"
DATES = {
    "2024-01-01": "2024-07-01",
    "2024-06-30": "2024-12-31",
    "2024-01-31": "2024-07-31",
    "2024-02-01": "2024-08-01",
    "2024-02-16": "2024-08-16",
    "2023-12-31T15": "2024-06-30T15",
}


async def run(context: ScenarioContext) -> None:
    """Propose, withdraw, reject and approve a catalogue and a period."""
    await context.set_clock(THURSDAY, "WIB")
    laras = await context.sign_in(people.LARAS, app="admin")
    context.transcript.request(
        'YAML=$(sed \'s/^code: "2024-1"/code: "2024-2"/\' services/planning/data/catalog-2024-1.yaml)'
    )
    catalog_yaml = _for_second_semester((DATA / "catalog-2024-1.yaml").read_text("utf-8"))
    withdrawn = await laras.command("ProposeCatalog", yaml=catalog_yaml, reason=REASON)
    await laras.command(
        "WithdrawChangeRequest", changeRequestId=withdrawn["id"], reason="Alasannya kurang jelas."
    )
    catalog = await laras.command(
        "ProposeCatalog", yaml=catalog_yaml, reason="Daftar semester 2, tanpa perubahan."
    )
    await laras.expect_refusal(
        "ApproveChangeRequest",
        None,
        "change_request.is_yours",
        changeRequestId=catalog["id"],
        reason="Setuju.",
    )
    teguh = await context.sign_in(people.TEGUH, app="admin")
    approved = await teguh.command("ApproveChangeRequest", changeRequestId=catalog["id"], reason="Diperiksa.")
    assert approved["state"] == "EXECUTED"
    context.transcript.narrate("The first file of the period has a wrong date and is rejected:")
    period_yaml = _period_yaml()
    wrong = period_yaml.replace("2024-08-16", "2024-08-17")
    wrong_proposal = await laras.command("ProposePeriod", yaml=wrong, reason=REASON)
    await teguh.command(
        "RejectChangeRequest", changeRequestId=wrong_proposal["id"], reason="Tanggal Plt keliru."
    )
    proposal = await laras.command("ProposePeriod", yaml=period_yaml, reason=REASON)
    requests = (await teguh.query("ChangeRequests", filter={"kinds": ["PERIOD"]}))["edges"]
    assert [edge["node"]["state"] for edge in requests] == ["PROPOSED", "REJECTED"]
    await teguh.command("ApproveChangeRequest", changeRequestId=proposal["id"], reason="Sesuai jadwal.")
    revision = (await laras.query("Period", code="2024-2"))["revisions"]["edges"][0]["node"]
    author, approver = revision["author"]["address"], revision["approver"]["address"]
    assert (author, approver) == (people.LARAS.email, people.TEGUH.email)
    context.transcript.answer(f"{author} proposed it, {approver} approved it")


def _period_yaml() -> str:
    """Return the first semester's file with its first revision only, and with the dates of the second semester."""
    text, separator, _ = (DATA / "period-2024-1.yaml").read_text("utf-8").partition("  - number: 2\n")
    assert separator
    for old, new in DATES.items():
        text = text.replace(old, new)
    return _for_second_semester(text).replace("Semester 1", "Semester 2").replace("First", "Second")


def _for_second_semester(text: str) -> str:
    return text.replace('code: "2024-1"', 'code: "2024-2"').replace('catalog: "2024-1"', 'catalog: "2024-2"')
