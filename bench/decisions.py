"""CPU time of decisions, which other processes do not change."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time
from zoneinfo import ZoneInfo

from workflows.engine.decide import decide
from workflows.files.loader import load_shipped
from workflows.lint.check import build_proved_workflow, lint
from workflows.model.facts import Actor, Facts, Head, HeadKind, Snapshot
from workflows.model.values import read_values

DATES = {
    "planning_opens": "2024-01-01",
    "planning_closes": "2024-01-31",
    "plt_banner_from": "2024-02-01",
    "plt_confirmation_from": "2024-02-16",
}
REPETITIONS = 2_000


def measure_decisions() -> list[str]:
    """Return the rows of the table."""
    definition = load_shipped()
    workflow = build_proved_workflow(definition)
    now = datetime(2024, 1, 15, 2, tzinfo=UTC)
    params = read_values(definition.params, DATES)[0]
    head = Head(HeadKind.DEFINITIF, "head")
    facts = Facts(
        now, ZoneInfo("Asia/Jakarta"), params, 1, head, now, "99000001", profile_confirmed=True, points=32
    )
    facts_under_plt = replace(facts, head=Head(HeadKind.PLT, "head"))
    owner, superior = Actor("owner"), Actor("head")
    draft, waiting = Snapshot("draft", "owner", "99000001"), Snapshot("submitted", "owner", "99000001")
    rows = {
        "submit": lambda: decide(workflow, draft, "submit", owner, facts),
        "submit, auto-approved": lambda: decide(workflow, draft, "submit", owner, facts_under_plt),
        "approve": lambda: decide(workflow, waiting, "approve", superior, facts),
    }
    lint_time = _microseconds(lambda: lint(definition), 20) / 1e3
    lines = [f"{name:24} {_microseconds(work, REPETITIONS):7.1f} µs" for name, work in rows.items()]
    return [*lines, f"{'lint the definition':24} {lint_time:7.1f} ms"]


def _microseconds(work: Callable[[], object], repetitions: int) -> float:
    return min(timeit.repeat(work, timer=process_time, number=repetitions, repeat=3)) / repetitions * 1e6
