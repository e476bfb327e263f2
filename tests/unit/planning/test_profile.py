from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.problems import RequestRefused
from services.planning.people.model import Fact, Reference, TeacherFacts
from services.planning.period.catalog import Group, ProfileField
from services.planning.plan.profile import (
    Profile,
    asks_jenjang_jabatan,
    build_profile,
    correct,
    fill_in_jenjang_jabatan,
    keep_jenjang_jabatan,
    list_editable_fields,
)
from tests.unit.planning.reference import catalog, code_and_path

AS_OF, NOW = datetime(2024, 1, 5, 3, tzinfo=UTC), datetime(2024, 1, 15, 2, tzinfo=UTC)
SOURCE = "dapodik:getGtk"
FIELDS: tuple[ProfileField, ...] = ("pangkat_golongan", "ruang", "jenjang_jabatan")
RIGHT: dict[ProfileField, str] = {"pangkat_golongan": "IV", "ruang": "a", "jenjang_jabatan": "AHLI_MADYA"}
ALLOWED: dict[Group | None, set[str]] = {
    "PNS": set(FIELDS),
    "PPPK": {"jenjang_jabatan"},
    "NON_ASN": set(),
    None: set(),
}
STATUS: dict[Group | None, int | None] = {"PNS": 1, "PPPK": 11, "NON_ASN": 8, None: None}
Kind = Literal["PNS", "PPPK", "NON_ASN"]


def profile(group: Group | None = "PNS", rank: str | None = "III/c") -> Profile:
    status = STATUS[group]
    facts = TeacherFacts(
        ptk_id="33333333-3333-4333-8333-000000000001",
        change_number=1,
        nama=Fact("Guru Contoh 1", SOURCE, AS_OF),
        nip=Fact("198502032010012901", SOURCE, AS_OF),
        nuptk=Fact(),
        status_kepegawaian=Fact(Reference(status, None) if status else None, SOURCE, AS_OF),
        jenis_ptk=Fact(Reference(3, "Guru Kelas"), SOURCE, AS_OF),
        pangkat_golongan=Fact(rank, SOURCE if rank else None, AS_OF),
        jenjang_jabatan=Fact(),
        sekolah_induk=Fact("99000001", SOURCE, AS_OF),
    )
    return build_profile(facts, catalog())


