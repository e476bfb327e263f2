"""A partner platform asks where plans stand: within its limits, and never what is in them."""

from __future__ import annotations

import io
from typing import Any

from demo import people
from demo.imports import run_command
from demo.request import shell_line
from demo.scenarios.steps import FEBRUARY_16, submit_plan
from demo.services import Services
from demo.transcript import Transcript

SUMMARY = (
    "The dinas of Kalimantan Tengah runs a platform of its own. It gets credentials for its province, and asks who of "
    "its teachers has handed in a plan."
)
REGISTER = (
    "clients", "register", "Dinas Kalimantan Tengah", "--contact", "data@dinas.contoh.invalid",
    "--scope", "status:read", "--provinsi", "Kalimantan Tengah",
)  # fmt: skip
RATNA, RIZAL, NOBODY = (
    {"nip": "198502032010012902"},
    {"nuptk": "9999999999999923"},
    {"nip": "198502032010012999"},
)


async def run(services: Services, transcript: Transcript) -> None:
    """Unknown, without a plan and beyond the limits are one answer: which of them, a partner is not told."""
    await services.restart_at(FEBRUARY_16, "WIB", transcript)
    for who in (people.RATNA, people.RIZAL):
        await _has_planned(services, who, transcript)
    transcript.narrate("An operator registers the platform. The secret is shown this once:")
    report = await run_command(REGISTER, services.settings, transcript)
    credentials = dict(text.split(": ", 1) for text in report.splitlines())
    transcript.request("enter_client CLIENT_ID CLIENT_SECRET")
    token = await services.client.client_token(credentials["client_id"], credentials["client_secret"])
    transcript.narrate("One teacher by NIP; one of another province, by NUPTK; and a number that nobody has:")
    ratna, *others = await _asks(services, "PlanStatuses", token, transcript, keys=[RATNA, RIZAL, NOBODY])
    assert (ratna["ptkId"], others) == ("33333333-3333-4333-8333-000000000002", [None, None])
    assert ratna["state"]["phase"] != "DRAFT"
    transcript.answer(
        f"{ratna['ptkId']}: {ratna['state']['label']}, {ratna['satuanPendidikan']['nama']}", "null", "null"
    )
    alone = await _asks(services, "PlanStatus", token, transcript, key={"ptkId": ratna["ptkId"]})
    assert alone["stateSince"] == ratna["stateSince"]
    transcript.answer(f"{alone['state']['label']}, since {alone['stateSince']}")


async def _has_planned(services: Services, who: people.Person, transcript: Transcript) -> None:
    person = await services.sign_in(who, Transcript(io.StringIO()))
    if (await person.query("Viewer"))["plan"] is None:
        await submit_plan(services, who, transcript)


async def _asks(services: Services, operation: str, token: str, transcript: Transcript, **given: Any) -> Any:
    transcript.request(shell_line(f"partner/{operation}", given))
    return await services.client.send(f"partner/{operation}", token, given)
