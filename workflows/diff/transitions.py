"""Changes of transitions, matched by their id."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.diff.changes import (
    Change,
    Severity,
    canonical_text,
    compare_guards,
    compare_labels,
    severity_if,
)
from workflows.diff.guard_comparison import GuardComparison
from workflows.model.definition import Definition, Label, Path, Phase, Transition, format_guard
from workflows.model.messages import Phrase

RANKS = {
    Phase.DRAFT: 0,
    Phase.SUBMITTED: 1,
    Phase.APPROVED: 2,
    Phase.AUTO_APPROVED: 2,
    Phase.IN_IMPLEMENTATION: 3,
}


def compare_transitions(old: Definition, new: Definition) -> Iterator[Change]:
    """Transitions that are added, removed, changed, or only stand in another order."""
    before, after = ({row.id: row for row in version.transitions} for version in (old, new))
    for number, row in enumerate(old.transitions):
        if row.id not in after:
            yield Change("diff.row_removed", ("transitions", number), _names(old, row), Severity.BREAKING)
    comparison = GuardComparison(old, new)
    for number, row in enumerate(new.transitions):
        if row.id in before:
            yield from _changed(old, new, ("transitions", number), before[row.id], row, comparison)
        else:
            grave = severity_if(leads_back(new, row))
            yield Change("diff.row_added", ("transitions", number), _names(new, row), grave)
    kept = [
        [row.id for row in version.transitions if row.id in before and row.id in after]
        for version in (old, new)
    ]
    if kept[0] != kept[1]:
        yield Change("diff.order", ("transitions",))


def leads_back(version: Definition, row: Transition) -> bool:
    """By itself into an earlier phase: a plan loses what it had reached, and nobody decided."""
    ranks = {state.name: RANKS[state.phase] for state in version.states}
    return row.is_automatic and any(
        ranks.get(row.to_state, 0) < ranks.get(name, 0) for name in row.from_states
    )


def _changed(
    old_version: Definition,
    new_version: Definition,
    path: Path,
    old: Transition,
    new: Transition,
    comparison: GuardComparison,
) -> Iterator[Change]:
    named = {"name": new.id, "label": new.label}
    yield from compare_labels(path, new.id, old.label, new.label)
    if old.trigger != new.trigger:
        names = {**named, "old": old.trigger, "new": new.trigger}
        yield Change("diff.row_trigger", (*path, "trigger"), names, Severity.BREAKING)
    if set(old.from_states) != set(new.from_states):
        sources = {"old": _labels(old_version, old.from_states), "new": _labels(new_version, new.from_states)}
        less = bool(set(old.from_states) - set(new.from_states))
        yield Change("diff.row_from", (*path, "from"), {**named, **sources}, severity_if(less))
    if old.to_state != new.to_state:
        names = {
            **named,
            "old": _labels(old_version, (old.to_state,)),
            "new": _labels(new_version, (new.to_state,)),
        }
        yield Change("diff.row_to", (*path, "to"), names, Severity.BREAKING)
    if old.authority != new.authority:
        names = {
            **named,
            "old": Phrase(f"who.{old.authority.role}"),
            "new": Phrase(f"who.{new.authority.role}"),
        }
        yield Change("diff.row_by", (*path, "by"), names, Severity.BREAKING)
    if set(old.require) != set(new.require):
        names = {**named, "old": sorted(old.require) or "–", "new": sorted(new.require) or "–"}
        yield Change(
            "diff.row_require",
            (*path, "require"),
            names,
            severity_if(bool(set(new.require) - set(old.require))),
        )
    if canonical_text(*old.effects) != canonical_text(*new.effects):
        effects = {
            "old": [*map(format_guard, old.effects)] or "–",
            "new": [*map(format_guard, new.effects)] or "–",
        }
        less = not {*map(canonical_text, old.effects)} <= {*map(canonical_text, new.effects)}
        yield Change("diff.row_effects", (*path, "effects"), {**named, **effects}, severity_if(less))
    if old.exceptional is not new.exceptional:
        code = "diff.row_exceptional" if new.exceptional else "diff.row_normal"
        yield Change(code, (*path, "exceptional"), named, severity_if(new.exceptional))
    refused, admitted = comparison.find_difference(old, new), comparison.find_difference(new, old)
    stricter, looser = (
        severity_if(refused is not None),
        severity_if(admitted is not None and leads_back(new_version, new)),
    )
    when: Path = (*path, "when")
    yield from compare_guards(old_version, new_version, when, new.label, old.when, new.when, stricter, looser)
    if refused and refused.facts:
        yield Change("diff.stricter", when, {"what": new.label, "facts": refused.facts}, stricter)
    if admitted and admitted.facts:
        yield Change("diff.looser", when, {"what": new.label, "facts": admitted.facts}, looser)
    yield from compare_guards(
        old_version, new_version, (*path, "warn"), new.label, old.warn, new.warn, verb="warns"
    )


def _names(version: Definition, row: Transition) -> dict[str, object]:
    return {
        "name": row.id,
        "label": row.label,
        "source": _labels(version, row.from_states),
        "to": _labels(version, (row.to_state,)),
        "who": Phrase(f"who.{row.authority.role}"),
    }


def _labels(version: Definition, names: tuple[str, ...]) -> tuple[Label | str, ...]:
    known = {state.name: state.label for state in version.states}
    return tuple(known.get(name, name) for name in names)
