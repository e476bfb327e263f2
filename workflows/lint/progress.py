"""Prove that only a decision approves a plan, and that no plan is stuck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.engine.authority import AUTHORITIES
from workflows.model.definition import (
    ALWAYS,
    PHASE_RANKS,
    AllOf,
    AnyOf,
    Call,
    Guard,
    Not,
    Path,
    Phase,
    Transition,
    Turn,
    all_of,
)
from workflows.model.facts import HeadKind
from workflows.model.findings import Finding, Witness
from workflows.proof.domains import HEAD_VALUES, OWNER
from workflows.proof.progress import Edge, find_reaching
from workflows.proof.proof import Proof
from workflows.proof.solver import Assignment, dependencies
from workflows.proof.state_graph import Situation

# The roles that may take a plan into a phase, and the phases it may come from. Within a phase plans move freely.
ROLES: Mapping[Phase, frozenset[str]] = {
    Phase.APPROVED: frozenset({"superior", "dinas", "system"}),
    Phase.AUTO_APPROVED: frozenset({"system"}),
    Phase.IN_IMPLEMENTATION: frozenset({"teacher", "superior", "dinas", "admin", "system"}),
}
SOURCES: Mapping[Phase, frozenset[Phase]] = {
    Phase.APPROVED: frozenset({Phase.SUBMITTED, Phase.AUTO_APPROVED}),
    Phase.AUTO_APPROVED: frozenset({Phase.SUBMITTED}),
    Phase.IN_IMPLEMENTATION: frozenset({Phase.APPROVED, Phase.AUTO_APPROVED}),
}


def check_decided_phases(proof: Proof) -> Iterator[Finding]:
    """Check that only submitted plans are approved, only approved ones begin, and no owner approves."""
    phases = {state.name: state.phase for state in proof.definition.states}
    for number, transition in enumerate(proof.definition.transitions):
        phase, role, path = phases[transition.to_state], transition.authority.role, ("transitions", number)
        if phase not in ROLES:
            continue
        sources = [name for name in transition.from_states if phases[name] is not phase]
        if sources and role not in ROLES[phase]:
            names = {
                "id": transition.id,
                "role": role,
                "phase": phase,
                "allowed": tuple(sorted(ROLES[phase])),
            }
            yield Finding(
                "lint.wrong_role", path, names, witness=_firing_witness(proof, transition, sources[0])
            )
        for name in sources:
            if phases[name] not in SOURCES[phase]:
                allowed = tuple(sorted(SOURCES[phase]))
                names = {"id": transition.id, "state": name, "phase": phase, "allowed": allowed}
                yield Finding("lint.undecided", path, names, witness=_firing_witness(proof, transition, name))


def _firing_witness(proof: Proof, transition: Transition, state: str) -> Witness:
    guard = all_of(AUTHORITIES[transition.authority].guard, transition.when)
    return proof.find_witness(transition, state, guard) or Witness(state=state, transitions=(transition.id,))


NO_HEAD: Assignment = {"head": next(i for i, head in enumerate(HEAD_VALUES) if head.ptk_id is None)}
NOT_CONFIRMED: Assignment = {"plt_confirmed": 0}


def check_own_decisions(proof: Proof) -> Iterator[Finding]:
    """Check that no owner decides on the own plan: as its teacher, or by being the head or by confirming as Plt.

    Authorities exclude the owner from every other transition.
    """
    phases = {state.name: state.phase for state in proof.definition.states}
    for number, transition in enumerate(proof.definition.transitions):
        if transition.authority.role not in {"teacher", "system"}:
            continue
        target = phases[transition.to_state]
        for name in transition.from_states:
            for guard in _list_own_decisions(proof, transition, phases[name], target):
                if witness := proof.find_witness(transition, name, guard):
                    path: Path = ("transitions", number)
                    yield Finding("lint.own_decision", path, {"id": transition.id}, witness=witness)
                    break


def _list_own_decisions(
    proof: Proof, transition: Transition, source: Phase, target: Phase
) -> Iterator[Guard]:
    """Yield when the owner decides: the transition undoes a decision, or needs the owner's headship or confirmation."""
    guard = all_of(AUTHORITIES[transition.authority].guard, transition.when)
    if transition.authority.role == "teacher" and PHASE_RANKS[target] < PHASE_RANKS[source] > 1:
        yield guard
    if source is target or target not in ROLES:
        return
    without = [NOT_CONFIRMED] if target is Phase.IN_IMPLEMENTATION else [NO_HEAD, NOT_CONFIRMED]
    for facts in without:
        yield all_of(Call("head_is_owner"), guard, Not(_settle(proof, guard, facts)))


