"""Dry runs: which events belong to one command, and how results are counted."""

from __future__ import annotations

from dataclasses import replace

from services.planning.plan.event_kinds import ParameterChange, TransitionFired
from services.planning.plan.events import Event, EventActor
from services.planning.plan_migration.dry_run.model import (
    MAX_SAMPLES,
    CommandCountKey,
    PeriodHistory,
    PlanHistory,
    count_commands,
    read_commands,
)
from tests.unit.planning.plans import NOW
from workflows.diff.replay import Outcome, RecordedCommand, ReplayResult
from workflows.files.loader import load_shipped
from workflows.lint.check import build_workflow
from workflows.model.facts import SYSTEM, Actor, Head, HeadKind, Refusal

WORKFLOW = build_workflow(load_shipped())
PERIOD = PeriodHistory({1: {"minimum_points": 32}}, {})
SUBMIT = TransitionFired("submit", "submit", 1)
AUTOMATIC = TransitionFired("@entered(submitted)", "approve_automatically", 1)


def event(version: int, data: TransitionFired, workflow: str = WORKFLOW.sha256) -> Event:
    """A transition of a plan: of its owner to `submitted`, or of the system from there."""
    is_automatic = data.trigger.startswith("@")
    return Event(
        id=str(version),
        ptk_id="guru",
        period="2024-1",
        version=version,
        npsn="99000001",
        at=NOW,
        actor=EventActor() if is_automatic else EventActor("guru", "akun"),
        from_state="submitted" if is_automatic else "draft",
        to_state="auto_approved" if is_automatic else "submitted",
        workflow=workflow,
        catalog="c",
        data=data,
    )


def read(*events: Event) -> list[tuple[int, RecordedCommand]]:
    history = PlanHistory("guru", "Asia/Jakarta", events)
    return list(read_commands(history, {WORKFLOW.sha256: WORKFLOW}, PERIOD))


def test_automatic_steps_belong_to_the_command_before_them() -> None:
    head = {"head": {"kind": "plt", "ptk_id": "kepala"}}

    ((version, command),) = read(event(7, SUBMIT), event(8, replace(AUTOMATIC, evidence=head)))

    assert (version, command.from_state, command.actor) == (7, "draft", Actor("guru"))
    assert [row.id for row in command.transitions] == ["submit", "approve_automatically"]
    assert command.facts == {"plt_confirmed": False, "head": Head(HeadKind.PLT, "kepala")}


def test_later_decision_by_the_system_is_a_separate_command() -> None:
    again = event(8, replace(AUTOMATIC, cause=ParameterChange(2)))

    commands = read(event(7, SUBMIT), again)

    assert [(version, command.actor) for version, command in commands] == [(7, Actor("guru")), (8, SYSTEM)]


def test_commands_of_an_unreadable_version_are_skipped() -> None:
    assert read(event(7, SUBMIT, workflow="f" * 64)) == []


def test_findings_count_equal_results_and_keep_the_first_samples() -> None:
    ((_, command),) = read(event(7, SUBMIT))
    refusal = ReplayResult(Outcome.DIFFERENT, None, (Refusal("points.below_minimum", {"points": 8}),))
    same = ReplayResult(Outcome.SAME, "submitted")

    different, unchanged = count_commands(
        (str(number), 7, command, result) for result in (refusal, same) for number in range(MAX_SAMPLES + 1)
    )

    assert different.key == CommandCountKey(
        "submit", "draft", "submitted", Outcome.DIFFERENT, "", ("points.below_minimum",)
    )
    assert different.command_count == unchanged.command_count == MAX_SAMPLES + 1
    assert [sample.ptk_id for sample in different.samples] == ["0", "1", "2", "3", "4"]
    assert different.samples[0].refusals == ({"code": "points.below_minimum", "params": {"points": 8}},)
    assert unchanged.samples == []
