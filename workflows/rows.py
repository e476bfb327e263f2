"""What one row of a definition says to one attempt: does it fit the actor, what is lacking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.definition import Transition
from workflows.facts import Actor, Facts, Given, Snapshot
from workflows.guards import weigh
from workflows.people import WHO
from workflows.verdicts import Pass, Refused

# What a transition may require of a command, and the code where it is absent.
REQUIREMENTS: Mapping[str, str] = {"reason": "reason.missing"}

NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One firing of one trigger. `asking` only asks: what a command would bring along is not demanded."""

    actor: Actor
    facts: Facts
    given: Given = NOTHING
    asking: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A row's answer. `fits`: the actor stands to the plan as demanded; `warnings`: those not accepted."""

    row: Transition
    fits: bool
    refusals: tuple[Refused, ...] = ()
    warnings: tuple[Refused, ...] = ()
    acknowledged: tuple[Refused, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict)

    @property
    def admits(self) -> bool:
        """The row may fire."""
        return not self.refusals and not self.warnings


def try_row(row: Transition, plan: Snapshot, attempt: Attempt) -> Tried:
    """Weigh a row. To an actor whom it does not fit it tells that one reason only, nothing about the plan."""
    who = WHO[row.by]
    if misfit := who.refusal(attempt.actor, plan, attempt.facts):
        return Tried(row, False, (misfit,))
    evidence = {name: getattr(attempt.facts, name) for name in who.reads}
    when = weigh(row.when, attempt.facts, plan)
    warn = weigh(row.warn, attempt.facts, plan)
    for verdict in (when, warn):
        evidence |= verdict.evidence if isinstance(verdict, Pass) else {}
    warnings = () if isinstance(warn, Pass) else warn
    accepted = attempt.given.acknowledge
    return Tried(
        row,
        fits=True,
        refusals=_lacking(row, attempt) + (() if isinstance(when, Pass) else when),
        warnings=tuple(warning for warning in warnings if warning.code not in accepted),
        acknowledged=tuple(warning for warning in warnings if warning.code in accepted),
        evidence=evidence,
    )


def _lacking(row: Transition, attempt: Attempt) -> tuple[Refused, ...]:
    if attempt.asking:
        return ()
    brought = {"reason": attempt.given.reason}
    return tuple(
        Refused(REQUIREMENTS[need], path=(need,)) for need in row.require if not (brought[need] or "").strip()
    )
