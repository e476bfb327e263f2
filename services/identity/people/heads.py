"""Who heads a school from which day to which: definitif, plt or kosong, with the evidence (dapodik.md §4).

- Definitif: jabatan 2, 151, 153 or 155, as a tugas tambahan or in the getGtk row, of a person whose jenis PTK
  is 20 or 57 and whose sekolah induk this is. Two of them contradict each other: the school counts as kosong.
- Plt: jabatan 33 on that day, normally held at a school that is not the person's induk; at the induk it
  counts, with a warning. A definitif head beats a Plt. Two Plt: kosong.
- Older builds send no jabatan: then one person of jenis 20 or 57 at their induk school is the definitif head,
  as long as no Plt and no decree about that post says otherwise.
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
    """One thing that spoke for or against somebody; its text stands in messages.yaml under the code."""

    code: str
    params: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sign that a person could head the school: a tugas tambahan (it has dates), or the row of getGtk.

    `jenis_ptk_id` is the person's at this school, else at their induk; `is_induk`: this is their sekolah
    induk; `is_active`: they are assigned somewhere at all.
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
        """The post that the jabatan names."""
        if self.jabatan_ptk_id in KEPALA_JABATAN:
            return "definitif"
        return "plt" if self.jabatan_ptk_id in PLT_JABATAN else None

    def is_active_on(self, day: date) -> bool:
        """Whether the duty is active: it has begun, and its end is open or later than `day`."""
        return (self.tmt is None or self.tmt <= day) and (self.tst is None or self.tst > day)


@dataclass(frozen=True, slots=True)
class Head:
    """Who heads a school; `ptk_id`, `nama` and `since` are None when it is kosong."""

    kind: Literal["definitif", "plt", "kosong"]
    evidence: tuple[Evidence, ...]
    ptk_id: UUID | None = None
    nama: str | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Headship:
    """A head and the days of it, local to the school: `valid_until` is the first day after; None: no end."""

    head: Head
    valid_from: date | None = None
    valid_until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the head is in office on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


def decide_headships(claims: Iterable[Claim]) -> tuple[Headship, ...]:
    """Return every headship that the claims give, in order and without a gap; a kosong school has one too.

    A headship ends where anything of the head or of the evidence changes, so neighbours may name one person.
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


def decide_head(claims: Iterable[Claim], day: date) -> Head:
    """The head of one school on `day`, from every claim on it."""
    claims = _drop_duplicate_rows(sorted(claims, key=lambda claim: (str(claim.ptk_id), not claim.is_duty)))
    judgements = [(claim, _find_objection(claim, day)) for claim in claims if claim.post]
    objections = [(claim, code) for claim, code in judgements if code]
    counter_evidence = [_build_evidence(code, claim) for claim, code in objections]
    definitif = _select_latest_per_person(
        claim for claim, code in judgements if not code and claim.post == "definitif"
    )
    plt = _select_latest_per_person(claim for claim, code in judgements if not code and claim.post == "plt")
    heads_by_jenis = _select_latest_per_person(
        claim for claim in claims if _is_head_by_jenis(claim, objections)
    )
    if len(definitif) > 1:
        return _build_kosong("head.definitif_conflict", definitif, counter_evidence)
    if definitif:
        plt_evidence = [_build_evidence("head.plt_beside_definitif", claim) for claim in plt]
        code = "head.definitif_duty" if definitif[0].is_duty else "head.definitif_row"
        return _build_head(
            "definitif", definitif[0], [_build_evidence(code, definitif[0]), *plt_evidence, *counter_evidence]
        )
    if len(plt) > 1:
        return _build_kosong("head.plt_conflict", plt, counter_evidence)
    if plt:
        return _build_plt(plt[0], heads_by_jenis, counter_evidence)
    if len(heads_by_jenis) > 1:
        return _build_kosong("head.jenis_conflict", heads_by_jenis, counter_evidence)
    if heads_by_jenis:
        return _build_head(
            "definitif",
            heads_by_jenis[0],
            [_build_evidence("head.definitif_jenis", heads_by_jenis[0]), *counter_evidence],
        )
    return Head("kosong", (Evidence("head.none"), *counter_evidence))


def _drop_duplicate_rows(claims: list[Claim]) -> list[Claim]:
    """Drop the getGtk row where a decree names the same post: the decree has dates, the row has none."""
    posts_by_decree = {(claim.ptk_id, claim.post) for claim in claims if claim.is_duty}
    return [claim for claim in claims if claim.is_duty or (claim.ptk_id, claim.post) not in posts_by_decree]


def _find_objection(claim: Claim, day: date) -> str | None:
    """Why a claim by jabatan does not count, or None."""
    if not claim.is_active_on(day):
        return "head.duty_not_begun" if claim.tmt and claim.tmt > day else "head.duty_ended"
    if not claim.is_active:
        return "head.person_left"
    if claim.post == "definitif" and not claim.is_induk:
        return "head.definitif_not_induk"
    if claim.post == "definitif" and claim.jenis_ptk_id not in KEPALA_JENIS:
        return "head.definitif_wrong_jenis"
    return None


def _is_head_by_jenis(claim: Claim, objections: list[tuple[Claim, str]]) -> bool:
    """Whether an older build's row makes a definitif head, as no decree about that post says otherwise."""
    if claim.is_duty or claim.jabatan_ptk_id or claim.jenis_ptk_id not in KEPALA_JENIS or not claim.is_induk:
        return False
    return not any(
        other.post == "definitif"
        and (
            other.ptk_id == claim.ptk_id or code in ("head.definitif_not_induk", "head.definitif_wrong_jenis")
        )
        for other, code in objections
    )


def _select_latest_per_person(claims: Iterable[Claim]) -> list[Claim]:
    """One claim for each person, the one with the youngest start where there are several."""
    latest: dict[UUID, Claim] = {}
    for claim in claims:
        former = latest.get(claim.ptk_id)
        if former is None or (claim.tmt or date.min) > (former.tmt or date.min):
            latest[claim.ptk_id] = claim
    return list(latest.values())


def _build_plt(claim: Claim, heads_by_jenis: list[Claim], counter_evidence: list[Evidence]) -> Head:
    evidence = [_build_evidence("head.plt_duty" if claim.is_duty else "head.plt_row", claim)]
    if claim.is_induk:
        evidence.append(_build_evidence("head.plt_at_induk", claim))
    jenis_evidence = [
        _build_evidence("head.jenis_ignored", other)
        for other in heads_by_jenis
        if other.ptk_id != claim.ptk_id
    ]
    return _build_head("plt", claim, [*evidence, *jenis_evidence, *counter_evidence])


def _build_head(kind: Post, claim: Claim, evidence: Iterable[Evidence]) -> Head:
    return Head(kind, tuple(evidence), claim.ptk_id, claim.nama, claim.tmt)


def _build_kosong(code: str, candidates: list[Claim], counter_evidence: list[Evidence]) -> Head:
    return Head("kosong", (*(_build_evidence(code, rival) for rival in candidates), *counter_evidence))


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
