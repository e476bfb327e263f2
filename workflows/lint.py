"""The linter: refuses a broken definition before anyone depends on it. Each check is small, pure, on its own.

`lint_words`: does everything named exist and fit; `lint_calls`: are guards and effects called rightly;
`lint_ways`: can every plan reach the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from workflows import lint_calls, lint_ways, lint_words
from workflows.definition import Definition
from workflows.findings import Finding
from workflows.trees import Path

Check = Callable[[Definition], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
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
    lint_ways.one_initial_state,
    lint_ways.every_state_is_reached,
    lint_ways.no_dead_end,
    lint_ways.every_state_reaches_the_end,
    lint_ways.no_automatic_loop,
    lint_ways.no_identical_rows,
    lint_ways.owners_can_leave_draft,
)


def lint(definition: Definition) -> list[Finding]:
    """Everything wrong with a definition, with lines where its file is known; empty when it may be built."""
    return [_with_line(finding, definition.lines) for check in CHECKS for finding in check(definition)]


def _with_line(finding: Finding, lines: Mapping[Path, int]) -> Finding:
    ways = (finding.path[:length] for length in range(len(finding.path), 0, -1))
    return replace(finding, line=next((lines[path] for path in ways if path in lines), None))