def refusals(corrections: dict[ProfileField, str], before: Profile) -> list[tuple[str, str]]:
    try:
        correct(before, corrections, catalog(), NOW)
    except RequestRefused as error:
        return [code_and_path(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("group", ALLOWED)
def test_unknown_status_group_allows_no_correction(group: Group | None) -> None:
    assert profile(group).group == group
    assert set(list_editable_fields(profile(group), catalog())) == ALLOWED[group]


@pytest.mark.parametrize("group", ALLOWED)
@pytest.mark.parametrize("names", [names for size in (1, 2, 3) for names in combinations(FIELDS, size)])
def test_only_fields_of_the_status_group_can_be_corrected(
    group: Group | None, names: tuple[ProfileField, ...]
) -> None:
    corrections = {name: RIGHT[name] for name in names}
    if not ALLOWED[group]:
        expected = [("profile.not_editable", "")]
    else:
        wrong = [name for name in names if name not in ALLOWED[group]]
        expected = [("profile.field_not_editable", name) for name in wrong]
    assert refusals(corrections, profile(group)) == expected


def test_correction_confirms_and_keeps_other_fields() -> None:
    before = profile()
    after, changed = correct(before, {"ruang": "d", "pangkat_golongan": "III"}, catalog(), NOW)
    assert changed == ("ruang",)
    assert after.pangkat_golongan == Fact("III/d", "teacher", NOW)
    assert (after.confirmed_at, after.corrected_at, after.is_confirmed) == (NOW, NOW, True)
    assert (
        replace(after, pangkat_golongan=before.pangkat_golongan, confirmed_at=None, corrected_at=None)
        == before
    )


def test_golongan_and_ruang_form_the_rank_if_dapodik_has_none() -> None:
    corrections: dict[ProfileField, str] = {"pangkat_golongan": "III", "ruang": "a"}
    assert correct(profile(rank=None), corrections, catalog(), NOW)[0].pangkat_golongan.value == "III/a"
    assert refusals({"ruang": "a"}, profile(rank=None)) == [("profile.rank_unknown", "ruang")]
    assert refusals({"pangkat_golongan": "III"}, profile(rank=None)) == [
        ("profile.rank_unknown", "pangkat_golongan")
    ]


def test_second_confirmation_keeps_the_first_instant() -> None:
    confirmation = replace(profile(), confirmed_at=AS_OF)
    assert correct(confirmation, {"ruang": "d"}, catalog(), NOW)[0].confirmed_at == AS_OF


def test_correction_without_another_value_only_confirms() -> None:
    after, changed = correct(profile(), {"pangkat_golongan": "III", "ruang": "c"}, catalog(), NOW)
    assert (after, changed) == (replace(profile(), confirmed_at=NOW), ())


def test_jenjang_jabatan_is_filled_in_once_without_using_up_the_correction() -> None:
    assert asks_jenjang_jabatan(profile(), catalog())
    after = replace(fill_in_jenjang_jabatan(profile(), "AHLI_MUDA", catalog(), NOW), confirmed_at=NOW)
    assert (after.jenjang_jabatan, after.corrected_at) == (Fact("AHLI_MUDA", "teacher", NOW), None)
    assert not asks_jenjang_jabatan(after, catalog())
    assert fill_in_jenjang_jabatan(after, "AHLI_MUDA", catalog(), NOW + timedelta(days=1)) == after
    with pytest.raises(RequestRefused) as refusal:
        fill_in_jenjang_jabatan(after, "AHLI_MADYA", catalog(), NOW)
    assert [code_and_path(one) for one in refusal.value.problems] == [
        ("profile.jenjang_jabatan_known", "jenjang_jabatan")
    ]


@pytest.mark.parametrize(
    ("group", "code", "expected"),
    [("PNS", "X", "choice.not_offered"), ("NON_ASN", "AHLI_MUDA", "profile.not_editable"),
     (None, "AHLI_MUDA", "profile.not_editable")],
)  # fmt: skip
def test_wrong_jenjang_jabatan_is_refused_at_the_confirmation(
    group: Group | None, code: str, expected: str
) -> None:
    with pytest.raises(RequestRefused) as refusal:
        fill_in_jenjang_jabatan(profile(group), code, catalog(), NOW)
    assert [code_and_path(one) for one in refusal.value.problems] == [(expected, "jenjang_jabatan")]


def test_jenjang_jabatan_of_an_earlier_period_is_a_proposal() -> None:
    earlier = fill_in_jenjang_jabatan(profile(), "AHLI_MUDA", catalog(), AS_OF)
    proposal = keep_jenjang_jabatan(profile(), earlier, catalog())
    assert proposal.jenjang_jabatan == Fact("AHLI_MUDA", "teacher", AS_OF)
    assert asks_jenjang_jabatan(proposal, catalog())
    assert (
        fill_in_jenjang_jabatan(proposal, "AHLI_MADYA", catalog(), NOW).jenjang_jabatan.value == "AHLI_MADYA"
    )
    assert keep_jenjang_jabatan(profile("NON_ASN"), earlier, catalog()) == profile("NON_ASN")
    gone = replace(earlier, jenjang_jabatan=Fact("X", "teacher", AS_OF))
    assert keep_jenjang_jabatan(profile(), gone, catalog()) == profile()


@pytest.mark.parametrize("kind", ["PNS", "PPPK"])
def test_second_correction_is_refused(kind: Kind) -> None:
    corrections: dict[ProfileField, str] = {"jenjang_jabatan": "AHLI_MUDA"}
    corrected_profile, _ = correct(profile(kind), corrections, catalog(), NOW)
    assert list_editable_fields(corrected_profile, catalog()) == ()
    assert refusals(corrections, corrected_profile) == [("profile.corrected_already", "")]
    with pytest.raises(RequestRefused):
        correct(corrected_profile, corrections, catalog(), NOW + timedelta(days=60))


@pytest.mark.parametrize(
    ("corrections", "expected"),
    [
        ({}, [("profile.nothing_to_correct", "")]),
        ({"ruang": "e"}, [("profile.rank_unknown", "ruang")]),
        ({"ruang": ""}, [("profile.rank_unknown", "ruang")]),
        ({"pangkat_golongan": "III/d"}, [("profile.rank_unknown", "pangkat_golongan")]),
        ({"jenjang_jabatan": "Guru Ahli Muda"}, [("choice.not_offered", "jenjang_jabatan")]),
        (
            {"pangkat_golongan": "IX", "jenjang_jabatan": "?"},
            [("profile.rank_unknown", "pangkat_golongan"), ("choice.not_offered", "jenjang_jabatan")],
        ),
    ],
)
def test_every_value_outside_the_catalogue_is_refused_together(
    corrections: dict[ProfileField, str], expected: list[tuple[str, str]]
) -> None:
    assert refusals(corrections, profile()) == expected


@given(
    st.sampled_from(["PNS", "PPPK", "NON_ASN", None]),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["III", "IV", "a", "d", "e", "AHLI_MUDA", "", "x"])),
)  # fmt: skip
def test_correction_does_not_change_fields_of_dapodik(
    group: Kind | None, corrections: dict[ProfileField, str]
) -> None:
    before = profile(group)
    try:
        after, _ = correct(before, corrections, catalog(), NOW)
    except RequestRefused:
        return
    assert set(corrections) <= ALLOWED[group]
    for name in ("nama", "nip", "nuptk", "status_kepegawaian", "jenis_ptk", "group"):
        assert getattr(after, name) == getattr(before, name)
    ranks = {row.code for row in catalog().pangkat_golongan}
    assert after.pangkat_golongan == before.pangkat_golongan or after.pangkat_golongan.value in ranks
