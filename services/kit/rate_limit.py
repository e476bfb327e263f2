"""Rate limits: so many requests a minute from one address, or for one account, counted in this process.

Several processes count each for itself. Memory is bounded: beyond LARGEST sources the one not heard of for
longest is forgotten, and a source that keeps on asking is not.
"""

from __future__ import annotations

import math
from ipaddress import IPv6Address, ip_address

from prometheus_client import Counter
from starlette.types import Scope
from throttled import MemoryStore, RateLimiterType, Throttled, per_min

LIMITED_REQUESTS = Counter(
    "rencana_rate_limited_total", "Requests refused for coming too often, by what was counted", ["by"]
)

MAX_CLIENTS = 50_000  # sources, of some 400 bytes each
MAX_HOST_LENGTH = 64
IPV6_PREFIX_LENGTH = 64  # bits of an IPv6 address; the others are the household's own to change


class RateLimitExceeded(Exception):
    """This source asks too often; in `seconds` it may ask again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests, wait {seconds} s")
        self.seconds = seconds


class RateLimit:
    """At most `per_minute` of each source in a row, and from then on evenly as many (GCRA). `by`: what is counted."""

    def __init__(self, limited_by: str, per_minute: int, max_clients: int = MAX_CLIENTS) -> None:
        store = MemoryStore(options={"MAX_SIZE": max_clients})
        self._by = limited_by
        self._throttled = Throttled(using=RateLimiterType.GCRA.value, quota=per_min(per_minute), store=store)

    def hit(self, client: str) -> None:
        """Count one request of a source, which is an address or a *proven* account or client; Raises it over the limit.

        Of a name that anybody can claim, count nothing: strangers could keep its owner out.
        """
        result = self._throttled.limit(client)
        if result.limited:
            LIMITED_REQUESTS.labels(self._by).inc()
            raise RateLimitExceeded(max(1, math.ceil(result.state.retry_after)))


def get_client_network(scope: Scope) -> str:
    """The address of a client, as far as one household or company has it: IPv4 whole, IPv6 by its network."""
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
