"""Rate limits: requests per minute of an address or an account, counted in this process.

Each process counts for itself. Memory is bounded: beyond MAX_CLIENTS the client whose last request is oldest is
dropped.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, ip_address

from prometheus_client import Counter
from starlette.types import Scope
from throttled import MemoryStore, RateLimiterType, Throttled, per_min

LIMITED_REQUESTS = Counter(
    "rencana_rate_limited_total", "Requests refused by a rate limit, by kind of limit", ["by"]
)

MAX_CLIENTS = 50_000  # of some 400 bytes each
MAX_HOST_LENGTH = 64
IPV6_PREFIX_LENGTH = 64  # a household gets a /64 network and can change the other 64 bits


class RateLimitExceeded(Exception):
    """A client exceeded its rate limit. It may try again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests, wait {seconds} s")
        self.seconds = seconds


class RateLimit:
    """A limit per client: a burst of `per_minute` requests, then as many evenly spread over a minute (GCRA).

    A request may cost more than 1.
    """

    def __init__(self, limited_by: str, per_minute: int, max_clients: int = MAX_CLIENTS) -> None:
        store = MemoryStore(options={"MAX_SIZE": max_clients})
        self._by = limited_by
        self._throttled = Throttled(using=RateLimiterType.GCRA.value, quota=per_min(per_minute), store=store)

    def hit(self, client: str, cost: int = 1) -> int:
        """Count a request of a client: an address, or an account or API client. Returns the cost that is left now.

        Raises RateLimitExceeded.

        Count an account only after it is authenticated. Otherwise a stranger could lock its owner out.
        """
        result = self._throttled.limit(client, cost)
        if result.limited:
            LIMITED_REQUESTS.labels(self._by).inc()
            raise RateLimitExceeded(max(1, math.ceil(result.state.retry_after)))
        return int(result.state.remaining)


def get_client_network(scope: Scope) -> str:
    """Return the IPv4 address or the IPv6 /64 network of a client, or `nowhere` if it has no address."""
    host = str(scope["client"][0]) if scope.get("client") else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:MAX_HOST_LENGTH] or "nowhere"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{address.packed[: IPV6_PREFIX_LENGTH // 8].hex()}/{IPV6_PREFIX_LENGTH}"
