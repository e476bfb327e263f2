"""The linter: everything that is wrong with a definition, and a workflow built from one that passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from workflows.engine.machine import Workflow, build_machine
from workflows.lint import calls as lint_calls
from workflows.lint import guards as lint_guards
from workflows.lint import names as lint_names
from workflows.lint import progress as lint_progress
from workflows.lint import timers as lint_timers
from workflows.model.definition import Definition, Path, Position
from workflows.model.findings import DefinitionError, Finding
from workflows.proof.proof import Proof
from workflows.proof.solver import ProofTooComplex

WORDS: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    lint_names.check_unique_ids,
    lint_names.check_states,
    lint_names.check_authorities,
    lint_names.check_requirements,
    lint_names.check_param_bounds,
    lint_names.check_labels,
    lint_names.check_automatic_transitions,
    lint_names.check_turns,
    lint_calls.check_predicates,
    lint_calls.check_effects,
    lint_calls.check_timer_arguments,
    lint_progress.check_initial_state,
)
PLAIN: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    lint_calls.check_windows,
    lint_progress.check_final_states,
    lint_timers.check_system_transitions,
)
SOUND: tuple[Callable[[Proof], Iterator[Finding]], ...] = (
    lint_guards.check_satisfiable,
    lint_guards.check_ambiguity,
    lint_guards.check_automatic_loops,
    lint_guards.check_effect_guards,
    lint_progress.check_decided_phases,
    lint_progress.check_reachable_states,
    lint_progress.check_final_reachable,
    lint_timers.check_timers_fall_due,
    lint_timers.check_timer_triggers,
)


def lint(definition: Definition) -> list[Finding]:
    """Everything wrong with a definition, with positions where its file is known; empty when it may be built."""
    plain = (finding for check in PLAIN for finding in check(definition))
    findings = [*check_names(definition)] or [*plain] or [*_proved(definition)]
    return [_with_position(finding, definition.positions) for finding in findings]


def check_names(definition: Definition) -> Iterator[Finding]:
    """What the engine itself relies on: names, types, shapes. Nothing is proved."""
    return (finding for check in WORDS for finding in check(definition))


def _proved(definition: Definition) -> Iterator[Finding]:
    try:
        proof = Proof(definition)
        findings = [finding for check in SOUND for finding in check(proof)]
        told = {finding.path for finding in findings}
        if all(
            finding.code != "lint.automatic_loop" for finding in findings
        ):  # a circle is not a place to wait
            findings += [found for found in lint_progress.check_stuck_plans(proof) if found.path not in told]
        yield from findings
    except ProofTooComplex:
        yield Finding("lint.too_intricate", ("transitions",))


def _with_position(finding: Finding, positions: Mapping[Path, Position]) -> Finding:
    ways = (finding.path[:length] for length in range(len(finding.path), 0, -1))
    found = next((positions[path] for path in ways if path in positions), None)
    return replace(finding, line=found.line, column=found.column) if found else finding


def build_proved_workflow(definition: Definition) -> Workflow:
    """Prove a definition and build its machine. Raises `DefinitionError` with every finding of the linter."""
    if findings := lint(definition):
        raise DefinitionError(findings)
    return build_workflow(definition)


def build_workflow(definition: Definition) -> Workflow:
    """Build the machine of a definition that was proved before, or that is only tried.

    A version that plans live by stays alive under a later release whose linter knows more, so only names are
    checked. Raises `DefinitionError` if the engine could not run it at all.
    """
    if findings := [*check_names(definition)]:
        raise DefinitionError(findings)
    return build_machine(definition)
