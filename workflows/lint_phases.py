"""Proofs about decisions: nobody is approved without one, by the superior or by a rule of the system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition import Phase, Transition
from workflows.findings import Finding
from workflows.people import WHO
from workflows.proof.proof import Proof
from workflows.trees import both
from workflows.witness import Witness

# Into a phase: who may lead there, and out of which phases. Within a phase a plan moves freely.
ROLES: Mapping[Phase, frozenset[str]] = {
    Phase.APPROVED: frozenset({"superior", "system"}),
    Phase.AUTO_APPROVED: frozenset({"system"}),
    Phase.IN_IMPLEMENTATION: frozenset({"teacher", "superior", "admin", "system"}),
}
SOURCES: Mapping[Phase, frozenset[Phase]] = {
    Phase.APPROVED: frozenset({Phase.SUBMITTED, Phase.AUTO_APPROVED}),
    Phase.AUTO_APPROVED: frozenset({Phase.SUBMITTED}),
    Phase.IN_IMPLEMENTATION: frozenset({Phase.APPROVED, Phase.AUTO_APPROVED}),
}


def approval_is_decided(proof: Proof) -> Iterator[Finding]:
    """What was not handed in is not approved, what was not approved is not begun, and owners approve nothing."""
    phases = {state.name: state.phase for state in proof.definition.states}
    for number, row in enumerate(proof.definition.transitions):
        into, path = phases[row.to_state], ("transitions", number)
        if into not in ROLES:
            continue
        sources = [name for name in row.from_states if phases[name] is not into]
        if sources and row.by.role not in ROLES[into]:
            names = {"id": row.id, "role": row.by.role, "phase": into, "allowed": tuple(sorted(ROLES[into]))}
            yield Finding("lint.not_theirs", path, names, witness=_shown(proof, row, sources[0]))
        for name in sources:
            if phases[name] not in SOURCES[into]:
                names = {"id": row.id, "state": name, "phase": into, "allowed": tuple(sorted(SOURCES[into]))}
                yield Finding("lint.undecided", path, names, witness=_shown(proof, row, name))


def _shown(proof: Proof, row: Transition, state: str) -> Witness:
    guard = both(WHO[row.by].needs, row.when)
    return proof.firing(row, state, guard) or Witness(state=state, rows=(row.id,))
