"""Where a plan comes to stand under another version: in the state of the same name, or where a map of states says.

A migration is no decision about a plan. It takes none onward (`onward`): nobody is submitted, approved or begun by it.
Into another phase it takes a plan only where the map says so in so many words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflows.model.definition import Definition, Phase
from workflows.model.facts import Refusal
from workflows.model.findings import Finding

# Approved by a person or by the system: equally far, and so they may be mapped to each other.
FAR: Mapping[Phase, int] = {
    Phase.DRAFT: 0,
    Phase.SUBMITTED: 1,
    Phase.APPROVED: 2,
    Phase.AUTO_APPROVED: 2,
    Phase.IN_IMPLEMENTATION: 3,
}


def check_state_map(old: Definition, new: Definition, pairs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Everything wrong with a map from states of `old` to states of `new`; paths are `(number of the pair, end)`."""
    if old.name != new.name:
        yield Finding("map.other_workflow", (), {"old": old.name, "new": new.name})
    before, after = ({state.name: state for state in version.states} for version in (old, new))
    for number, (first, second) in enumerate(pairs):
        if first not in before:
            yield Finding("map.from_unknown", (number, "from"), {"state": first, "known": tuple(before)})
        if second not in after:
            yield Finding("map.to_unknown", (number, "to"), {"state": second, "known": tuple(after)})
        if first in [other for other, _ in pairs[:number]]:
            yield Finding("map.twice", (number, "from"), {"state": first})
        if first in before and second in after and is_advance(before[first].phase, after[second].phase):
            names = {"old": before[first].label, "new": after[second].label}
            yield Finding("map.onward", (number, "to"), names)


def is_advance(old: Phase, new: Phase) -> bool:
    """Whether this is a step that people or the rules of a workflow decide, never a migration."""
    return FAR[new] > FAR[old]


def map_state(old: Definition, new: Definition, mapped: Mapping[str, str], state: str) -> str | Refusal:
    """The state of `new` that a plan in a state of `old` gets, or why it cannot move. The map was found faultless."""
    if state in mapped:
        return mapped[state]
    before, after = ({one.name: one for one in version.states}.get(state) for version in (old, new))
    if before is None or after is None:
        return Refusal("moving.state_gone", {"state": before.label if before else state})
    if before.phase is not after.phase:
        names = {"state": before.label, "old": before.phase.value, "new": after.phase.value}
        return Refusal("moving.phase_changes", names)
    return state
