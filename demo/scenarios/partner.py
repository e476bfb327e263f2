"""A partner platform reads the status of plans in its province, never their content."""

from __future__ import annotations

import io
from typing import Any

from demo import people
from demo.imports import run_command
from demo.request import shell_line
from demo.scenarios.steps import FEBRUARY_16, submit_plan
from demo.services import RunningServices
from demo.transcript import Transcript

SUMMARY = (
    "The dinas of Kalimantan Tengah runs its own platform. It gets credentials for its province and asks which of its "
    "teachers have submitted a plan."
)
REGISTER = (
    "clients", "register", "Dinas Kalimantan Tengah", "--contact", "data@dinas.contoh.invalid",
    "--scope", "status:read", "--provinsi", "Kalimantan Tengah",
)  # fmt: skip
RATNA, RIZAL, UNKNOWN = (
    {"nip": "198502032010012902"},
    {"nuptk": "9999999999999923"},
    {"nip": "198502032010012999"},
)


async def run(services: RunningServices, transcript: Transcript) -> None:
    """Query statuses. Null can mean an unknown person, no plan or another province."""
    await services.restart_at(FEBRUARY_16, "WIB", transcript)
    for person in (people.RATNA, people.RIZAL):
        await _ensure_plan(services, person, transcript)
    transcript.narrate("An operator registers the platform. The secret is shown only once:")
    output = await run_command(REGISTER, services.settings, transcript)
    credentials = dict(text.split(": ", 1) for text in output.splitlines())
    transcript.request("sign_in_client CLIENT_ID CLIENT_SECRET")
    token = await services.client.client_token(credentials["client_id"], credentials["client_secret"])
    transcript.narrate(
        "Three keys: the NIP of a teacher, the NUPTK of one in another province, and an unknown NIP:"
    )
    ratna, *unavailable = await _query(
        services, "PlanStatuses", token, transcript, keys=[RATNA, RIZAL, UNKNOWN]
    )
    assert (ratna["ptkId"], unavailable) == ("33333333-3333-4333-8333-000000000002", [None, None])
    assert ratna["state"]["phase"] != "DRAFT"
    transcript.answer(
        f"{ratna['ptkId']}: {ratna['state']['label']}, {ratna['satuanPendidikan']['nama']}", "null", "null"
    )
    status = await _query(services, "PlanStatus", token, transcript, key={"ptkId": ratna["ptkId"]})
    assert status["stateSince"] == ratna["stateSince"]
    transcript.answer(f"{status['state']['label']}, since {status['stateSince']}")


async def _ensure_plan(services: RunningServices, person: people.Person, transcript: Transcript) -> None:
    session = await services.sign_in(person, Transcript(io.StringIO()))
    if (await session.query("Viewer"))["plan"] is None:
        await submit_plan(services, person, transcript)


async def _query(
    services: RunningServices, operation: str, token: str, transcript: Transcript, **variables: Any
) -> Any:
    transcript.request(shell_line(f"partner/{operation}", variables))
    return await services.client.send(f"partner/{operation}", token, variables)
