"""Changes of states: which there are, their phase, whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.changes import Change, Gravity, worse
from workflows.definition import Definition, State
from workflows.diff_words import label_changes, written
from workflows.trees import Path, spelled


def states(old: Definition, new: Definition) -> Iterator[Change]:
    """States that are added, removed or changed."""
    before, after = ({state.name: state for state in version.states} for version in (old, new))
    for name, state in before.items():
        if name not in after:
            names = {"name": name, "label": state.label}
            yield Change("diff.state_removed", ("states", name), names, Gravity.BREAKING)
    for name, state in after.items():
        if name in before:
            yield from _changed(before[name], state)
        else:
            names = {"name": name, "label": state.label, "phase": state.phase}
            yield Change("diff.state_added", ("states", name), names)


def _changed(old: State, new: State) -> Iterator[Change]:
    path: Path = ("states", new.name)
    name = {"name": new.name}
    yield from label_changes(path, new.name, old.label, new.label)
    if old.phase is not new.phase:
        names = {**name, "old": old.phase, "new": new.phase}
        yield Change("diff.state_phase", (*path, "phase"), names, Gravity.BREAKING)
    if old.initial is not new.initial:
        yield Change("diff.state_initial" if new.initial else "diff.state_not_initial", path, name)
    if old.final is not new.final:
        code = "diff.state_final" if new.final else "diff.state_not_final"
        yield Change(code, path, name, worse(not new.final))
    if _rules(old) != _rules(new):
        yield Change("diff.state_turn", (*path, "turn"), {**name, "old": _turn(old), "new": _turn(new)})


def _rules(state: State) -> list[tuple[str, str]]:
    return [(rule.who, written(rule.when)) for rule in state.turn]


def _turn(state: State) -> str:
    rules = (rule.who if rule.when is None else f"{rule.who} ({spelled(rule.when)})" for rule in state.turn)
    return ", ".join(rules)
