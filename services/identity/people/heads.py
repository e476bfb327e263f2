"""The head of a school by day: definitif, plt or kosong (vacant), with the evidence (dapodik.md §4).

- Definitif: jabatan 2, 151, 153 or 155, as a tugas tambahan or in the getGtk row, of a person whose jenis PTK
  is 20 or 57 and whose sekolah induk this is. Two of them contradict each other, and the post is kosong.
- Plt: jabatan 33 on that day, normally at a school that is not the person's induk. At the induk it counts, with a
  warning. A definitif head takes precedence over a Plt. With two Plt the post is kosong.
- Older builds of Dapodik send no jabatan. Then the only person of jenis 20 or 57 at their induk school is the definitif
  head, unless there is a Plt or a decree about that post contradicts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal
from uuid import UUID

KEPALA_JABATAN = frozenset({"2", "151", "153", "155"})
PLT_JABATAN = frozenset({"33"})
KEPALA_JENIS = frozenset({"20", "57"})

Post = Literal["definitif", "plt"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact for or against somebody as the head. `messages.yaml` has its text under the code."""

    code: str
    params: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """An indication that a person heads a school: a tugas tambahan (`is_duty`), or a row of getGtk without an end.

    `jenis_ptk_id` is the one at this school, or else at the sekolah induk. `is_induk` says whether this school is the
    person's sekolah induk, `is_active` whether the person is assigned to any school.
    """

    ptk_id: UUID
    nama: str | None
    jabatan_ptk_id: str | None
    jenis_ptk_id: str | None
    is_induk: bool
    is_active: bool = True
    is_duty: bool = False
    tmt: date | None = None
    tst: date | None = None
    nomor_sk: str | None = None

    @property
    def post(self) -> Post | None:
        """The post of the jabatan, or None."""
        if self.jabatan_ptk_id in KEPALA_JABATAN:
            return "definitif"
        return "plt" if self.jabatan_ptk_id in PLT_JABATAN else None

    def begins_after(self, day: date) -> bool:
        """Return whether its first day comes after a day."""
        return self.tmt is not None and self.tmt > day

    def is_active_on(self, day: date) -> bool:
        """Return whether the duty has begun and has not ended on a day. `tst` is the first day after it."""
        return not self.begins_after(day) and (self.tst is None or self.tst > day)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a school. `ptk_id`, `nama` and `since` are None if the post is kosong."""

    kind: Literal["definitif", "plt", "kosong"]
    evidence: tuple[Evidence, ...]
    ptk_id: UUID | None = None
    nama: str | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Headship:
    """A head and the period in local days of the school. `valid_until` is the first day after it; None is open."""

    head: Head
    valid_from: date | None = None
    valid_until: date | None = None

    def covers(self, day: date) -> bool:
        """Return whether the head is in office on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


def decide_headships(claims: Iterable[Claim]) -> tuple[Headship, ...]:
    """Return the headships of a school, in order and without a gap. A vacant post is a headship too.

    A new headship begins when the head or the evidence changes, so two in a row may have the same person.
    """
    claims = tuple(claims)
    days = sorted({day for claim in claims if claim.post for day in (claim.tmt, claim.tst) if day})
    headships: list[Headship] = []
    for valid_from, valid_until in zip([None, *days], [*days, None], strict=True):
        head = decide_head(claims, valid_from or date.min)
        if headships and headships[-1].head == head:
            headships[-1] = replace(headships[-1], valid_until=valid_until)
        else:
            headships.append(Headship(head, valid_from, valid_until))
    return tuple(headships)


def find_lost_day(before: Iterable[Headship], after: Iterable[Headship], today: date) -> date | None:
    """Return the first day from today on that has a head in `before` and none in `after`."""
    before, after = tuple(before), tuple(after)
    first_days = {one.valid_from for one in (*before, *after) if one.valid_from and one.valid_from > today}
    for day in sorted({today, *first_days}):
        had, has = (any(one.covers(day) and one.head.ptk_id for one in each) for each in (before, after))
        if had and not has:
            return day
    return None


