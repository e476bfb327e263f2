"""Changes of transitions, which are matched by their ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workflows.diff.changes import Change, canonical_text, compare_guards, compare_labels
from workflows.diff.guard_comparison import GuardComparison
from workflows.model.definition import PHASE_RANKS, Call, Definition, Label, Path, Transition, format_guard
from workflows.model.messages import Phrase


def compare_transitions(old: Definition, new: Definition) -> Iterator[Change]:
    """Yield the transitions that were added, removed, changed or put in another order."""
    versions = old, new
    before, after = (
        {transition.id: transition for transition in version.transitions} for version in versions
    )
    for number, transition in enumerate(old.transitions):
        if transition.id not in after:
            path: Path = ("transitions", number)
            yield Change("diff.row_removed", path, _describe(old, transition), is_breaking=True)
    comparison = GuardComparison(old, new)
    for number, transition in enumerate(new.transitions):
        path = ("transitions", number)
        if transition.id in before:
            yield from _compare(versions, path, before[transition.id], transition, comparison)
        else:
            yield Change("diff.row_added", path, _describe(new, transition), leads_back(new, transition))
    common = before.keys() & after.keys()
    orders = [
        [transition.id for transition in version.transitions if transition.id in common]
        for version in versions
    ]
    if orders[0] != orders[1]:
        yield Change("diff.order", ("transitions",))


def leads_back(version: Definition, transition: Transition) -> bool:
    """Return whether the transition takes plans to an earlier phase without anybody's decision."""
    ranks = {state.name: PHASE_RANKS[state.phase] for state in version.states}
    target = ranks.get(transition.to_state, 0)
    return transition.is_automatic and any(target < ranks.get(name, 0) for name in transition.from_states)


def _compare(
    versions: tuple[Definition, Definition],
    path: Path,
    old: Transition,
    new: Transition,
    comparison: GuardComparison,
) -> Iterator[Change]:
    yield from compare_labels(path, new.id, old.label, new.label)
    yield from _compare_keys(*versions, path, old, new)
    when: Path = (*path, "when")
    stricter, looser = comparison.find_difference(old, new), comparison.find_difference(new, old)
    required = {mutation.trigger: mutation.requires for mutation in versions[0].contract.mutations}
    drops_required = any(
        comparison.find_difference(new, replace(old, when=Call(name)))
        for name in required.get(old.trigger, ())
    )
    looser_is_breaking = looser is not None and (drops_required or leads_back(versions[1], new))
    yield from compare_guards(
        versions,
        when,
        new.label,
        old.when,
        new.when,
        stricter_is_breaking=stricter is not None,
        looser_is_breaking=looser_is_breaking,
    )
    if stricter and stricter.facts:
        yield Change("diff.stricter", when, {"what": new.label, "facts": stricter.facts}, is_breaking=True)
    if looser and looser.facts:
        yield Change("diff.looser", when, {"what": new.label, "facts": looser.facts}, looser_is_breaking)
    yield from compare_guards(versions, (*path, "warn"), new.label, old.warn, new.warn, code="diff.warns")


def _compare_keys(
    old_version: Definition, new_version: Definition, path: Path, old: Transition, new: Transition
) -> Iterator[Change]:
    names = {"name": new.id, "label": new.label}

    def change(key: str, before: object, after: object, is_breaking: bool = True) -> Change:
        params = {**names, "old": before, "new": after}
        return Change(f"diff.row_{key}", (*path, key), params, is_breaking)

    if old.trigger != new.trigger:
        yield change("trigger", old.trigger, new.trigger)
    if different := set(old.from_states) ^ set(new.from_states):
        before, after = _labels(old_version, old.from_states), _labels(new_version, new.from_states)
        yield change("from", before, after, not different.isdisjoint(old.from_states))
    if old.to_state != new.to_state:
        yield change("to", _labels(old_version, (old.to_state,)), _labels(new_version, (new.to_state,)))
    if old.authority != new.authority:
        yield change("by", _role(old), _role(new))
    if different := set(old.require) ^ set(new.require):
        required_more = not different.isdisjoint(new.require)
        yield change("require", sorted(old.require) or "–", sorted(new.require) or "–", required_more)
    if canonical_text(*old.effects) != canonical_text(*new.effects):
        loses_effect = not {*map(canonical_text, old.effects)} <= {*map(canonical_text, new.effects)}
        yield change("effects", _effects(old), _effects(new), loses_effect)
    if old.exceptional is not new.exceptional:
        code = "diff.row_exceptional" if new.exceptional else "diff.row_normal"
        yield Change(code, (*path, "exceptional"), names, is_breaking=new.exceptional)


def _role(transition: Transition) -> Phrase:
    return Phrase(f"who.{transition.authority.role}")


def _effects(transition: Transition) -> list[str] | str:
    return [*map(format_guard, transition.effects)] or "–"


def _describe(version: Definition, transition: Transition) -> dict[str, object]:
    return {
        "name": transition.id,
        "label": transition.label,
        "source": _labels(version, transition.from_states),
        "to": _labels(version, (transition.to_state,)),
        "who": _role(transition),
    }


def _labels(version: Definition, names: tuple[str, ...]) -> tuple[Label | str, ...]:
    labels = {state.name: state.label for state in version.states}
    return tuple(labels.get(name, name) for name in names)
