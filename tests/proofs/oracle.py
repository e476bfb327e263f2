"""What two commands on one plan may lead to: a plain table of the guide's rules, which shares nothing with the engine.

A command is a list of steps that happen at an instant each; every order of the steps of two commands is played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

SAVE, SUBMIT, APPROVE, RETURN, MANY = "save", "submit", "approve", "return", "approve many"
CONFIRM, HEAD, BEGIN, REOPEN = "confirm as Plt", "head changes", "begin", "reopen"
KINDS = (SAVE, SUBMIT, APPROVE, RETURN, MANY, CONFIRM, HEAD, BEGIN, REOPEN)
BY_THE_HEAD = {APPROVE, RETURN, MANY}

DONE, REPEATED = "done", "there already"
CONFLICT, UNSEEN = "version.conflict", "plan.unknown"

TABLE = {
    ("draft", SAVE): "draft",
    ("draft", SUBMIT): "submitted",
    ("submitted", APPROVE): "approved",
    ("submitted", MANY): "approved",
    ("submitted", RETURN): "draft",
    ("approved", BEGIN): "in_implementation",
    ("auto_approved", BEGIN): "in_implementation",
    ("approved", REOPEN): "draft",
    ("auto_approved", REOPEN): "draft",
    ("in_implementation", REOPEN): "draft",
}


@dataclass(frozen=True)
class World:
    """A plan, its school's head, and whether the Plt has confirmed; `trail` is what happened since the start."""

    state: str
    version: int
    head: str = "definitif"
    confirmed: bool = False
    indikator: str = "PK-KSK"
    trail: tuple[str, ...] = ()

    def moved(self, what: str, to: str) -> World:
        return replace(self, state=to, version=self.version + 1, trail=(*self.trail, what))

    def settled(self) -> World:
        """What follows by itself: under a Plt a submitted plan is approved by the system."""
        waits = self.state == "submitted" and self.head == "plt"
        return self.moved("automatically", "auto_approved") if waits else self


@dataclass(frozen=True)
class Sent:
    """A command as it was sent: the version it was read at, who headed the school then, what was chosen."""

    kind: str
    expects: int
    head: str
    indikator: str = ""


@dataclass(frozen=True)
class Outcome:
    """What both were answered, and how the world stands."""

    answers: tuple[str, str]
    world: World


Step = Callable[[World], tuple[World, str | None]]


def steps_of(sent: Sent) -> list[Step]:
    """An answer ends a command. The head is looked up twice: for seeing the plan, and for the decision."""
    match sent.kind:
        case "head changes":
            return [lambda world: (replace(world, head="plt"), None), lambda world: (world.settled(), DONE)]
        case "confirm as Plt":
            return [_confirmed]
        case kind if kind in BY_THE_HEAD:
            return [
                lambda world: (world, None if world.head == sent.head else UNSEEN),
                lambda world: _on_plan(world, sent),
            ]
        case _:
            return [lambda world: _on_plan(world, sent)]


def _confirmed(world: World) -> tuple[World, str]:
    if world.head != "plt":
        return world, "plt.not_plt_here"
    return replace(world, confirmed=True), REPEATED if world.confirmed else DONE


def _on_plan(world: World, sent: Sent) -> tuple[World, str]:
    to = TABLE.get((world.state, sent.kind))
    if world.version != sent.expects:
        return world, CONFLICT
    if to is None:
        return world, "plan.not_editable" if sent.kind == SAVE else "transition.not_from_here"
    if sent.kind in BY_THE_HEAD and world.head != sent.head:
        return world, "actor.not_head"
    if (world.state, sent.kind, world.head, world.confirmed) == ("auto_approved", BEGIN, "plt", False):
        return world, "plt.not_confirmed"
    chosen = sent.indikator if sent.kind == SAVE else world.indikator
    event = APPROVE if sent.kind == MANY else sent.kind  # each plan of a list is approved as if alone
    after = replace(world.moved(event, to), indikator=chosen)
    return (after.settled() if sent.kind == SUBMIT else after), DONE


def alone(world: World, sent: Sent) -> World:
    """The world after one command that nobody raced."""
    for step in steps_of(sent):
        world, answer = step(world)
        if answer:
            break
    return world


def outcomes(world: World, first: Sent, second: Sent) -> set[Outcome]:
    """Everything that some order of their steps leads to; after a change of head the worker has the last word."""
    orders = _orders(world, ("", ""), (steps_of(first), steps_of(second)))
    worker = HEAD in (first.kind, second.kind)
    return {Outcome(told, left.settled() if worker else left) for told, left in orders}


def _orders(
    world: World, told: tuple[str, str], left: tuple[list[Step], list[Step]]
) -> Iterator[tuple[tuple[str, str], World]]:
    if not any(left):
        yield told, world
    for side in (0, 1):
        if left[side]:
            after, answer = left[side][0](world)
            rest = [] if answer else left[side][1:]
            answered = answer or ""
            if side == 0:
                yield from _orders(after, (answered, told[1]), (rest, left[1]))
            else:
                yield from _orders(after, (told[0], answered), (left[0], rest))
