"""Every transition from a plan's state, judged for the one whom it is for: what an admin asks who wonders why."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.definition import By, Transition
from workflows.facts import SYSTEM, Actor, Facts, Snapshot
from workflows.machine import Workflow
from workflows.rows import Attempt, try_row
from workflows.verdicts import Refused, worth_telling


@dataclass(frozen=True, slots=True)
class Explained:
    """A row, and what stands against it now: `allowed`, or at least one refusal."""

    row: Transition
    refusals: tuple[Refused, ...]
    warnings: tuple[Refused, ...]

    @property
    def allowed(self) -> bool:
        """Nothing stands against it but what can be acknowledged."""
        return not self.refusals


def explain(workflow: Workflow, plan: Snapshot, facts: Facts) -> tuple[Explained, ...]:
    """The rows in the order of the definition; what a command would bring along is not demanded."""
    rows = (row for row in workflow.definition.transitions if plan.state in row.from_states)
    return tuple(_explained(row, plan, facts) for row in rows)


def _explained(row: Transition, plan: Snapshot, facts: Facts) -> Explained:
    tried = try_row(row, plan, Attempt(_meant(row.by, plan, facts), facts, asking=True))
    return Explained(row, worth_telling(tried.refusals), worth_telling(tried.warnings))


def _meant(by: By, plan: Snapshot, facts: Facts) -> Actor:
    """Whom a row is for: nobody, where it is for the head and there is none."""
    if by.relation == "owner":
        return Actor(plan.owner)
    if by.relation == "head_of_school":
        return Actor(facts.head.ptk_id)
    return SYSTEM if by.role == "system" else Actor(scopes=frozenset({"admin"}))
