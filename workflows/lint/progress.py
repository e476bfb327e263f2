"""Proofs about decisions: nobody is approved without one, by the superior or by a rule of the system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.engine.authority import AUTHORITIES
from workflows.model.definition import Definition, Guard, Not, Path, Phase, Transition, Turn, all_of
from workflows.model.facts import HeadKind
from workflows.model.findings import Finding, Witness
from workflows.proof.domains import HEAD_VALUES
from workflows.proof.progress import DECIDING_HEADS, Edge
from workflows.proof.proof import Proof
from workflows.proof.solver import Assignment
from workflows.proof.state_graph import Situation

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


def check_decided_phases(proof: Proof) -> Iterator[Finding]:
    """What was not handed in is not approved, what was not approved is not begun, and owners approve nothing."""
    phases = {state.name: state.phase for state in proof.definition.states}
    for number, row in enumerate(proof.definition.transitions):
        into, path = phases[row.to_state], ("transitions", number)
        if into not in ROLES:
            continue
        sources = [name for name in row.from_states if phases[name] is not into]
        if sources and row.authority.role not in ROLES[into]:
            names = {
                "id": row.id,
                "role": row.authority.role,
                "phase": into,
                "allowed": tuple(sorted(ROLES[into])),
            }
            yield Finding("lint.not_theirs", path, names, witness=_shown(proof, row, sources[0]))
        for name in sources:
            if phases[name] not in SOURCES[into]:
                names = {"id": row.id, "state": name, "phase": into, "allowed": tuple(sorted(SOURCES[into]))}
                yield Finding("lint.undecided", path, names, witness=_shown(proof, row, name))


def _shown(proof: Proof, row: Transition, state: str) -> Witness:
    guard = all_of(AUTHORITIES[row.authority].guard, row.when)
    return proof.find_witness(row, state, guard) or Witness(state=state, transitions=(row.id,))


def check_initial_state(definition: Definition) -> Iterator[Finding]:
    """Exactly one state is initial, and its phase is `draft`: a new plan is there to be written."""
    initial = [state for state in definition.states if state.initial]
    if len(initial) != 1:
        names = tuple(state.name for state in initial)
        yield Finding("lint.initial_count", ("states",), {"count": len(initial), "names": names or "-"})
    for state in initial:
        if state.phase is not Phase.DRAFT:
            yield Finding("lint.initial_phase", ("states", state.name, "phase"), {"name": state.name})


def check_final_states(definition: Definition) -> Iterator[Finding]:
    """Some state in implementation is final, none in which the owner still edits; and what is final stays so."""
    if not _ends(definition):
        yield Finding("lint.no_final", ("states",))
    for state in definition.states:
        if state.final and state.phase is Phase.DRAFT:
            yield Finding("lint.final_draft", ("states", state.name), {"name": state.name})
    final = {state.name for state in definition.states if state.final}
    for number, row in enumerate(definition.transitions):
        if not row.exceptional and final & set(row.from_states) - {row.to_state}:
            yield Finding("lint.final_left", ("transitions", number), {"id": row.id})


def check_reachable_states(proof: Proof) -> Iterator[Finding]:
    """A new plan can come into every state, under some facts."""
    for state in proof.definition.states:
        if state.name not in proof.graph.state_arrivals:
            rows = tuple(row.id for row in proof.definition.transitions if row.to_state == state.name)
            shown = Witness(state=state.name, transitions=rows)
            yield Finding("lint.unreachable", ("states", state.name), {"name": state.name}, witness=shown)


def check_final_reachable(proof: Proof) -> Iterator[Finding]:
    """Whatever the facts, rows lead on from a state and to the end, without exceptional ones."""
    definition = proof.definition
    normal = [(row, source) for row, source in _edges(definition) if not row.exceptional]
    leaving = {source for row, source in normal if row.to_state != source}
    reaching = _closure(_ends(definition), ((row.to_state, source) for row, source in normal))
    for state in definition.states:
        if state.final or state.name in reaching:
            continue
        code = "lint.no_way_to_final" if state.name in leaving else "lint.dead_end"
        rows = tuple(row.id for row, source in normal if source == state.name)
        shown = Witness(proof.trace_to_state(state.name), state.name, transitions=rows)
        yield Finding(code, ("states", state.name), {"name": state.name}, witness=shown)


def _ends(definition: Definition) -> set[str]:
    return {
        state.name for state in definition.states if state.final and state.phase is Phase.IN_IMPLEMENTATION
    }


def _edges(definition: Definition) -> Iterator[tuple[Transition, str]]:
    return ((row, source) for row in definition.transitions for source in row.from_states)


def _closure(starts: Iterable[str], pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Every state that the pairs (from, to) lead to, the starts included."""
    ways = tuple(pairs)
    reached = set(starts)
    frontier = list(reached)
    while frontier:
        here = frontier.pop()
        further = {to for source, to in ways if source == here} - reached
        reached |= further
        frontier.extend(further)
    return reached


