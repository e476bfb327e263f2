"""The possible outcomes of two concurrent commands on one plan, from a table that shares nothing with the engine.

A command is a list of steps, each of which happens at one instant. The oracle tries every order of the steps of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

SAVE, SUBMIT, APPROVE, RETURN, BULK_APPROVE = "save", "submit", "approve", "return", "bulk approve"
CONFIRM, CHANGE_HEAD, BEGIN, REOPEN = "confirm as Plt", "change head", "begin", "reopen"
KINDS = (SAVE, SUBMIT, APPROVE, RETURN, BULK_APPROVE, CONFIRM, CHANGE_HEAD, BEGIN, REOPEN)
HEAD_COMMANDS = {APPROVE, RETURN, BULK_APPROVE}

DONE, REPLAYED = "done", "replayed"
CONFLICT, NOT_FOUND = "version.conflict", "plan.unknown"

TRANSITIONS = {
    ("draft", SAVE): "draft",
    ("draft", SUBMIT): "submitted",
    ("submitted", APPROVE): "approved",
    ("submitted", BULK_APPROVE): "approved",
    ("submitted", RETURN): "draft",
    ("approved", BEGIN): "in_implementation",
    ("auto_approved", BEGIN): "in_implementation",
    ("approved", REOPEN): "draft",
    ("auto_approved", REOPEN): "draft",
    ("in_implementation", REOPEN): "draft",
}


@dataclass(frozen=True)
class Situation:
    """A plan, the head of its school, whether the Plt has confirmed, and the events since the start."""

    state: str
    version: int
    head: str = "definitif"
    confirmed: bool = False
    indikator: str = "PK-KSK"
    events: tuple[str, ...] = ()

    def after(self, event: str, state: str) -> Situation:
        return replace(self, state=state, version=self.version + 1, events=(*self.events, event))

    def after_automatic_approval(self) -> Situation:
        """Under a Plt the system approves a submitted plan."""
        waits = self.state == "submitted" and self.head == "plt"
        return self.after("automatically", "auto_approved") if waits else self


@dataclass(frozen=True)
class Command:
    """A command, with the version and the head that its sender read."""

    kind: str
    expected_version: int
    head: str
    indikator: str = ""


@dataclass(frozen=True)
class Outcome:
    """The answers of both commands and the situation after them."""

    answers: tuple[str, str]
    situation: Situation


Step = Callable[[Situation], tuple[Situation, str | None]]


def possible_outcomes(situation: Situation, first: Command, second: Command) -> set[Outcome]:
    """Return the outcome of every order of the steps. After a change of head, the worker's round comes last."""
    results = _interleave(situation, ("", ""), (_steps(first), _steps(second)))
    if CHANGE_HEAD in (first.kind, second.kind):
        return {Outcome(answers, last.after_automatic_approval()) for answers, last in results}
    return {Outcome(answers, last) for answers, last in results}


def apply_command(situation: Situation, command: Command) -> Situation:
    """Return the situation after a command without a concurrent one."""
    for step in _steps(command):
        situation, answer = step(situation)
        if answer:
            break
    return situation


def _steps(command: Command) -> list[Step]:
    """Return the steps of a command; a step with an answer is the last one.

    A command of a head reads the head twice: when the plan is read, and when the command is decided.
    """
    match command.kind:
        case "change head":
            return [
                lambda situation: (replace(situation, head="plt"), None),
                lambda situation: (situation.after_automatic_approval(), DONE),
            ]
        case "confirm as Plt":
            return [_confirm]
        case kind if kind in HEAD_COMMANDS:
            return [
                lambda situation: (situation, None if situation.head == command.head else NOT_FOUND),
                lambda situation: _change_plan(situation, command),
            ]
        case _:
            return [lambda situation: _change_plan(situation, command)]


def _confirm(situation: Situation) -> tuple[Situation, str]:
    if situation.head != "plt":
        return situation, "plt.not_plt_here"
    return replace(situation, confirmed=True), REPLAYED if situation.confirmed else DONE


def _change_plan(situation: Situation, command: Command) -> tuple[Situation, str]:
    target = TRANSITIONS.get((situation.state, command.kind))
    if situation.version != command.expected_version:
        return situation, CONFLICT
    if target is None:
        return situation, "plan.not_editable" if command.kind == SAVE else "transition.not_from_here"
    if command.kind in HEAD_COMMANDS and situation.head != command.head:
        return situation, "actor.not_head"
    needs_confirmation = situation.state == "auto_approved" and situation.head == "plt"
    if command.kind == BEGIN and needs_confirmation and not situation.confirmed:
        return situation, "plt.not_confirmed"
    # a bulk approval approves each plan by a separate event
    situation_after = situation.after(APPROVE if command.kind == BULK_APPROVE else command.kind, target)
    if command.kind == SAVE:
        situation_after = replace(situation_after, indikator=command.indikator)
    return (situation_after.after_automatic_approval() if command.kind == SUBMIT else situation_after), DONE


def _interleave(
    situation: Situation, answers: tuple[str, str], steps: tuple[list[Step], list[Step]]
) -> Iterator[tuple[tuple[str, str], Situation]]:
    if not any(steps):
        yield answers, situation
    for index in (0, 1):
        if steps[index]:
            after, answer = steps[index][0](situation)
            remaining = [] if answer else steps[index][1:]
            if index == 0:
                yield from _interleave(after, (answer or "", answers[1]), (remaining, steps[1]))
            else:
                yield from _interleave(after, (answers[0], answer or ""), (steps[0], remaining))
