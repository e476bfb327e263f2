from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from prometheus_client import REGISTRY

from services.kit.rate_limit import RateLimit, RateLimitExceeded, get_client_network


def _refused(limit: RateLimit, source: str) -> bool:
    try:
        limit.hit(source)
    except RateLimitExceeded as error:
        return 1 <= error.seconds <= 60
    return False


def test_each_source_has_so_many_in_a_row_and_no_other_source_pays_for_it() -> None:
    limit = RateLimit("rows", per_minute=1)
    assert [_refused(limit, "10.0.0.1") for _ in range(3)] == [False, True, True]
    assert not _refused(limit, "10.0.0.2")
    assert REGISTRY.get_sample_value("rencana_rate_limited_total", {"by": "rows"}) == 2


def test_limits_do_not_count_for_each_other() -> None:
    one, other = RateLimit("test", per_minute=1), RateLimit("test", per_minute=1)
    one.hit("10.0.0.1")
    assert not _refused(other, "10.0.0.1")


def test_memory_is_bounded_and_who_keeps_on_asking_is_not_forgotten() -> None:
    limit = RateLimit("test", per_minute=1, max_clients=100)
    limit.hit("10.0.0.1")
    for number in range(1000):
        limit.hit(f"2001:db8::{number:x}")
        assert _refused(limit, "10.0.0.1")
    assert len(limit._throttled._store._backend.get_client()) == 100  # type: ignore[attr-defined]
    assert len(limit._throttled._store._backend.expire_info) == 100  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", IPv6Address("2001:db8:1:2::").packed[:8].hex() + "/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", IPv6Address("2001:db8:1:2::").packed[:8].hex() + "/64"),
        ("2001:db8:1:3::1", IPv6Address("2001:db8:1:3::").packed[:8].hex() + "/64"),
        ("unknown", "unknown"),
        ("x" * 9000, "x" * 64),
        ("", "nowhere"),
    ],
)
def test_a_source_is_what_one_household_has(host: str, source: str) -> None:
    assert get_client_network({"client": (host, 1234)}) == source


def test_a_client_without_an_address_is_a_source_too() -> None:
    assert get_client_network({"client": None}) == get_client_network({}) == "nowhere"
