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
from workflows.proof.solver import TooIntricate

WORDS: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    lint_names.ids_are_unique,
    lint_names.states_exist,
    lint_names.actors_exist,
    lint_names.requirements_exist,
    lint_names.bounds_are_right,
    lint_names.labels_are_written,
    lint_names.automatic_rows_are_the_systems,
    lint_names.turns_are_decided,
    lint_calls.predicates_are_right,
    lint_calls.effects_are_right,
    lint_calls.timers_are_right,
    lint_progress.one_initial_state,
)
PLAIN: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    lint_calls.windows_open_before_they_close,
    lint_progress.there_is_an_end,
    lint_timers.rows_are_fired,
)
SOUND: tuple[Callable[[Proof], Iterator[Finding]], ...] = (
    lint_guards.guards_can_be_met,
    lint_guards.no_two_rows_answer,
    lint_guards.no_automatic_loop,
    lint_guards.effects_are_guarded,
    lint_progress.approval_is_decided,
    lint_progress.every_state_is_reached,
    lint_progress.every_state_reaches_the_end,
    lint_timers.timers_fall_due,
    lint_timers.timers_fire_rows,
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
            findings += [found for found in lint_progress.everybody_gets_on(proof) if found.path not in told]
        yield from findings
    except TooIntricate:
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
