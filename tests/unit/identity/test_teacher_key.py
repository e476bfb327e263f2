"""Whom the numbers of outsiders mean: one person for sure, or nobody."""

from __future__ import annotations

import pytest

from services.identity.people.views import MAX_KEYS, TeacherKey, TeacherNumbers, match_keys, parse_keys
from services.kit.problems import RequestRefused
from tests.identity_samples import ptk

NIP, OTHER, NUPTK = "198502032010011001", "198502032010011002", "1234567890123451"
ROUNDED = "198502032010011000"


def test_each_key_means_one_person_or_nobody() -> None:
    people = [
        TeacherNumbers(ptk(1), NIP, NUPTK, ()),
        TeacherNumbers(ptk(2), OTHER, None, ("nip.birth_date", "nuptk.rounded")),
        TeacherNumbers(ptk(3), ROUNDED, NUPTK, ("nip.rounded",)),
    ]
    asked = [("nip", OTHER), ("nip", NIP), ("nip", NIP), ("nuptk", NUPTK), ("nip", ROUNDED), ("nuptk", NIP)]
    keys = [TeacherKey("nip" if kind == "nip" else "nuptk", value) for kind, value in asked]
    assert match_keys(keys, people) == [ptk(2), ptk(1), ptk(1), None, None, None]


def test_who_has_the_same_number_as_one_whose_was_rounded_is_known_by_it() -> None:
    people = [
        TeacherNumbers(ptk(1), None, NUPTK, ()),
        TeacherNumbers(ptk(2), None, NUPTK, ("nuptk.rounded",)),
    ]
    assert match_keys([TeacherKey("nuptk", NUPTK)], people) == [ptk(1)]


@pytest.mark.parametrize(
    "given",
    [
        None, [], {}, {"keys": None}, {"keys": "x"}, {"keys": [NIP]}, {"keys": [{}]}, {"keys": [{"nip": 5}]},
        {"keys": [{"nip": NIP, "nuptk": NUPTK}]}, {"keys": [{"nik": NIP}]}, {"keys": [{"nip": NIP}] * (MAX_KEYS + 1)},
    ],
)  # fmt: skip
def test_what_is_no_list_of_keys_is_refused(given: object) -> None:
    with pytest.raises(RequestRefused, match=r"teacher\.bad_keys"):
        parse_keys(given)


@pytest.mark.parametrize("value", ["", NIP[1:], NIP + "1", "١" * 18, "19850203201001100\n"])
def test_a_number_of_another_form_is_not_sound(value: str) -> None:
    assert not TeacherKey("nip", value).is_well_formed
    assert [TeacherKey("nip", value)] == parse_keys({"keys": [{"nip": value}]})
