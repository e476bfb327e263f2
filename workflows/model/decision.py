"""The result of `decide`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.model.facts import Actor, ParamValue, Refusal


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect of a step, with the period's values as arguments."""

    name: str
    args: Mapping[str, ParamValue | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One fired transition, from which planning makes one event.

    `evidence` maps the name of each fact that the guards read to its JSON value (`head`, `params.minimum_points`).
    """

    transition: str  # id
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
    """The result of a command: steps (the first by the actor, the others automatic), or what prevents them."""

    state: str  # of the plan after the steps
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[Refusal, ...] = ()  # the command has to acknowledge them

    @property
    def allowed(self) -> bool:
        """Whether the command fires a transition."""
        return bool(self.steps)
