"""Answers of identity are accepted only in the agreed form and for the subject of the question."""

from __future__ import annotations

from typing import Any

import pytest

from services.planning.people.identity.parsers import parse_changes, parse_json, parse_school
from tests.small_registry import SD, SMP

FACT = {"value": None, "source": None, "as_of": None}
CHANGE: dict[str, Any] = {"seq": 7, "kind": "school", "key": SD, "at": "2024-01-02T03:00:00Z"}
HEAD: dict[str, Any] = {
    "kind": "kosong",
    "ptk_id": None,
    "nama": None,
    "since": None,
    "valid_from": None,
    "valid_until": None,
    "evidence": [],
}


def from_to(valid_from: str | None, valid_until: str | None) -> dict[str, Any]:
    """A headship without a person."""
    return HEAD | {"valid_from": valid_from, "valid_until": valid_until}


def school(**changes: Any) -> dict[str, Any]:
    """The JSON of a school, valid except for the given changes."""
    names = ("nama", "bentuk_pendidikan", "status_sekolah", "kabupaten_kota", "provinsi", "zone")
    return {"npsn": SD, "change_number": 1, "headships": [HEAD], **dict.fromkeys(names, FACT), **changes}


def test_school_of_the_agreed_form_is_parsed() -> None:
    assert parse_school(school(), SD).zone.value is None
    assert parse_school(school(zone=FACT | {"value": "Asia/Makassar"}), SD).zone.value == "Asia/Makassar"


@pytest.mark.parametrize(
    "changes",
    [
        {"zone": FACT | {"value": "Mars/Olympus"}},
        {"headships": [HEAD | {"kind": "raja"}]},
        {"headships": [HEAD | {"kind": "plt"}]},
        {"headships": []},
        {"headships": [from_to(None, "2024-01-16")]},
        {"headships": [from_to(None, "2024-01-16"), from_to("2024-01-17", None)]},
        {
            "headships": [
                from_to(None, "2024-01-16"),
                from_to("2024-01-16", "2024-01-16"),
                from_to("2024-01-16", None),
            ]
        },
        {"headships": [from_to(None, None), from_to(None, None)]},
        {"change_number": None},
        {"npsn": None},
        {"npsn": SMP},
        {"nama": "SD"},
    ],
    ids=str,
)
def test_school_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"validation error|another school|out of order"):
        parse_school(school(**changes), SD)


@pytest.mark.parametrize(
    "changes",
    [
        {"next": 6}, {"next": 8}, {"more": None}, {"changes": [], "next": 4, "more": True},
        {"changes": [CHANGE, CHANGE]}, {"changes": [CHANGE | {"kind": "plan"}]}, {"changes": [CHANGE | {"seq": 4}]},
        {"previous": CHANGE}, {"changes": [CHANGE | {"at": None}]},
    ],
    ids=str,
)  # fmt: skip
def test_changes_out_of_order_are_refused(changes: dict[str, Any]) -> None:
    answer = {"changes": [CHANGE], "next": 7, "more": False}
    assert parse_changes(answer, 4).changes[0].key == SD
    with pytest.raises(ValueError, match=r"validation error|out of order|another change"):
        parse_changes(answer | changes, 4)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b"[" * 200_000, b'"\xff"', rb'"\ud800"', rb'"\u0000"'], ids=repr
)
def test_answer_must_be_json_without_nul(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(body)
