"""A partner platform asks where plans stand: within its limits, and never what is in them."""

from __future__ import annotations

import io
from typing import Any

from demo import cast
from demo.reference import told
from demo.request import line
from demo.stage import Stage
from demo.stories.meanwhile import handed_in
from demo.stories.under_plt import SIXTEENTH
from demo.transcript import Transcript

GIST = (
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


async def play(stage: Stage, say: Transcript) -> None:
    """Unknown, without a plan and beyond the limits are one answer: which of them, a partner is not told."""
    await stage.at(SIXTEENTH, "WIB", say)
    for who in (cast.RATNA, cast.RIZAL):
        await _has_planned(stage, who, say)
    say.tell("An operator registers the platform. The secret is shown this once:")
    report = await told(REGISTER, stage.environment, say)
    credentials = dict(text.split(": ", 1) for text in report.splitlines())
    say.request("enter_client CLIENT_ID CLIENT_SECRET")
    token = await stage.client.client_token(credentials["client_id"], credentials["client_secret"])
    say.tell("One teacher by NIP; one of another province, by NUPTK; and a number that nobody has:")
    ratna, *others = await _asks(stage, "PlanStatuses", token, say, keys=[RATNA, RIZAL, NOBODY])
    assert (ratna["ptkId"], others) == ("33333333-3333-4333-8333-000000000002", [None, None])
    assert ratna["state"]["phase"] != "DRAFT"
    say.answer(
        f"{ratna['ptkId']}: {ratna['state']['label']}, {ratna['satuanPendidikan']['nama']}", "null", "null"
    )
    alone = await _asks(stage, "PlanStatus", token, say, key={"ptkId": ratna["ptkId"]})
    assert alone["stateSince"] == ratna["stateSince"]
    say.answer(f"{alone['state']['label']}, since {alone['stateSince']}")


async def _has_planned(stage: Stage, who: cast.Somebody, say: Transcript) -> None:
    person = await stage.enter(who, Transcript(io.StringIO()))
    if (await person.asks("Viewer"))["plan"] is None:
        await handed_in(stage, who, say)


async def _asks(stage: Stage, operation: str, token: str, say: Transcript, **given: Any) -> Any:
    say.request(line(f"partner/{operation}", given))
    return await stage.client.send(f"partner/{operation}", token, given)
