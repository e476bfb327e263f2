"""The linter, and the workflows built from definitions that passed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from workflows.engine.machine import Workflow, build_machine
from workflows.lint import calls, contract, guards, names, progress, timers
from workflows.model.definition import Definition, ParamType, Path, Position
from workflows.model.findings import DefinitionError, Finding
from workflows.model.messages import Phrase
from workflows.proof.proof import Proof
from workflows.proof.solver import ProofTooComplex

DefinitionCheck = Callable[[Definition], Iterator[Finding]]
NAME_CHECKS: tuple[DefinitionCheck, ...] = (
    names.check_unique_ids,
    names.check_states,
    names.check_authorities,
    names.check_requirements,
    names.check_param_bounds,
    names.check_automatic_transitions,
    names.check_turns,
    calls.check_predicates,
    calls.check_contract_names,
    calls.check_effects,
    calls.check_timer_arguments,
    names.check_initial_state,
)
STRUCTURE_CHECKS: tuple[DefinitionCheck, ...] = (
    calls.check_windows,
    names.check_final_states,
    timers.check_system_transitions,
)
PROOF_CHECKS: tuple[Callable[[Proof], Iterator[Finding]], ...] = (
    guards.check_satisfiable,
    guards.check_ambiguity,
    guards.check_automatic_loops,
    guards.check_effect_guards,
    contract.check_mutations,
    contract.check_contract_values,
    progress.check_decided_phases,
    progress.check_own_decisions,
    progress.check_reachable_states,
    progress.check_final_reachable,
    timers.check_timers_fall_due,
    timers.check_timer_triggers,
)
PROGRESS_CHECKS = (progress.check_stuck_plans, progress.check_late_plans)


def lint(definition: Definition) -> list[Finding]:
    """Return everything that is wrong with a definition, with positions if its file is known.

    Names are checked first. The structure is checked if the names are right, and proved if the structure is.
    """
    findings = (
        [*check_names(definition)]
        or [finding for check in STRUCTURE_CHECKS for finding in check(definition)]
        or _prove(definition)
    )
    return [_add_position(finding, definition.positions) for finding in findings]


def check_names(definition: Definition) -> Iterator[Finding]:
    """Check all that the engine itself relies on: names, types and shapes."""
    return (finding for check in NAME_CHECKS for finding in check(definition))


def _prove(definition: Definition) -> list[Finding]:
    """Return the findings of all proofs, up to the one that is too complex, and the names of those that are left."""
    findings: list[Finding] = []
    checks = (*PROOF_CHECKS, *PROGRESS_CHECKS)
    proved = 0
    try:
        proof = Proof(definition)
        for check in PROOF_CHECKS:
            findings += check(proof)
            proved += 1
        # Plans in an automatic loop rest nowhere, so nothing can be said about where they are stuck.
        if any(finding.code == "lint.automatic_loop" for finding in findings):
            return findings
        for check in PROGRESS_CHECKS:
            paths = {finding.path for finding in findings}
            findings += [finding for finding in check(proof) if finding.path not in paths]
            proved += 1
    except ProofTooComplex:
        unproved = tuple(Phrase(f"proof.{check.__name__}") for check in checks[proved:])
        switches = sum(param.type is ParamType.BOOL for param in definition.params)
        params = {"switches": switches, "unproved": unproved}
        findings.append(Finding("lint.too_intricate", ("transitions",), params))
    return findings


def _add_position(finding: Finding, positions: Mapping[Path, Position]) -> Finding:
    """Add the position of the finding's path, or of the nearest path above that the file has."""
    paths = (finding.path[:length] for length in range(len(finding.path), 0, -1))
    position = next((positions[path] for path in paths if path in positions), None)
    return replace(finding, line=position.line, column=position.column) if position else finding


def build_proved_workflow(definition: Definition) -> Workflow:
    """Lint a definition and build its workflow. Raises DefinitionError with every finding."""
    if findings := lint(definition):
        raise DefinitionError(findings)
    return build_workflow(definition)


def build_workflow(definition: Definition) -> Workflow:
    """Build the workflow of a definition that was proved before, or that is only tried.

    Checks names alone: active plans may have a version that the linter of a later release would refuse. Raises
    DefinitionError if the engine cannot run it.
    """
    if findings := [*check_names(definition)]:
        raise DefinitionError(findings)
    return build_machine(definition)
