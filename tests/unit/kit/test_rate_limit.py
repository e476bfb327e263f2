from __future__ import annotations

from ipaddress import IPv6Address

import pytest
from prometheus_client import REGISTRY

from services.kit.rate_limit import RateLimit, RateLimitExceeded, get_client_network


def _is_limited(limit: RateLimit, client: str) -> bool:
    try:
        limit.hit(client)
    except RateLimitExceeded as error:
        return 1 <= error.seconds <= 60
    return False


def test_each_client_has_its_own_limit() -> None:
    limit = RateLimit("rows", per_minute=1)
    assert [_is_limited(limit, "10.0.0.1") for _ in range(3)] == [False, True, True]
    assert not _is_limited(limit, "10.0.0.2")
    assert REGISTRY.get_sample_value("rencana_rate_limited_total", {"by": "rows"}) == 2


def test_limits_count_independently() -> None:
    first, second = RateLimit("test", per_minute=1), RateLimit("test", per_minute=1)
    first.hit("10.0.0.1")
    assert not _is_limited(second, "10.0.0.1")


def test_memory_is_bounded_and_an_active_client_stays_limited() -> None:
    limit = RateLimit("test", per_minute=1, max_clients=100)
    limit.hit("10.0.0.1")
    for number in range(1000):
        limit.hit(f"2001:db8::{number:x}")
        assert _is_limited(limit, "10.0.0.1")
    assert len(limit._throttled._store._backend.get_client()) == 100  # type: ignore[attr-defined]
    assert len(limit._throttled._store._backend.expire_info) == 100  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("host", "client"),
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
def test_client_is_an_ipv4_address_or_an_ipv6_network(host: str, client: str) -> None:
    assert get_client_network({"client": (host, 1234)}) == client


def test_clients_without_an_address_share_one_limit() -> None:
    assert get_client_network({"client": None}) == get_client_network({}) == "nowhere"
