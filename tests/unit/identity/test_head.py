from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.people.heads import Claim, Headship, decide_head, decide_headships
from tests.identity_samples import ptk

DAY = date(2024, 1, 15)
END_DATE, LATER = date(2024, 1, 1), date(2024, 7, 1)


def row(number: int, jabatan: str | None, jenis: str = "20", induk: bool = True) -> Claim:
    return Claim(ptk(number), f"Orang {number}", jabatan, jenis, induk, tmt=date(2020, 1, 1))


def duty_claim(
    number: int, jabatan: str, jenis: str = "20", induk: bool = True, tst: date | None = None
) -> Claim:
    claim = row(number, jabatan, jenis, induk)
    return replace(claim, is_duty=True, tmt=date(2021, 1, 1), tst=tst, nomor_sk="SK/1")


PLT = duty_claim(2, "33", jenis="3", induk=False)
KS = duty_claim(1, "2")

TABLE: list[tuple[str, list[Claim], str, int | None, list[str]]] = [
    ("nobody", [], "kosong", None, ["head.none"]),
    ("a decree", [KS], "definitif", 1, ["head.definitif_duty"]),
    ("a row of a newer build", [row(1, "2")], "definitif", 1, ["head.definitif_row"]),
    ("jabatan 151", [row(1, "151")], "definitif", 1, ["head.definitif_row"]),
    ("jabatan 153", [row(1, "153")], "definitif", 1, ["head.definitif_row"]),
    ("jabatan 155 and jenis 57", [row(1, "155", "57")], "definitif", 1, ["head.definitif_row"]),
    ("row and decree of one person", [row(1, "2"), KS], "definitif", 1, ["head.definitif_duty"]),
    ("an older build", [row(1, None)], "definitif", 1, ["head.definitif_jenis"]),
    ("an older build, not at the induk", [row(1, None, induk=False)], "kosong", None, ["head.none"]),
    ("another jabatan", [row(1, "11")], "kosong", None, ["head.none"]),
    ("an older build with two", [row(1, None), row(2, None)], "kosong", None, ["head.jenis_conflict"] * 2),
    ("principal of another jenis", [duty_claim(1, "2", "3")], "kosong", None,
     ["head.none", "head.definitif_wrong_jenis"]),
    ("principal of another induk", [duty_claim(1, "2", induk=False)], "kosong", None,
     ["head.none", "head.definitif_not_induk"]),
    ("two principals", [KS, duty_claim(3, "151")], "kosong", None, ["head.definitif_conflict"] * 2),
    ("Plt held elsewhere", [PLT], "plt", 2, ["head.plt_duty"]),
    ("Plt in the row only", [row(2, "33", induk=False)], "plt", 2, ["head.plt_row"]),
    ("Plt at the induk", [duty_claim(2, "33", "3")], "plt", 2, ["head.plt_duty", "head.plt_at_induk"]),
    ("two Plt", [PLT, duty_claim(3, "33", "3", induk=False)], "kosong", None, ["head.plt_conflict"] * 2),
    ("definitif beats Plt", [KS, PLT], "definitif", 1, ["head.definitif_duty", "head.plt_beside_definitif"]),
    ("Plt beats mere jenis", [row(1, None), PLT], "plt", 2, ["head.plt_duty", "head.jenis_ignored"]),
    ("the Plt's own jenis", [row(2, None), duty_claim(2, "33")], "plt", 2, ["head.plt_duty", "head.plt_at_induk"]),
    ("Plt ended", [replace(PLT, tst=END_DATE)], "kosong", None, ["head.none", "head.duty_ended"]),
    ("Plt ends today", [replace(PLT, tst=DAY)], "kosong", None, ["head.none", "head.duty_ended"]),
    ("Plt ends later", [replace(PLT, tst=LATER)], "plt", 2, ["head.plt_duty"]),
    ("Plt begins later", [replace(PLT, tmt=LATER)], "kosong", None, ["head.none", "head.duty_not_begun"]),
    ("a decree of tomorrow beside a row", [row(1, "2"), replace(KS, tmt=LATER)], "definitif", 1,
     ["head.definitif_row", "head.duty_not_begun"]),
    ("a decree of tomorrow for a Plt by row", [row(2, "33", induk=False), replace(PLT, tmt=LATER)], "plt", 2,
     ["head.plt_row", "head.duty_not_begun"]),
    ("a decree of tomorrow in an older build", [row(1, None), replace(KS, tmt=LATER)], "definitif", 1,
     ["head.definitif_jenis", "head.duty_not_begun"]),
    ("Plt begins today", [replace(PLT, tmt=DAY)], "plt", 2, ["head.plt_duty"]),
    ("the row outlives the decree", [row(2, "33", "3", induk=False), replace(PLT, tst=END_DATE)], "kosong", None,
     ["head.none", "head.duty_ended"]),
    ("a renewed decree", [replace(PLT, tst=END_DATE), replace(PLT, tmt=END_DATE)], "plt", 2,
     ["head.plt_duty", "head.duty_ended"]),
    ("an ended Plt, then a principal in an older build", [replace(PLT, tst=END_DATE), row(1, None)], "definitif",
     1, ["head.definitif_jenis", "head.duty_ended"]),
    ("mere jenis after one's own decree ended", [row(1, None), duty_claim(1, "2", tst=END_DATE)], "kosong", None,
     ["head.none", "head.duty_ended"]),
    ("mere jenis against another's doubtful decree", [row(1, None), duty_claim(3, "2", "3")], "kosong", None,
     ["head.none", "head.definitif_wrong_jenis"]),
    ("who left", [replace(PLT, is_active=False)], "kosong", None, ["head.none", "head.person_left"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claims", "kind", "head_number", "codes"), [case[1:] for case in TABLE], ids=[case[0] for case in TABLE]
)
def test_head_follows_the_rules_of_dapodik(
    claims: list[Claim], kind: str, head_number: int | None, codes: list[str]
) -> None:
    head = decide_head(claims, DAY)
    assert (head.kind, head.ptk_id) == (kind, ptk(head_number) if head_number else None)
    assert [evidence.code for evidence in head.evidence] == codes


def test_evidence_of_a_conflict_names_every_candidate() -> None:
    head = decide_head([KS, duty_claim(3, "2")], DAY)
    assert [evidence.params["nama"] for evidence in head.evidence] == ["Orang 1", "Orang 3"]


def test_head_has_the_first_day_of_the_decree() -> None:
    assert decide_head([KS], DAY).since == date(2021, 1, 1)


_claims = st.lists(
    st.builds(
        Claim,
        ptk_id=st.integers(1, 3).map(ptk),
        nama=st.just("Orang"),
        jabatan_ptk_id=st.sampled_from([None, "2", "33", "151", "11"]),
        jenis_ptk_id=st.sampled_from([None, "3", "20", "57"]),
        is_induk=st.booleans(),
        is_active=st.booleans(),
        is_duty=st.booleans(),
        tmt=st.sampled_from([None, END_DATE, LATER]),
        tst=st.sampled_from([None, END_DATE, LATER]),
    ),
    max_size=5,
)


@given(_claims, st.randoms())
def test_order_of_claims_does_not_matter(claims: list[Claim], random: object) -> None:
    shuffled_claims = list(claims)
    random.shuffle(shuffled_claims)  # type: ignore[attr-defined]  # hypothesis' Random
    head, shuffled_head = decide_head(claims, DAY), decide_head(shuffled_claims, DAY)
    assert (head.kind, head.ptk_id) == (shuffled_head.kind, shuffled_head.ptk_id)


@given(_claims)
def test_head_has_a_name_unless_kosong(claims: list[Claim]) -> None:
    head = decide_head(claims, DAY)
    assert head.evidence
    assert (head.kind == "kosong") == (head.ptk_id is None)
    if head.kind == "definitif":
        assert any(c.ptk_id == head.ptk_id and c.is_induk and c.jenis_ptk_id in ("20", "57") for c in claims)


def spans(headships: tuple[Headship, ...]) -> list[tuple[str, date | None, date | None]]:
    return [(one.head.kind, one.valid_from, one.valid_until) for one in headships]


def test_headship_ends_with_its_decree() -> None:
    headships = decide_headships([replace(PLT, tmt=END_DATE, tst=LATER)])
    assert spans(headships) == [("kosong", None, END_DATE), ("plt", END_DATE, LATER), ("kosong", LATER, None)]


def test_school_without_dates_has_one_headship() -> None:
    assert spans(decide_headships([replace(row(1, "2"), tmt=None)])) == [("definitif", None, None)]
    assert spans(decide_headships([])) == [("kosong", None, None)]


def test_plt_heads_between_two_principals() -> None:
    before = duty_claim(1, "2", tst=END_DATE)
    after = replace(duty_claim(3, "2"), tmt=LATER)
    bridge = replace(PLT, tmt=END_DATE, tst=LATER)
    assert spans(decide_headships([before, bridge, after])) == [
        ("kosong", None, date(2021, 1, 1)),
        ("definitif", date(2021, 1, 1), END_DATE),
        ("plt", END_DATE, LATER),
        ("definitif", LATER, None),
    ]


_days = st.dates(date(2023, 12, 1), date(2024, 8, 1))
_dated_claims = st.lists(
    st.builds(replace, st.sampled_from([KS, PLT, row(3, "2"), row(4, "33"), row(5, None), duty_claim(6, "2", "3")]),
              tmt=st.none() | _days, tst=st.none() | _days),
    max_size=5,
)  # fmt: skip


@given(_dated_claims, _days)
def test_headship_of_a_day_is_the_head_of_that_day(claims: list[Claim], day: date) -> None:
    (headship,) = [one for one in decide_headships(claims) if one.covers(day)]
    assert headship.head == decide_head(claims, day)


@given(_dated_claims)
def test_headships_have_no_gap_and_differ_from_the_next(claims: list[Claim]) -> None:
    headships = decide_headships(claims)
    assert (headships[0].valid_from, headships[-1].valid_until) == (None, None)
    for one, following in pairwise(headships):
        assert one.valid_until == following.valid_from
        assert one.head != following.head
        assert one.valid_from is None or (one.valid_until and one.valid_from < one.valid_until)
