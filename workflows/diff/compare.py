"""What changes between two versions, in words that a non-programmer reads, and whether living plans can follow.

A change is *additive* when a living plan, moved to the new version as it stands, loses nothing: its state is there in
the same phase, each command that was open to it under some facts still is, leads to the same state, has the same
effects and asks for no more, what its state does by itself it still does and leads to no earlier phase, and every value
has a default or already had to be given.
Everything else is *breaking*. A whole difference is as grave as its gravest change.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.diff.changes import Change, Severity, compare_guards, compare_labels
from workflows.diff.declarations import compare_params, compare_states, compare_timers
from workflows.diff.transitions import compare_transitions
from workflows.model.canonical import canonical_json
from workflows.model.definition import Definition, Label

__all__ = ["Change", "Severity", "diff_definitions", "overall_severity"]


def diff_definitions(old: Definition, new: Definition) -> tuple[Change, ...]:
    """Every change from `old` to `new`; none exactly when both have the same canonical form."""
    return () if canonical_json(old) == canonical_json(new) else tuple(_changes(old, new))


def overall_severity(changes: tuple[Change, ...]) -> Severity:
    """The class of a whole difference: that of its gravest change."""
    breaking = any(change.severity is Severity.BREAKING for change in changes)
    return Severity.BREAKING if breaking else Severity.ADDITIVE


def _changes(old: Definition, new: Definition) -> Iterator[Change]:
    if old.name != new.name:
        yield Change("diff.workflow", ("workflow",), {"old": old.name, "new": new.name}, Severity.BREAKING)
    yield from compare_labels((), new.name, old.label, new.label)
    yield from compare_params(old, new)
    yield from compare_states(old, new)
    # A plan that exists has passed Mulai: what it asks for concerns new plans only.
    yield from compare_guards(old, new, ("start", "when"), Label("Mulai", "Mulai"), old.start, new.start)
    yield from compare_transitions(old, new)
    yield from compare_timers(old, new)
