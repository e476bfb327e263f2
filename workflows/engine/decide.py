"""What planning asks of a workflow. Pure: nothing is looked up, nothing of the caller's is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workflows.engine.authority import AUTHORITIES, FACT_CHANGING_EFFECTS
from workflows.engine.guards import evaluate_guard
from workflows.engine.machine import (
    NO_INPUT,
    Attempt,
    TransitionEvaluation,
    Workflow,
    evaluate_transition,
    fire_trigger,
)
from workflows.model.decision import Availability, Decision, Step
from workflows.model.definition import Authority, Transition, Turn, entry_trigger
from workflows.model.facts import (
    SYSTEM,
    Actor,
    CommandInput,
    Facts,
    HeadKind,
    Pass,
    Refusal,
    Snapshot,
    relevant_reasons,
)


def decide(
    workflow: Workflow,
    plan: Snapshot,
    trigger: str,
    actor: Actor,
    facts: Facts,
    command_input: CommandInput = NO_INPUT,
) -> Decision:
    """What a command does: its step and the automatic ones that follow, or every reason why not.

    To have a waiting plan decided again when the facts changed, fire `entered(plan.state)` as `SYSTEM`: so too after
    a step with an effect in `CHANGING_FACTS`.
    """
    if plan.state not in workflow.machine.states:
        return Decision(plan.state, refusals=(Refusal("state.unknown", {"state": plan.state}),))
    moving = replace(plan)
    step, trace = fire_trigger(workflow, moving, trigger, Attempt(actor, facts, command_input))
    if step is None:
        return Decision(plan.state, (), *_reasons(trace, trigger, plan))
    waits = FACT_CHANGING_EFFECTS.intersection(effect.name for effect in step.effects)
    steps = (step,) if waits else (step, *_automatic(workflow, moving, facts))
    return Decision(moving.state, steps)


def _automatic(workflow: Workflow, plan: Snapshot, facts: Facts) -> list[Step]:
    """The steps that follow by themselves; one that is refused just leaves the plan where it is."""
    steps: list[Step] = []
    while len(steps) < len(workflow.definition.states):  # the linter refuses loops; this holds regardless
        step, _ = fire_trigger(workflow, plan, entry_trigger(plan.state), Attempt(SYSTEM, facts, NO_INPUT))
        if step is None:
            break
        steps.append(step)
    return steps


def _reasons(
    trace: list[TransitionEvaluation], trigger: str, plan: Snapshot
) -> tuple[tuple[Refusal, ...], tuple[Refusal, ...]]:
    """Refusals and warnings of the rows that fit the actor; of the others only that they do not fit."""
    if not trace:
        return (Refusal("transition.not_from_here", {"trigger": trigger, "state": plan.state}),), ()
    telling = [tried for tried in trace if tried.is_authorized] or trace
    refusals = relevant_reasons(refusal for tried in telling for refusal in tried.refusals)
    return refusals, relevant_reasons(warning for tried in telling for warning in tried.warnings)


def list_transitions(
    workflow: Workflow, plan: Snapshot, actor: Actor, facts: Facts
) -> tuple[Availability, ...]:
    """Each manual trigger from this state that could ever be this actor's: allowed, or why not."""
    first: dict[str, Transition] = {}
    for row in workflow.definition.transitions:
        if (
            plan.state in row.from_states
            and not row.is_automatic
            and AUTHORITIES[row.authority].is_possible(actor, plan)
        ):
            first.setdefault(row.trigger, row)
    return tuple(_availability(workflow, plan, row, actor, facts) for row in first.values())


def _availability(
    workflow: Workflow, plan: Snapshot, row: Transition, actor: Actor, facts: Facts
) -> Availability:
    _, trace = fire_trigger(
        workflow, replace(plan), row.trigger, Attempt(actor, facts, NO_INPUT, ignore_requirements=True)
    )
    refusals, warnings = _reasons(trace, row.trigger, plan)
    allowed = any(tried.is_authorized and not tried.refusals for tried in trace)
    return Availability(
        trigger=row.trigger,
        label=row.label,
        allowed=allowed,
        refusals=() if allowed else refusals,
        warnings=warnings,
        requires=row.require,
        exceptional=row.exceptional,
    )


def check_start(workflow: Workflow, plan: Snapshot, facts: Facts) -> tuple[Refusal, ...]:
    """Why Mulai is refused, or nothing. `plan` is the plan to be: its owner, the school it would stand at."""
    verdict = evaluate_guard(workflow.definition.start, facts, plan)
    return () if isinstance(verdict, Pass) else verdict


def decide_turn(workflow: Workflow, plan: Snapshot, facts: Facts) -> Turn:
    """On whom the plan waits now; under a vacant head on the dinas, to appoint one (DOMAIN.md "States")."""
    rules = workflow.definition.state(plan.state).turn
    who = next(rule.turn for rule in rules if isinstance(evaluate_guard(rule.when, facts, plan), Pass))
    return Turn.DINAS if who is Turn.HEAD and facts.head.kind is HeadKind.KOSONG else who


@dataclass(frozen=True, slots=True)
class TransitionExplanation:
    """A row, and what stands against it now: `allowed`, or at least one refusal."""

    transition: Transition
    refusals: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """Nothing stands against it but what can be acknowledged."""
        return not self.refusals


def evaluate_transitions(
    workflow: Workflow, plan: Snapshot, facts: Facts
) -> tuple[TransitionExplanation, ...]:
    """The rows in the order of the definition; what a command would bring along is not demanded."""
    rows = (row for row in workflow.definition.transitions if plan.state in row.from_states)
    return tuple(_explained(row, plan, facts) for row in rows)


def _explained(row: Transition, plan: Snapshot, facts: Facts) -> TransitionExplanation:
    tried = evaluate_transition(
        row, plan, Attempt(_meant(row.authority, plan, facts), facts, ignore_requirements=True)
    )
    return TransitionExplanation(row, relevant_reasons(tried.refusals), relevant_reasons(tried.warnings))


def _meant(by: Authority, plan: Snapshot, facts: Facts) -> Actor:
    """Whom a row is for: nobody, where it is for the head and there is none."""
    if by.relation == "owner":
        return Actor(plan.owner)
    if by.relation == "head_of_school":
        return Actor(facts.head.ptk_id)
    return SYSTEM if by.role == "system" else Actor(scopes=frozenset({"admin"}))
