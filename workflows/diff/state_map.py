"""Maps of states, by which active plans move to another version.

A plan moves to the state of the same name, or to the one that the map gives. A migration is not a decision: it never
takes a plan to a later phase (`is_advance`), and to an earlier one only if the map says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflows.model.definition import PHASE_RANKS, Definition, Phase
from workflows.model.facts import Refusal
from workflows.model.findings import Finding


def check_state_map(old: Definition, new: Definition, pairs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    """Yield what is wrong with a map from states of `old` to states of `new`; paths are `(pair number, end)`."""
    if old.name != new.name:
        yield Finding("map.other_workflow", (), {"old": old.name, "new": new.name})
    before, after = ({state.name: state for state in version.states} for version in (old, new))
    for number, (source, target) in enumerate(pairs):
        if source not in before:
            yield Finding(
                "map.from_unknown", (number, "from_state"), {"state": source, "known": tuple(before)}
            )
        if target not in after:
            yield Finding("map.to_unknown", (number, "to_state"), {"state": target, "known": tuple(after)})
        if source in [former for former, _ in pairs[:number]]:
            yield Finding("map.twice", (number, "from_state"), {"state": source})
        if source in before and target in after and is_advance(before[source].phase, after[target].phase):
            names = {"old": before[source].label, "new": after[target].label}
            yield Finding("map.onward", (number, "to_state"), names)


def is_advance(old: Phase, new: Phase) -> bool:
    """Return whether `new` is a later phase, which only a decision may reach."""
    return PHASE_RANKS[new] > PHASE_RANKS[old]


def map_state(old: Definition, new: Definition, state_map: Mapping[str, str], state: str) -> str | Refusal:
    """Return the state of `new` for a plan in a state of `old`, or why it cannot move. The map must be checked."""
    if state in state_map:
        return state_map[state]
    before, after = (
        next((candidate for candidate in version.states if candidate.name == state), None)
        for version in (old, new)
    )
    if before is None or after is None:
        return Refusal("moving.state_gone", {"state": before.label if before else state})
    if before.phase is not after.phase:
        names = {"state": before.label, "old": before.phase.value, "new": after.phase.value}
        return Refusal("moving.phase_changes", names)
    return state
