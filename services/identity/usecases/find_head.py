"""Who heads these schools on a day, and which schools a person heads: a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.identity.domain.head import KEPALA_JABATAN, KEPALA_JENIS, PLT_JABATAN, Claim, Head, decide_head
from services.identity.domain.registry import AssignmentFacts, DutyFacts, Row, induk_of
from services.identity.storage import assignments, duties, teachers

HEAD_JABATAN = KEPALA_JABATAN | PLT_JABATAN


@dataclass(frozen=True, slots=True)
class Headships:
    """The schools that a person heads, by NPSN."""

    kepala_at: tuple[str, ...]
    plt_at: tuple[str, ...]


async def heads_of(npsns: Collection[str], day: date) -> dict[str, Head]:
    """The head of each school on `day`, the school's own calendar day. Four queries."""
    rows = await assignments.candidates_at(npsns, KEPALA_JENIS, HEAD_JABATAN)
    decrees = await duties.at_schools(npsns, HEAD_JABATAN)
    people = {row.facts.ptk_id for row in rows} | {row.facts.ptk_id for row in decrees}
    names = await teachers.names(people)
    places = await assignments.of_people(people)
    claims: dict[str, list[Claim]] = defaultdict(list)
    for row in rows:
        claims[row.facts.npsn].append(_row_claim(row, places[row.facts.ptk_id], names))
    for decree in decrees:
        theirs = places.get(decree.facts.ptk_id, [])
        claims[decree.facts.npsn].append(_duty_claim(decree, theirs, names))
    return {npsn: decide_head(claims[npsn], day) for npsn in npsns}


async def headships_of(ptk_id: UUID, day: date) -> Headships:
    """Where a person is head on `day`: definitif, and as Plt."""
    places = await assignments.of_people([ptk_id])
    npsns = {row.facts.npsn for row in places[ptk_id] if row.left_at is None}
    npsns |= {row.facts.npsn for row in await duties.of_people([ptk_id])}
    heads = await heads_of(sorted(npsns), day) if npsns else {}
    theirs = {npsn: head.kind for npsn, head in heads.items() if head.ptk_id == ptk_id}
    return Headships(
        kepala_at=tuple(npsn for npsn, kind in theirs.items() if kind == "definitif"),
        plt_at=tuple(npsn for npsn, kind in theirs.items() if kind == "plt"),
    )


def _row_claim(
    row: Row[AssignmentFacts], theirs: list[Row[AssignmentFacts]], names: dict[UUID, str]
) -> Claim:
    facts = row.facts
    return Claim(
        ptk_id=facts.ptk_id,
        nama=names.get(facts.ptk_id),
        jabatan_ptk_id=facts.jabatan_ptk_id,
        jenis_ptk_id=facts.jenis_ptk_id,
        is_induk=induk_of(theirs) == facts.npsn,
        tmt=facts.since,
    )


def _duty_claim(row: Row[DutyFacts], theirs: list[Row[AssignmentFacts]], names: dict[UUID, str]) -> Claim:
    facts = row.facts
    active = {place.facts.npsn: place.facts for place in theirs if place.left_at is None}
    induk = induk_of(theirs)
    place = active.get(facts.npsn) or active.get(induk or "")
    return Claim(
        ptk_id=facts.ptk_id,
        nama=names.get(facts.ptk_id),
        jabatan_ptk_id=facts.jabatan_ptk_id,
        jenis_ptk_id=place.jenis_ptk_id if place else None,
        is_induk=induk == facts.npsn,
        is_active=bool(active),
        is_duty=True,
        tmt=facts.tmt,
        tst=facts.tst,
        nomor_sk=facts.nomor_sk,
    )