def decide_head(claims: Iterable[Claim], day: date) -> Head:
    """Return the head of a school on a day, from all claims on it."""
    claims = sorted(claims, key=lambda claim: (str(claim.ptk_id), not claim.is_duty))
    claims = _drop_duplicate_rows(claims, day)
    judgements = [(claim, find_objection(claim, day)) for claim in claims if claim.post]
    objections = [(claim, code) for claim, code in judgements if code]
    objection_evidence = [_build_evidence(code, claim) for claim, code in objections]
    valid = [claim for claim, code in judgements if not code]
    definitif = _select_latest_per_person(claim for claim in valid if claim.post == "definitif")
    plt = _select_latest_per_person(claim for claim in valid if claim.post == "plt")
    by_jenis = _select_latest_per_person(claim for claim in claims if _is_head_by_jenis(claim, objections))
    conflicts = {
        "head.definitif_conflict": definitif,
        "head.plt_conflict": [] if definitif else plt,
        "head.jenis_conflict": [] if definitif or plt else by_jenis,
    }
    for code, candidates in conflicts.items():
        if len(candidates) > 1:
            return Head("kosong", (*_list_evidence(code, candidates), *objection_evidence))
    if definitif:
        code = "head.definitif_duty" if definitif[0].is_duty else "head.definitif_row"
        evidence = _list_evidence(code, definitif) + _list_evidence("head.plt_beside_definitif", plt)
        return _build_head("definitif", definitif[0], evidence + objection_evidence)
    if plt:
        ignored_claims = [claim for claim in by_jenis if claim.ptk_id != plt[0].ptk_id]
        evidence = _list_evidence("head.plt_duty" if plt[0].is_duty else "head.plt_row", plt)
        evidence += _list_evidence("head.plt_at_induk", plt if plt[0].is_induk else [])
        evidence += _list_evidence("head.jenis_ignored", ignored_claims)
        return _build_head("plt", plt[0], evidence + objection_evidence)
    if by_jenis:
        evidence = _list_evidence("head.definitif_jenis", by_jenis)
        return _build_head("definitif", by_jenis[0], evidence + objection_evidence)
    return Head("kosong", (Evidence("head.none"), *objection_evidence))


def _drop_duplicate_rows(claims: list[Claim], day: date) -> list[Claim]:
    """Drop a getGtk row if a decree names the same post, because the decree has dates.

    Before its first day a decree says nothing.
    """
    posts_by_decree = {
        (claim.ptk_id, claim.post) for claim in claims if claim.is_duty and not claim.begins_after(day)
    }
    return [claim for claim in claims if claim.is_duty or (claim.ptk_id, claim.post) not in posts_by_decree]


def find_objection(claim: Claim, day: date) -> str | None:
    """Return the code of the reason why a claim by jabatan does not count, or None."""
    if not claim.is_active_on(day):
        return "head.duty_not_begun" if claim.begins_after(day) else "head.duty_ended"
    if not claim.is_active:
        return "head.person_left"
    if claim.post == "definitif" and not claim.is_induk:
        return "head.definitif_not_induk"
    if claim.post == "definitif" and claim.jenis_ptk_id not in KEPALA_JENIS:
        return "head.definitif_wrong_jenis"
    return None


def _is_head_by_jenis(claim: Claim, objections: list[tuple[Claim, str]]) -> bool:
    """Return whether a row without jabatan makes a definitif head and no decree about that post contradicts it."""
    if claim.is_duty or claim.jabatan_ptk_id or claim.jenis_ptk_id not in KEPALA_JENIS or not claim.is_induk:
        return False
    return not any(
        other.post == "definitif"
        and code != "head.duty_not_begun"
        and (
            other.ptk_id == claim.ptk_id or code in ("head.definitif_not_induk", "head.definitif_wrong_jenis")
        )
        for other, code in objections
    )


def _select_latest_per_person(claims: Iterable[Claim]) -> list[Claim]:
    """Return one claim per person: the one that began last."""
    latest: dict[UUID, Claim] = {}
    for claim in claims:
        former = latest.get(claim.ptk_id)
        if former is None or (claim.tmt or date.min) > (former.tmt or date.min):
            latest[claim.ptk_id] = claim
    return list(latest.values())


def _build_head(kind: Post, claim: Claim, evidence: Iterable[Evidence]) -> Head:
    return Head(kind, tuple(evidence), claim.ptk_id, claim.nama, claim.tmt)


def _list_evidence(code: str, claims: Iterable[Claim]) -> list[Evidence]:
    return [_build_evidence(code, claim) for claim in claims]


def _build_evidence(code: str, claim: Claim) -> Evidence:
    return Evidence(
        code,
        {
            "ptk_id": str(claim.ptk_id),
            "nama": claim.nama,
            "nomor_sk": claim.nomor_sk,
            "tmt": claim.tmt.isoformat() if claim.tmt else None,
            "tst": claim.tst.isoformat() if claim.tst else None,
        },
    )
