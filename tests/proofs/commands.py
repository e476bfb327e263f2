"""The commands of the oracle as requests: sender, mutation and input; and their answers in short."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.proofs.cluster import Cluster, plan_id_of
from tests.proofs.oracle import (
    APPROVE,
    BEGIN,
    BULK_APPROVE,
    CHANGE_HEAD,
    CONFIRM,
    DONE,
    REOPEN,
    REPLAYED,
    RETURN,
    SAVE,
    SUBMIT,
    Command,
)
from tests.proofs.schools import SampleSchool

_MUTATIONS = {
    SAVE: "savePraktikKinerja",
    SUBMIT: "submitPlan",
    APPROVE: "approvePlan",
    RETURN: "returnPlan",
    BULK_APPROVE: "approvePlans",
    CONFIRM: "confirmAsPlt",
    BEGIN: "beginImplementation",
    REOPEN: "firePlanTransition",
}


async def send(cluster: Cluster, process: int, school: SampleSchool, command: Command, key: str) -> str:
    """Send a command to a process of planning, or a change of head to an importer.

    Returns DONE, REPLAYED or the codes of the refusal.
    """
    if command.kind == CHANGE_HEAD:
        importers = cluster.decree_importers
        await cluster.change_head(importers[process % len(importers)], school)
        return DONE
    answer = await cluster.send(
        cluster.planning[process],
        _sender(school, command),
        _MUTATIONS[command.kind],
        _input(school, command, key),
    )
    if "results" in answer:
        answer = answer["results"][0]
    if answer["__typename"].endswith("Rejection"):
        return "+".join(problem["code"] for problem in answer["problems"])
    return REPLAYED if answer["replayed"] else DONE


def stored_key(command: Command, key: str) -> str | None:
    """Return the idempotency key that a completed command stores, None if it stores none."""
    if command.kind in (CHANGE_HEAD, CONFIRM):
        return None
    return f"{sha256(key.encode()).hexdigest()}#0" if command.kind == BULK_APPROVE else key


def _sender(school: SampleSchool, command: Command) -> int | None:
    """Return the number of the person who sends the command, None for the admin."""
    match command.kind:
        case "approve" | "return" | "bulk approve":
            return school.head(command.head)
        case "confirm as Plt":
            return school.plt
        case "reopen":
            return None
        case _:
            return school.teacher


def _input(school: SampleSchool, command: Command, key: str) -> dict[str, Any]:
    arguments = {"planId": plan_id_of(school), "expectedVersion": command.expected_version}
    match command.kind:
        case "confirm as Plt":
            return {"npsn": school.npsn}
        case "bulk approve":
            return {"plans": [arguments], "idempotencyKey": key}
        case "save":
            arguments["indikator"] = command.indikator
        case "return":
            arguments["note"] = "Mohon lengkapi."
        case "reopen":
            arguments |= {"trigger": "reopen", "reason": "Permintaan guru."}
    return {**arguments, "idempotencyKey": key}
