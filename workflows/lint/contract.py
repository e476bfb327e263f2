"""Prove the contract: mutations of the API find their transitions, and parameters are those that guards read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.engine.authority import AUTHORITIES
from workflows.model.contract import Contract, Mutation
from workflows.model.definition import (
    AnyOf,
    Call,
    Definition,
    Guard,
    Not,
    ParamRef,
    Path,
    Phase,
    Transition,
    all_of,
    format_guard,
    iterate_calls,
)
from workflows.model.findings import Finding, Witness
from workflows.proof.proof import Proof


@dataclass(frozen=True, slots=True)
class MutationRule:
    """What a mutation promises to those who send it.

    Every transition with its trigger is by one of `roles`, each of which has one, leads from `sources` to `targets`
    (None: within its phase), requires exactly `inputs`, and has at least `effects`. Its guard implies `requires`, and
    fresh facts if `is_fresh`.
    `is_everywhere`: a transition leads from each of `sources`, because nobody else helps a plan there.
    """

    roles: frozenset[str]
    sources: tuple[Phase, ...]
    targets: tuple[Phase, ...] | None
    inputs: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    is_fresh: bool = False
    is_everywhere: bool = False


REASON = ("reason",)
TEACHER, DECIDER, ADMIN = frozenset({"teacher"}), frozenset({"superior", "dinas"}), frozenset({"admin"})
RULES: Mapping[str, MutationRule] = {
    "submitPlan": MutationRule(
        TEACHER, (Phase.DRAFT,), (Phase.SUBMITTED,), (), ("remember_submission",),
        requires=("profile_confirmed", "tabs_complete"), is_fresh=True,
    ),
    # A plan that needs two approvals is still submitted after the first. A rule's approval may need a decision.
    "approvePlan": MutationRule(
        DECIDER, (Phase.SUBMITTED, Phase.AUTO_APPROVED), (Phase.SUBMITTED, Phase.APPROVED), is_fresh=True
    ),
    "returnPlan": MutationRule(
        DECIDER, (Phase.SUBMITTED,), (Phase.DRAFT,), REASON, ("open_revision",), is_fresh=True
    ),
    "beginImplementation": MutationRule(
        TEACHER, (Phase.APPROVED, Phase.AUTO_APPROVED), (Phase.IN_IMPLEMENTATION,)
    ),
    "reopenPlan": MutationRule(
        ADMIN, (Phase.APPROVED, Phase.AUTO_APPROVED, Phase.IN_IMPLEMENTATION), (Phase.DRAFT,), REASON,
        ("open_revision", "remember_reopening"), is_everywhere=True,
    ),
    "movePlan": MutationRule(
        ADMIN, (Phase.DRAFT, Phase.SUBMITTED, Phase.APPROVED, Phase.AUTO_APPROVED), None, REASON,
        ("move_to_sekolah_induk",), requires=("may_move",), is_fresh=True, is_everywhere=True,
    ),
}  # fmt: skip


def check_mutations(proof: Proof) -> Iterator[Finding]:
    """Check that every mutation fires transitions that do what it promises."""
    for mutation in proof.definition.contract.mutations:
        yield from _check_mutation(proof, mutation, RULES[mutation.name])


def _check_mutation(proof: Proof, mutation: Mutation, rule: MutationRule) -> Iterator[Finding]:
    path: Path = ("contract", mutation.name)
    names: dict[str, object] = {"mutation": mutation.name, "trigger": mutation.trigger}
    rows = [
        (number, transition)
        for number, transition in enumerate(proof.definition.transitions)
        if transition.trigger == mutation.trigger
    ]
    if not rows:
        yield Finding("lint.contract_trigger", (*path, "trigger"), names)
        return
    roles = {transition.authority.role for _, transition in rows}
    if absent := sorted(rule.roles - roles):
        yield Finding("lint.contract_nobody", (*path, "trigger"), names | {"roles": tuple(absent)})
    phases = {state.name: state.phase for state in proof.definition.states}
    left = {phases[name] for _, transition in rows for name in transition.from_states}
    missing = tuple(phase for phase in rule.sources if phase in phases.values() and phase not in left)
    if rule.is_everywhere and missing:
        yield Finding("lint.contract_phase", (*path, "trigger"), names | {"phases": missing})
    if undeclared := tuple(name for name in rule.requires if name not in mutation.requires):
        yield Finding("lint.contract_requires", path, names | {"conditions": undeclared})
    for number, transition in rows:
        yield from _check_transition(proof, mutation, rule, number, transition)


def _check_transition(
    proof: Proof, mutation: Mutation, rule: MutationRule, number: int, transition: Transition
) -> Iterator[Finding]:
    path: Path = ("transitions", number)
    names: dict[str, object] = {"mutation": mutation.name, "id": transition.id}
    if transition.authority.role not in rule.roles:
        allowed = tuple(sorted(rule.roles))
        yield Finding("lint.contract_role", (*path, "by"), names | {"allowed": allowed})
    phases = {state.name: state.phase for state in proof.definition.states}
    for name in transition.from_states:
        targets = rule.targets or (phases[name],)
        if phases[name] not in rule.sources or phases[transition.to_state] not in targets:
            more = {"state": name, "to": transition.to_state, "sources": rule.sources, "targets": targets}
            yield Finding("lint.contract_way", path, names | more)
    if sorted(transition.require) != sorted(rule.inputs):
        yield Finding("lint.contract_input", path, names | {"inputs": rule.inputs or "–"})
    for effect in rule.effects:
        if effect not in {call.name for call in transition.effects}:
            yield Finding("lint.contract_effect", path, names | {"effect": effect})
    for condition in _list_conditions(proof.definition.contract, mutation, rule):
        guard = all_of(AUTHORITIES[transition.authority].guard, transition.when, Not(condition))
        if witness := proof.find_witness(transition, transition.from_states[0], guard):
            names = {**names, "condition": format_guard(condition)}
            yield Finding("lint.contract_guard", (*path, "when"), names, witness=witness)


def _list_conditions(contract: Contract, mutation: Mutation, rule: MutationRule) -> Iterator[Guard]:
    yield from map(Call, dict.fromkeys((*rule.requires, *mutation.requires)))
    if rule.is_fresh:
        yield Call("facts_fresh", (("minutes", ParamRef(contract.facts_max_age_minutes)),))
    if rule.targets == (Phase.SUBMITTED,):
        yield AnyOf((_window(contract), Call("within_revision")))


def _window(contract: Contract) -> Call:
    opens, closes = ParamRef(contract.window.opens), ParamRef(contract.window.closes)
    return Call("window_open", (("opens", opens), ("closes", closes)))


def check_contract_values(proof: Proof) -> Iterator[Finding]:
    """Check that the dates and numbers that the API shows are those that guards read."""
    definition, contract = proof.definition, proof.definition.contract
    window = _window(contract)
    if example := proof.find_example(all_of(definition.start, Not(window))):
        witness = Witness(example=example)
        names: dict[str, object] = {"condition": format_guard(window)}
        yield Finding("lint.contract_start", ("contract", "window"), names, witness=witness)
    yield from _check_argument(
        definition.guards(), "plt_confirmed", "opens", contract.plt.confirmation_from,
        ("contract", "plt", "confirmation_from"),
    )  # fmt: skip
    yield from _check_argument(
        _submission_guards(definition), "points_at_least", "minimum", contract.minimum_points,
        ("contract", "minimum_points"),
    )  # fmt: skip


def _submission_guards(definition: Definition) -> Iterator[tuple[Path, Guard]]:
    trigger = definition.contract.find_trigger("submitPlan")
    for number, transition in enumerate(definition.transitions):
        if transition.trigger == trigger:
            for key, guard in (("when", transition.when), ("warn", transition.warn)):
                if guard is not None:
                    yield ("transitions", number, key), guard


def _check_argument(
    guards: Iterator[tuple[Path, Guard]],
    condition: str,
    argument: str,
    param: str | None,
    contract_path: Path,
) -> Iterator[Finding]:
    """Check that each call of a condition reads this parameter, and that one does, exactly if there is one."""
    calls = [
        found for path, guard in guards for found in iterate_calls(guard, path) if found[1].name == condition
    ]
    names: dict[str, object] = {"param": param or "–", "condition": condition, "key": contract_path[-1]}
    if param is not None and not calls:
        yield Finding("lint.contract_unread", contract_path, names)
    for path, call in calls:
        if dict(call.args)[argument] != (ParamRef(param) if param else None):
            yield Finding("lint.contract_differs", (*path, condition, argument), names)
