"""What a finding shows: a way through the real engine, the facts there, conditions that exclude each other."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.facts import Actor, Facts
from workflows.trees import Guard, Path
from workflows.verdicts import Refused


@dataclass(frozen=True, slots=True)
class Example:
    """Facts that show something; those that `matter` for it by name, and those that are not the ordinary ones."""

    facts: Facts
    matters: tuple[str, ...]
    unusual: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One command: in `state`, `actor` fires `trigger`, `row` answers under these facts; the plan rests in `to`."""

    state: str
    trigger: str
    row: str
    actor: Actor
    example: Example
    to: str


@dataclass(frozen=True, slots=True)
class Lack:
    """A row that does not fire in the situation shown, and what the engine says is lacking."""

    row: str
    refusals: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One of the conditions that exclude each other; the example satisfies all the others, not this one."""

    path: Path
    condition: Guard
    example: Example | None


@dataclass(frozen=True, slots=True)
class Witness:
    """`way` leads a new plan to `state`; there, under the facts of `example`, `actor` sees what is wrong.

    `rows` are the transitions that it is about, `lacks` what keeps others from firing, `excluding` the conditions
    of a contradiction.
    """

    way: tuple[Move, ...] = ()
    state: str | None = None
    actor: Actor | None = None
    example: Example | None = None
    rows: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = ()
    excluding: tuple[Exclusion, ...] = ()
