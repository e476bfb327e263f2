"""The problems that are more than a sentence: what a client can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.kit.problem import Problem, Refused
from services.planning.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Acknowledgeable(Problem):
    """A warning: sending the command again with this code in `acknowledge` accepts it, and that is recorded."""


class PlanRefused(Refused):
    """Refused, with the plan as it stands, so that a client can go on from there."""

    def __init__(self, problems: Problem | Iterable[Problem], plan: Plan) -> None:
        super().__init__(problems)
        self.plan = plan


def conflict(expected: int, plan: Plan) -> PlanRefused:
    """Somebody, perhaps the same person on another device, changed the plan since it was read."""
    return PlanRefused(Problem("version.conflict", {"expected": expected, "current": plan.version}), plan)
