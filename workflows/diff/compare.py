"""The difference of two versions in words, and whether active plans can move to the new one.

A change is *additive* if an active plan that moves to the new version as it is loses nothing:

- its state exists, in the same phase,
- each command that it allowed under some facts is still allowed, leads to the same state, has the same effects and
  requires no more,
- each mutation ensures what the contract of the old version names,
- the automatic transitions out of its state are still there, and none leads to an earlier phase,
- each parameter has a default, or had to be given before.

Every other change is *breaking*. A difference is breaking if one of its changes is.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.diff.changes import Change, Severity, compare_guards, compare_labels
from workflows.diff.contract import compare_contracts
from workflows.diff.declarations import compare_params, compare_states, compare_timers
from workflows.diff.transitions import compare_transitions
from workflows.model.canonical import canonical_json
from workflows.model.definition import Definition, Label


def diff_definitions(old: Definition, new: Definition) -> tuple[Change, ...]:
    """Return every change from `old` to `new`; none exactly if both have the same canonical JSON."""
    return () if canonical_json(old) == canonical_json(new) else tuple(_compare(old, new))


def overall_severity(changes: tuple[Change, ...]) -> Severity:
    """Return the severity of a whole difference."""
    return Severity.BREAKING if any(change.is_breaking for change in changes) else Severity.ADDITIVE


def _compare(old: Definition, new: Definition) -> Iterator[Change]:
    if old.name != new.name:
        yield Change("diff.workflow", ("workflow",), {"old": old.name, "new": new.name}, is_breaking=True)
    yield from compare_labels((), new.name, old.label, new.label)
    yield from compare_contracts(old, new)
    yield from compare_params(old, new)
    yield from compare_states(old, new)
    # Never breaking: Mulai concerns new plans only.
    yield from compare_guards((old, new), ("start", "when"), Label("Mulai", "Mulai"), old.start, new.start)
    yield from compare_transitions(old, new)
    yield from compare_timers(old, new)