def _settle(proof: Proof, guard: Guard, facts: Assignment) -> Guard:
    """Replace the conditions that depend on these facts alone by their values."""
    if isinstance(guard, Call):
        if not {*dependencies(guard)} or not facts.keys() >= {*dependencies(guard)}:
            return guard
        return AnyOf(()) if proof.solver.solve(guard, facts) is None else ALWAYS
    if isinstance(guard, Not):
        return Not(_settle(proof, guard.part, facts))
    parts = tuple(_settle(proof, part, facts) for part in guard.parts)
    return AllOf(parts) if isinstance(guard, AllOf) else AnyOf(parts)


def check_reachable_states(proof: Proof) -> Iterator[Finding]:
    """Check that plans can reach every state under some facts."""
    for state in proof.definition.states:
        if state.name not in proof.graph.state_arrivals:
            incoming = (
                transition.id
                for transition in proof.definition.transitions
                if transition.to_state == state.name
            )
            witness = Witness(state=state.name, transitions=tuple(incoming))
            yield Finding("lint.unreachable", ("states", state.name), {"name": state.name}, witness=witness)


def check_final_reachable(proof: Proof) -> Iterator[Finding]:
    """Check that normal transitions lead from every state to a final one, without regard to guards."""
    normal = [
        (state, transition)
        for state, transitions in proof.graph.outgoing.items()
        for transition in transitions
        if not transition.exceptional
    ]
    edges = [(state, transition.to_state) for state, transition in normal]
    reaching = find_reaching(proof.progress.final_states, edges)
    for state in proof.definition.states:
        name = state.name
        if state.final or name in reaching:
            continue
        leaves = any(source == name != target for source, target in edges)
        code = "lint.no_way_to_final" if leaves else "lint.dead_end"
        ids = tuple(transition.id for source, transition in normal if source == name)
        witness = Witness(proof.trace_to_state(name), name, transitions=ids)
        yield Finding(code, ("states", name), {"name": name}, witness=witness)


WRONG_TURN = {True: "lint.turn_vacant", False: "lint.turn_own_plan"}  # by whether the school has no head
STUCK = {HeadKind.DEFINITIF: "lint.stuck_definitif", HeadKind.PLT: "lint.stuck_plt"}
STUCK_OWN_PLAN = "lint.stuck_own_plan"


def check_stuck_plans(proof: Proof) -> Iterator[Finding]:
    """Check that plans reach a final state, or wait for a head, and that the turn names the dinas if it has to act.

    Yields each mistake once, under the first circumstance that shows it.
    """
    reported_places: set[tuple[str, Path]] = set()
    stuck: set[Path] = set()
    for circumstance in proof.progress.circumstances():
        reaching, edges = proof.progress.explore(circumstance, proof.graph.arrivals)
        for finding in _check_circumstance(proof, circumstance, reaching, edges):
            is_wrong_turn = finding.code in WRONG_TURN.values()
            if (finding.code, finding.path) in reported_places or (is_wrong_turn and finding.path in stuck):
                continue
            reported_places.add((finding.code, finding.path))
            if finding.code in (*STUCK.values(), STUCK_OWN_PLAN):
                stuck.add(finding.path)
            yield finding


