"""A plan with valid facts, and the shipped definition with changes."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from workflows.engine.machine import Workflow
from workflows.files.loader import load_shipped, read_shipped
from workflows.files.reader import read_mapping
from workflows.lint.check import build_proved_workflow
from workflows.model.facts import Actor, Facts, Head, HeadKind, Snapshot
from workflows.model.values import read_values

OWNER, PRINCIPAL, STRANGER = "ptk-guru", "ptk-kepala", "ptk-lain"
NPSN, ELSEWHERE = "20100001", "20100002"
TEACHER, SUPERIOR, STRANGER_ACTOR = Actor(OWNER), Actor(PRINCIPAL), Actor(STRANGER)
ADMIN = Actor(STRANGER, frozenset({"admin"}))

DEFINITIF = Head(HeadKind.DEFINITIF, PRINCIPAL)
PLT = Head(HeadKind.PLT, PRINCIPAL)
KOSONG = Head(HeadKind.KOSONG)
DISPUTED = Head(HeadKind.KOSONG, is_disputed=True)

PERIOD_VALUES: dict[str, object] = {
    "planning_opens": "2024-01-01",
    "planning_closes": "2024-01-31",
    "plt_banner_from": "2024-02-01",
    "plt_confirmation_from": "2024-02-16",
}
JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2024, 1, 15, 3, 0, tzinfo=UTC)


@cache
def workflow() -> Workflow:
    return build_proved_workflow(load_shipped())


def params(**changes: object) -> dict[str, Any]:
    return read_values(workflow().definition.params, PERIOD_VALUES | changes)[0]


VALID_FACTS = Facts(
    now=NOW,
    zone=JAKARTA,
    params=params(),
    params_revision=3,
    head=DEFINITIF,
    facts_as_of=NOW,
    sekolah_induk=NPSN,
    profile_confirmed=True,
    points=40,
)


def facts(**changes: Any) -> Facts:
    """Valid facts with changes. If the clock changes, the facts from identity are as recent."""
    if "now" in changes:
        changes.setdefault("facts_as_of", changes["now"])
    return replace(VALID_FACTS, **changes)


def plan(state: str = "draft") -> Snapshot:
    return Snapshot(state, OWNER, NPSN)


def shipped_document() -> dict[str, Any]:
    """A copy of the shipped definition as plain data, for a caller to change."""
    return deepcopy(_load_document())


@cache
def _load_document() -> dict[str, Any]:
    data: dict[str, Any] = read_mapping(read_shipped()).value
    return data


REMOVE = object()


def change_shipped(*changes: tuple[str, object]) -> bytes:
    """The shipped definition with values changed, added or `REMOVED` at dotted paths (`transitions.0.to`)."""
    data = shipped_document()
    for path, value in changes:
        *way, last = path.split(".")
        inner: Any = data
        for step in way:
            inner = inner[int(step) if isinstance(inner, list) else step]
        key: Any = int(last) if isinstance(inner, list) else last
        if value is REMOVE:
            del inner[key]
        elif isinstance(inner, list) and key == len(inner):
            inner.append(value)
        else:
            inner[key] = value
    return dump_json(data)


def dump_json(data: object) -> bytes:
    """The data as JSON, which is YAML too."""
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


SUBMITTED_PLACES = (
    ("  submitted:\n", "  handed_in:\n"),
    ("from: submitted", "from: handed_in"),
    ("to: submitted", "to: handed_in"),
    ("while: submitted", "while: handed_in"),
    ("@entered(submitted)", "@entered(handed_in)"),
)


def rename_submitted() -> str:
    """The text. Active plans need a map of states to move to it."""
    text = read_shipped().decode()
    for old, new in SUBMITTED_PLACES:
        assert old in text
        text = text.replace(old, new)
    return text
