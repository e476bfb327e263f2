"""The commands of the race as people send them: who, which mutation, which input; and the answer in short."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.proofs.house import House, plan_of
from tests.proofs.oracle import (
    APPROVE,
    BEGIN,
    CONFIRM,
    DONE,
    HEAD,
    MANY,
    REOPEN,
    REPEATED,
    RETURN,
    SAVE,
    SUBMIT,
    Sent,
)
from tests.proofs.registry import Lane

_MUTATIONS = {
    SAVE: "savePraktikKinerja",
    SUBMIT: "submitPlan",
    APPROVE: "approvePlan",
    RETURN: "returnPlan",
    MANY: "approvePlans",
    CONFIRM: "confirmAsPlt",
    BEGIN: "beginImplementation",
    REOPEN: "firePlanTransition",
}


async def send(house: House, side: int, lane: Lane, sent: Sent, key: str) -> str:
    """Send a command to the planning process (or the office) of a side: `done`, or the code it is refused with."""
    if sent.kind == HEAD:
        await house.change_head(house.offices[side % len(house.offices)], lane)
        return DONE
    answer = await house.ask(
        house.plannings[side], _who(lane, sent), _MUTATIONS[sent.kind], _given(lane, sent, key)
    )
    return _in_short(answer["results"][0]["result"] if "results" in answer else answer)


def kept_key(sent: Sent, key: str) -> str | None:
    """How the store keeps the key of a command that was done; None where it needs none."""
    if sent.kind in (HEAD, CONFIRM):
        return None
    return f"{sha256(key.encode()).hexdigest()}#0" if sent.kind == MANY else key


def _who(lane: Lane, sent: Sent) -> int | None:
    """The person who sends it; None is the admin."""
    match sent.kind:
        case "approve" | "return" | "approve many":
            return lane.head(sent.head)
        case "confirm as Plt":
            return lane.plt
        case "reopen":
            return None
        case _:
            return lane.teacher


def _given(lane: Lane, sent: Sent, key: str) -> dict[str, Any]:
    on_plan = {"planId": plan_of(lane), "expectedVersion": sent.expects}
    match sent.kind:
        case "confirm as Plt":
            return {"npsn": lane.npsn}
        case "approve many":
            return {"plans": [on_plan], "idempotencyKey": key}
        case "save":
            on_plan["indikator"] = sent.indikator
        case "return":
            on_plan["note"] = "Mohon lengkapi."
        case "reopen":
            on_plan |= {"trigger": "reopen", "reason": "Permintaan guru."}
    return {**on_plan, "idempotencyKey": key}


def _in_short(answer: dict[str, Any]) -> str:
    if answer["__typename"] == "Refused":
        return "+".join(problem["code"] for problem in answer["problems"])
    return REPEATED if answer["replayed"] else DONE
