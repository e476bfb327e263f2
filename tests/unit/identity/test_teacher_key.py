"""Resolution of NIP and NUPTK: one person, or nobody."""

from __future__ import annotations

import pytest

from services.identity.people.views import MAX_KEYS, TeacherIdentifiers, TeacherKey, match_keys, parse_keys
from services.kit.problems import RequestRefused
from tests.identity_samples import ptk

NIP, OTHER_NIP, NUPTK = "198502032010011001", "198502032010011002", "1234567890123451"
ROUNDED_NIP = "198502032010011000"


def test_each_key_identifies_one_person_or_nobody() -> None:
    people = [
        TeacherIdentifiers(ptk(1), "Guru", NIP, NUPTK, ()),
        TeacherIdentifiers(ptk(2), "Guru", OTHER_NIP, None, ("nip.birth_date", "nuptk.rounded")),
        TeacherIdentifiers(ptk(3), "Guru", ROUNDED_NIP, NUPTK, ("nip.rounded",)),
    ]
    numbers = [
        ("nip", OTHER_NIP),
        ("nip", NIP),
        ("nip", NIP),
        ("nuptk", NUPTK),
        ("nip", ROUNDED_NIP),
        ("nuptk", NIP),
    ]
    keys = [TeacherKey("nip" if kind == "nip" else "nuptk", value) for kind, value in numbers]
    assert match_keys(keys, people) == [ptk(2), ptk(1), ptk(1), None, None, None]


def test_rounded_number_of_another_person_does_not_make_a_key_ambiguous() -> None:
    people = [
        TeacherIdentifiers(ptk(1), "Guru", None, NUPTK, ()),
        TeacherIdentifiers(ptk(2), "Guru", None, NUPTK, ("nuptk.rounded",)),
    ]
    assert match_keys([TeacherKey("nuptk", NUPTK)], people) == [ptk(1)]


@pytest.mark.parametrize(
    "body",
    [
        None, [], {}, {"keys": None}, {"keys": "x"}, {"keys": [NIP]}, {"keys": [{}]}, {"keys": [{"nip": 5}]},
        {"keys": [{"nip": NIP, "nuptk": NUPTK}]}, {"keys": [{"nik": NIP}]}, {"keys": [{"nip": NIP}] * (MAX_KEYS + 1)},
    ],
)  # fmt: skip
def test_malformed_keys_are_refused(body: object) -> None:
    with pytest.raises(RequestRefused, match=r"teacher\.bad_keys"):
        parse_keys(body)


@pytest.mark.parametrize("value", ["", NIP[1:], NIP + "1", "١" * 18, "19850203201001100\n"])
def test_number_of_another_length_is_not_well_formed(value: str) -> None:
    assert not TeacherKey("nip", value).is_well_formed
    assert [TeacherKey("nip", value)] == parse_keys({"keys": [{"nip": value}]})
