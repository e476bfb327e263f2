"""On whom many plans wait: told by the workflow's own rules for every kind of plan that counting tells apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

from services.planning.domain.period import WIB
from workflows import Facts, Head, HeadKind, ParamValue, Snapshot, Turn, Workflow, whose_turn
from workflows.predicates import PREDICATES
from workflows.trees import calls

OWNER, ANOTHER, SCHOOL = "owner", "another", "school"  # a kind of plan is nobody's in particular
SUPERIORS = frozenset({Turn.HEAD, Turn.DINAS})
TOLD_APART = {"head", "plt_confirmed", "today"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What plans have in common. `head` None: nobody has said yet who leads their school; `own`: the owner does."""

    workflow: str
    state: str
    head: HeadKind | None
    own: bool
    confirmed: bool


def turns_of(
    workflow: Workflow, kind: Kind, params: Mapping[str, ParamValue], now: datetime
) -> frozenset[Turn]:
    """On whom plans of a kind wait: one, or all that it may be where it hinges on what is not known of a kind.

    Dates count by the day in the west of the country, where it ends last.
    """
    rules = workflow.definition.state(kind.state).turn
    reads = {
        fact for rule in rules for _, call in calls(rule.when, ()) for fact in PREDICATES[call.name].reads
    }
    if not reads <= TOLD_APART:
        named = {rule.who for rule in rules}
        return frozenset(named | (SUPERIORS if Turn.HEAD in named else set()))
    plan = Snapshot(kind.state, OWNER, SCHOOL)
    return frozenset(
        whose_turn(workflow, plan, _facts(head, kind.confirmed, params, now)) for head in _heads(kind)
    )


def _heads(kind: Kind) -> Iterator[Head]:
    if kind.head is None:
        led = (HeadKind.DEFINITIF, HeadKind.PLT)
        yield from (Head(one, whom) for one, whom in product(led, (OWNER, ANOTHER)))
        yield Head(HeadKind.KOSONG)
    elif kind.head is HeadKind.KOSONG:
        yield Head(HeadKind.KOSONG)
    else:
        yield Head(kind.head, OWNER if kind.own else ANOTHER)


def _facts(head: Head, confirmed: bool, params: Mapping[str, ParamValue], now: datetime) -> Facts:
    return Facts(
        now=now,
        zone=ZoneInfo(WIB),
        params=params,
        params_revision=0,
        head=head,
        facts_as_of=now,
        sekolah_induk=SCHOOL,
        plt_confirmed=confirmed,
    )