PHASES = tuple(Phase)
UNNAMED = ("lint.unnamed_vacant", "lint.unnamed_own")
STUCK = {HeadKind.DEFINITIF: "lint.stuck_definitif", HeadKind.PLT: "lint.stuck_plt"}


def check_stuck_plans(proof: Proof) -> Iterator[Finding]:
    """Each mistake once for a kind of head, under the first circumstances that show it."""
    told: set[tuple[str, str]] = set()
    stuck: set[Path] = set()  # for whom a plan waits there is no question any more
    for circumstance in proof.progress.circumstances():
        reaching, edges = proof.progress.explore(circumstance)
        for finding in _under(proof, circumstance, reaching, edges):
            if (finding.code, finding.place) in told or (finding.code in UNNAMED and finding.path in stuck):
                continue
            told.add((finding.code, finding.place))
            stuck |= {finding.path} if finding.code in STUCK.values() else set()
            yield finding


def _under(
    proof: Proof, circumstance: Assignment, reaching: set[Situation], edges: list[Edge]
) -> Iterator[Finding]:
    left = {edge.source for edge in edges}
    states = {state.name: state for state in proof.definition.states}
    stuck = [here for here in proof.graph.arrivals if here not in reaching and not states[here.state].final]
    still = [here for here in stuck if here not in left]
    head = HEAD_VALUES[circumstance["head"]]
    if circumstance["head"] in DECIDING_HEADS:
        # Where plans run in a circle, the place that is furthest on is the one to mend.
        for here in still or sorted(stuck, key=lambda at: PHASES.index(states[at.state].phase))[-1:]:
            yield _finding(proof, STUCK[head.kind], here, circumstance)
    else:
        for here in still:
            known = _misled(proof, here, circumstance, vacant=head.ptk_id is None)
            if known is not None:
                code = UNNAMED[head.ptk_id is not None]
                yield _finding(proof, code, here, known)
    if circumstance["head"] in DECIDING_HEADS or head.ptk_id is None:
        for here in _shut_in(proof, edges):
            yield _finding(proof, "lint.draft_exit", here, circumstance)


def _misled(proof: Proof, here: Situation, circumstance: Assignment, vacant: bool) -> Assignment | None:
    """Facts under which such a plan waits for the dinas, and the turn names somebody else."""
    settled = proof.progress.known_values(here, circumstance)
    before: list[Guard] = []
    for rule in proof.definition.state(here.state).turn:
        # Under a vacant head the engine itself puts the dinas in the head's place.
        if rule.turn is not Turn.DINAS and not (vacant and rule.turn is Turn.HEAD):
            found = proof.solver.solve(all_of(rule.when, *before), settled)
            if found is not None:
                return found
        if rule.when:
            before.append(Not(rule.when))
    return None


def _shut_in(proof: Proof, edges: list[Edge]) -> Iterator[Situation]:
    """Drafts that their owner cannot hand in, in one step or in several."""
    drafts = proof.graph.draft_states
    own: Mapping[Situation, set[Situation]] = {here: set() for here in proof.graph.arrivals}
    for edge in edges:
        if edge.transition.authority.relation == "owner" and edge.source in own:
            own[edge.source].add(edge.target)
    out = {here for here, targets in own.items() if any(to.state not in drafts for to in targets)}
    while more := {here for here, targets in own.items() if here.state in drafts and targets & out} - out:
        out |= more
    return (here for here in own if here.state in drafts and here not in out)


def _finding(proof: Proof, code: str, here: Situation, known: Assignment) -> Finding:
    witness: Witness = proof.stuck_witness(here, {**proof.progress.known_values(here, known), **known})
    return Finding(code, ("states", here.state), {"name": here.state}, witness=witness)
