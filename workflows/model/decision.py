"""What `decide` answers: the steps to write down, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.engine.authority import Effect
from workflows.model.definition import Label
from workflows.model.facts import Actor, Refusal


@dataclass(frozen=True, slots=True)
class Step:
    """One change of state, ready to become one event.

    `evidence` maps each fact that the guards read to its JSON value (`head`, `params.minimum_points`);
    `acknowledged` are the warnings that stood and were accepted.
    """

    transition: str  # the row's id
    trigger: str
    from_state: str
    to_state: str
    actor: Actor
    effects: tuple[Effect, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)
    acknowledged_warnings: tuple[Refusal, ...] = ()
    reason: str | None = None
    exceptional: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Either steps (the first by the actor, the rest automatic), or refusals, and warnings to acknowledge."""

    state: str  # where the plan stands when the decision is carried out
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()

    @property
    def allowed(self) -> bool:
        """Something happens, and nothing stands against it."""
        return bool(self.steps)


@dataclass(frozen=True, slots=True)
class Availability:
    """One button: may it be pressed, what must come with it (`requires`), what is asked back (`warnings`).

    `allowed` is about refusals only; warnings are acknowledged with the command.
    """

    trigger: str
    label: Label
    allowed: bool
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    requires: tuple[str, ...] = ()
    exceptional: bool = False
