"""Proofs about getting on: under every kind of head and every switch, each plan reaches implementation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.definition import Phase, Turn
from workflows.facts import HeadKind
from workflows.findings import Finding
from workflows.proof.paths import Situation
from workflows.proof.progress import LED, Edge
from workflows.proof.proof import Proof
from workflows.proof.solver import Assignment
from workflows.proof.variables import HEADS
from workflows.trees import Guard, Not, Path, both
from workflows.witness import Witness

PHASES = tuple(Phase)
UNNAMED = ("lint.unnamed_vacant", "lint.unnamed_own")
STUCK = {HeadKind.DEFINITIF: "lint.stuck_definitif", HeadKind.PLT: "lint.stuck_plt"}


def everybody_gets_on(proof: Proof) -> Iterator[Finding]:
    """Each mistake once for a kind of head, under the first circumstances that show it."""
    told: set[tuple[str, str]] = set()
    stuck: set[Path] = set()  # for whom a plan waits there is no question any more
    for circumstance in proof.progress.circumstances():
        reaching, edges = proof.progress.under(circumstance)
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
    stuck = [here for here in proof.paths.legs if here not in reaching and not states[here.state].final]
    still = [here for here in stuck if here not in left]
    head = HEADS[circumstance["head"]]
    if circumstance["head"] in LED:
        # Where plans run in a circle, the place that is furthest on is the one to mend.
        for here in still or sorted(stuck, key=lambda at: PHASES.index(states[at.state].phase))[-1:]:
            yield _finding(proof, STUCK[head.kind], here, circumstance)
    else:
        for here in still:
            known = _misled(proof, here, circumstance, vacant=head.ptk_id is None)
            if known is not None:
                code = UNNAMED[head.ptk_id is not None]
                yield _finding(proof, code, here, known)
    if circumstance["head"] in LED or head.ptk_id is None:
        for here in _shut_in(proof, edges):
            yield _finding(proof, "lint.draft_exit", here, circumstance)


def _misled(proof: Proof, here: Situation, circumstance: Assignment, vacant: bool) -> Assignment | None:
    """Facts under which such a plan waits for the dinas, and the turn names somebody else."""
    settled = proof.progress.known(here, circumstance)
    before: list[Guard] = []
    for rule in proof.definition.state(here.state).turn:
        # Under a vacant head the engine itself puts the dinas in the head's place.
        if rule.who is not Turn.DINAS and not (vacant and rule.who is Turn.HEAD):
            found = proof.solver.solve(both(rule.when, *before), settled)
            if found is not None:
                return found
        if rule.when:
            before.append(Not(rule.when))
    return None


def _shut_in(proof: Proof, edges: list[Edge]) -> Iterator[Situation]:
    """Drafts that their owner cannot hand in, in one step or in several."""
    drafts = proof.paths.drafts
    own: Mapping[Situation, set[Situation]] = {here: set() for here in proof.paths.legs}
    for edge in edges:
        if edge.row.by.relation == "owner" and edge.source in own:
            own[edge.source].add(edge.target)
    out = {here for here, targets in own.items() if any(to.state not in drafts for to in targets)}
    while more := {here for here, targets in own.items() if here.state in drafts and targets & out} - out:
        out |= more
    return (here for here in own if here.state in drafts and here not in out)


def _finding(proof: Proof, code: str, here: Situation, known: Assignment) -> Finding:
    witness: Witness = proof.stuck(here, {**proof.progress.known(here, known), **known})
    return Finding(code, ("states", here.state), {"name": here.state}, witness=witness)
