"""The linter: refuses a broken definition before anyone depends on it. Each check is small, pure, on its own.

First what is written: `lint_words`: does everything named exist and fit; `lint_calls`: are guards and effects called
rightly. Where that is clean, what it means is proved (`workflows.proof`), and each finding carries a witness:
`lint_conditions`: can guards be met; `lint_guards`: do rows contradict or circle; `lint_phases`: is approval decided;
`lint_ways` and `lint_progress`: does every plan reach the end; `lint_timers`: does what is timed come to happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from workflows.lint import calls as lint_calls
from workflows.lint import guards as lint_conditions
from workflows.lint import guards as lint_guards
from workflows.lint import progress as lint_phases
from workflows.lint import progress as lint_progress
from workflows.lint import progress as lint_ways
from workflows.lint import timers as lint_timers
from workflows.lint import words as lint_words
from workflows.model.definition import Definition, Path, Position
from workflows.model.findings import Finding
from workflows.proof.proof import Proof
from workflows.proof.solver import TooIntricate

WORDS: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    lint_words.ids_are_unique,
    lint_words.states_exist,
    lint_words.actors_exist,
    lint_words.requirements_exist,
    lint_words.bounds_are_right,
    lint_words.labels_are_written,
    lint_words.automatic_rows_are_the_systems,
    lint_words.turns_are_decided,
    lint_calls.predicates_are_right,
    lint_calls.effects_are_right,
    lint_calls.timers_are_right,
    lint_ways.one_initial_state,
)
PLAIN: tuple[Callable[[Definition], Iterator[Finding]], ...] = (
    lint_calls.windows_open_before_they_close,
    lint_ways.there_is_an_end,
    lint_timers.rows_are_fired,
)
SOUND: tuple[Callable[[Proof], Iterator[Finding]], ...] = (
    lint_conditions.guards_can_be_met,
    lint_guards.no_two_rows_answer,
    lint_guards.no_automatic_loop,
    lint_guards.effects_are_guarded,
    lint_phases.approval_is_decided,
    lint_ways.every_state_is_reached,
    lint_ways.every_state_reaches_the_end,
    lint_timers.timers_fall_due,
    lint_timers.timers_fire_rows,
)


def lint(definition: Definition) -> list[Finding]:
    """Everything wrong with a definition, with positions where its file is known; empty when it may be built."""
    plain = (finding for check in PLAIN for finding in check(definition))
    findings = [*words(definition)] or [*plain] or [*_proved(definition)]
    return [_with_position(finding, definition.positions) for finding in findings]


def words(definition: Definition) -> Iterator[Finding]:
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