def _check_circumstance(
    proof: Proof, circumstance: Assignment, reaching: set[Situation], edges: list[Edge]
) -> Iterator[Finding]:
    states = {state.name: state for state in proof.definition.states}
    stuck = [
        situation
        for situation in proof.graph.arrivals
        if situation not in reaching and not states[situation.state].final
    ]
    immobile, latest = _select(proof, stuck, edges)
    head = HEAD_VALUES[circumstance["head"]]
    is_vacant, is_own = head.ptk_id is None, head.ptk_id == OWNER
    if not is_vacant:
        for situation in immobile or latest:
            yield _stuck_finding(
                proof, STUCK_OWN_PLAN if is_own else STUCK[head.kind], situation, circumstance
            )
    if is_vacant or is_own:
        for situation in immobile if is_vacant else _find_waiting_for_dinas(proof, edges):
            assignment = _find_wrong_turn(proof, situation, circumstance, is_vacant)
            if assignment is not None:
                yield _stuck_finding(proof, WRONG_TURN[is_vacant], situation, assignment)
    for situation in _find_unsubmittable_drafts(proof, edges):
        yield _stuck_finding(proof, "lint.draft_exit", situation, circumstance)


def _find_waiting_for_dinas(proof: Proof, edges: list[Edge]) -> Iterator[Situation]:
    """Yield the situations that only the dinas can take a plan out of."""
    for situation in proof.graph.arrivals:
        roles = {edge.transition.authority.role for edge in edges if edge.source == situation}
        if roles == {"dinas"}:
            yield situation


def _select(
    proof: Proof, stuck: list[Situation], edges: list[Edge]
) -> tuple[list[Situation], list[Situation]]:
    """Return the stuck situations that no transition leaves, and the one of the latest phase, for plans in a circle."""
    sources = {edge.source for edge in edges}
    phases = [(proof.definition.state(one.state).phase, one) for one in stuck]
    latest = sorted(phases, key=lambda pair: tuple(Phase).index(pair[0]))[-1:]
    return [one for one in stuck if one not in sources], [one for _, one in latest]


def check_late_plans(proof: Proof) -> Iterator[Finding]:
    """Check that plans reach a final state after the last date of the period, once somebody can decide.

    Yields each state once. A draft that was never submitted is not meant: its owner had the whole window.
    """
    reported: set[str] = set()
    final = {state.name for state in proof.definition.states if state.final}
    arrivals = proof.graph.late_arrivals
    for circumstance in proof.progress.circumstances():
        if HEAD_VALUES[circumstance["head"]].ptk_id is None:
            continue
        late = {**circumstance, **proof.graph.past_dates}
        reaching, edges = proof.progress.explore(late, arrivals)
        stuck = [one for one in arrivals if one not in reaching and one.state not in final]
        immobile, latest = _select(proof, stuck, edges)
        for situation in immobile or latest:
            if situation.state not in reported:
                reported.add(situation.state)
                yield _stuck_finding(proof, "lint.stuck_late", situation, late)


def _find_wrong_turn(
    proof: Proof, situation: Situation, circumstance: Assignment, is_vacant: bool
) -> Assignment | None:
    """Return facts under which a plan that waits for the dinas names another party as its turn."""
    partial = proof.progress.known_values(situation, circumstance)
    earlier: list[Guard] = []
    for rule in proof.definition.state(situation.state).turn:
        # For a vacant head the engine itself names the dinas.
        if rule.turn is not Turn.DINAS and not (is_vacant and rule.turn is Turn.HEAD):
            assignment = proof.solver.solve(all_of(rule.when, *earlier), partial)
            if assignment is not None:
                return assignment
        if rule.when:
            earlier.append(Not(rule.when))
    return None


def _find_unsubmittable_drafts(proof: Proof, edges: list[Edge]) -> Iterator[Situation]:
    """Yield the drafts that their owner cannot submit, in one step or in several."""
    drafts = [situation for situation in proof.graph.arrivals if situation.state in proof.graph.draft_states]
    owner_edges = [
        (edge.source, edge.target) for edge in edges if edge.transition.authority.relation == "owner"
    ]
    submitted = {target for _, target in owner_edges if target.state not in proof.graph.draft_states}
    inner_edges = [(source, target) for source, target in owner_edges if source in drafts]
    submittable = find_reaching(submitted, inner_edges)
    return (situation for situation in drafts if situation not in submittable)


def _stuck_finding(proof: Proof, code: str, situation: Situation, assignment: Assignment) -> Finding:
    complete = {**proof.progress.known_values(situation, assignment), **assignment}
    path, names = ("states", situation.state), {"name": situation.state}
    return Finding(code, path, names, witness=proof.stuck_witness(situation, complete))
