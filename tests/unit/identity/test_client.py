"""API clients: validity of secrets, registration, and territory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.identity.clients.model import (
    MAX_PLACES,
    Regions,
    Secret,
    Territory,
    generate_client_secret,
    normalize_territory,
    parse_registration,
    parse_territory,
    plan_secret_ends,
)
from services.kit.problems import RequestRefused

NOW = datetime(2024, 1, 5, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLIENT = UUID(int=1)
GOOD: dict[str, Any] = {
    "name": "Dinas Contoh", "contact": "data@contoh.example", "scopes": ["status:read"],
    "within": {"provinsi": ["jawa barat"]},
}  # fmt: skip


def secret(number: int, age: timedelta, ends_at: datetime | None = None) -> Secret:
    return Secret(UUID(int=number), CLIENT, str(number), NOW - age, ends_at)


@pytest.mark.parametrize(
    ("live", "ends"),
    [
        ([secret(1, HOUR)], {1: NOW + 24 * HOUR}),
        ([secret(1, 2 * HOUR), secret(2, HOUR)], {1: NOW, 2: NOW + 24 * HOUR}),
        ([secret(1, 2 * HOUR, NOW + HOUR), secret(2, HOUR)], {1: NOW, 2: NOW + 24 * HOUR}),
        ([secret(1, HOUR, NOW + HOUR)], {1: NOW + HOUR}),
        ([], {}),
    ],
)
def test_at_most_two_secrets_are_valid_after_a_rotation(
    live: list[Secret], ends: dict[int, datetime]
) -> None:
    assert plan_secret_ends(live, NOW, 24 * HOUR) == {UUID(int=n): at for n, at in ends.items()}


def test_secret_is_valid_before_its_end_only() -> None:
    ending = secret(1, HOUR, NOW)
    assert (ending.is_valid(NOW - timedelta(seconds=1)), ending.is_valid(NOW)) == (True, False)


def test_secret_has_256_random_bits() -> None:
    secrets = {generate_client_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(one.removeprefix("rencana_secret_")) for one in secrets} == {43}  # 256 bits in base 64


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"name": ""}, ["client.name"]),
        ({"name": None}, ["client.name"]),
        ({"name": "x" * 101}, ["client.name"]),
        ({"name": "a\x00b"}, ["client.name"]),
        ({"name": "\ud800"}, ["client.name"]),
        ({"contact": 5}, ["client.contact"]),
        ({"scopes": []}, ["client.scopes"]),
        ({"scopes": "status:read"}, ["client.scopes"]),
        ({"scopes": ["admin"]}, ["client.scopes"]),
        ({"scopes": ["status:read", {}]}, ["client.scopes"]),
        ({"within": None}, ["client.within"]),
        ({"within": {}}, ["client.within"]),
        ({"within": {"provinsi": []}}, ["client.within"]),
        ({"within": {"provinsi": "Jawa Barat"}}, ["client.within"]),
        ({"within": {"provinsi": [""]}}, ["client.within"]),
        ({"within": {"provinsi": [1]}}, ["client.within"]),
        ({"within": {"desa": ["x"]}}, ["client.within"]),
        ({"within": {"nationwide": False}}, ["client.within"]),
        ({"within": {"nationwide": True, "npsn": ["99000001"]}}, ["client.within"]),
        ({"within": {"npsn": [f"{n:08}" for n in range(MAX_PLACES + 1)]}}, ["client.within_many"]),
        ({"scopes": ["registry:read"]}, ["client.within_registry"]),
        ({"name": "", "contact": "", "scopes": [], "within": {}},
         ["client.name", "client.contact", "client.scopes", "client.within"]),
    ],
)  # fmt: skip
def test_every_problem_of_a_registration_is_reported(changes: dict[str, Any], codes: list[str]) -> None:
    with pytest.raises(RequestRefused) as refusal:
        parse_registration(GOOD | changes)
    assert [problem.code for problem in refusal.value.problems] == codes
    assert all(problem.path for problem in refusal.value.problems)


def test_name_of_a_client_loses_what_nobody_sees() -> None:
    registration = parse_registration(GOOD | {"name": "Dinas\u202e\u200b Con\ntoh\u2069"})
    assert registration.name == "Dinas Con toh"
    with pytest.raises(RequestRefused) as refusal:
        parse_registration(GOOD | {"name": "\u3164\u202e"})
    assert [problem.code for problem in refusal.value.problems] == ["client.name"]


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_registration_that_is_not_an_object_lacks_every_field(body: object) -> None:
    with pytest.raises(RequestRefused) as refusal:
        parse_registration(body)
    assert len(refusal.value.problems) == 4


def test_territory_uses_names_of_the_registry_and_reports_unknown_ones() -> None:
    places = Regions(("Prov. Jawa Barat",), ("Kab. Contoh", "Kota Contoh"), ("99000001",))
    territory = Territory(
        ("JAWA BARAT", "Provinsi Jawa Barat"), ("kabupaten contoh", "kota contoh"), ("99000001",)
    )
    assert normalize_territory(territory, places) == Territory(
        ("Prov. Jawa Barat",), ("Kab. Contoh", "Kota Contoh"), ("99000001",)
    )
    with pytest.raises(RequestRefused) as refusal:
        normalize_territory(Territory(("Jawa",), ("Kota Lain",), ("99999999",)), places)
    assert [dict(problem.params) for problem in refusal.value.problems] == [
        {"kind": "provinsi", "name": "Jawa"},
        {"kind": "kabupaten_kota", "name": "Kota Lain"},
        {"kind": "npsn", "name": "99999999"},
    ]


@pytest.mark.parametrize(
    "within", [Territory(nationwide=True), Territory(("A",), ("B", "C"), ("D",)), Territory()]
)
def test_territory_is_stored_unchanged(within: Territory) -> None:
    assert parse_territory(within.as_json()) == within


@pytest.mark.parametrize(
    ("within", "is_wide"),
    [
        (Territory(nationwide=True), True),
        (Territory(provinsi=tuple(f"provinsi {n}" for n in range(6))), True),
        (Territory(provinsi=tuple(f"provinsi {n}" for n in range(5))), False),
        (Territory(npsn=("99000001",)), False),
    ],
)
def test_more_than_five_provinces_need_approval(within: Territory, is_wide: bool) -> None:
    assert within.needs_approval is is_wide
