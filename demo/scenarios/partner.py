"""A partner platform reads the status of plans in its province, never their content."""

from __future__ import annotations

from typing import Any

from demo import people
from demo.request import shell_line
from demo.scenarios.steps import FEBRUARY_16, submit_plan
from demo.services import ScenarioContext

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


async def run(context: ScenarioContext) -> None:
    """Query statuses. Null can mean an unknown person, no plan or another province."""
    await context.set_clock(FEBRUARY_16, "WIB")
    for person in (people.RATNA, people.RIZAL):
        await _ensure_plan(context, person)
    context.transcript.narrate("An operator registers the platform. The secret is shown only once:")
    output = await context.run_command(*REGISTER)
    credentials = dict(text.split(": ", 1) for text in output.splitlines())
    context.transcript.request("sign_in_client CLIENT_ID CLIENT_SECRET")
    token = await context.services.client.client_token(credentials["client_id"], credentials["client_secret"])
    context.transcript.narrate(
        "Three keys: the NIP of a teacher, the NUPTK of one in another province, and an unknown NIP:"
    )
    ratna, *unavailable = await _query(context, "PlanStatuses", token, keys=[RATNA, RIZAL, UNKNOWN])
    assert (ratna["ptkId"], unavailable) == ("33333333-3333-4333-8333-000000000002", [None, None])
    assert ratna["state"]["phase"] != "DRAFT"
    context.transcript.answer(
        f"{ratna['ptkId']}: {ratna['state']['label']}, {ratna['satuanPendidikan']['nama']}", "null", "null"
    )
    status = await _query(context, "PlanStatus", token, key={"ptkId": ratna["ptkId"]})
    assert status["stateSince"] == ratna["stateSince"]
    context.transcript.answer(f"{status['state']['label']}, since {status['stateSince']}")
    context.transcript.narrate("The schools of the province, those with most waiting plans first:")
    order = {"field": "WAITING_PLAN_COUNT", "direction": "DESC"}
    schools = (await _query(context, "Schools", token, orderBy=order))["edges"]
    assert {edge["node"]["provinsi"] for edge in schools} == {"Prov. Kalimantan Tengah"}
    school = next(edge for edge in schools if edge["node"]["npsn"] == ratna["satuanPendidikan"]["npsn"])
    context.transcript.answer(
        f"{school['node']['nama']}: {school['planCount']} plans, {school['waitingPlanCount']} waiting"
    )


async def _ensure_plan(context: ScenarioContext, person: people.Person) -> None:
    session = await context.without_transcript().sign_in(person)
    if (await session.query("Viewer"))["plan"] is None:
        await submit_plan(context, person)


async def _query(context: ScenarioContext, operation: str, token: str, **variables: Any) -> Any:
    context.transcript.request(shell_line(f"partner/{operation}", variables))
    return await context.services.client.send(f"partner/{operation}", token, variables)
