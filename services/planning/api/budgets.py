"""What the operations of one caller may cost in a minute."""

from __future__ import annotations

from services.kit.problems import Problem
from services.kit.rate_limit import RateLimit, RateLimitExceeded
from services.planning.api.errors import ApiError
from services.planning.callers.model import Caller, Partner


class Budgets:
    """Budgets of callers by their kind; each process counts for itself."""

    def __init__(self, person_per_minute: int, partner_per_minute: int) -> None:
        self._per_minute = {Caller: person_per_minute, Partner: partner_per_minute}
        self._limits = {kind: RateLimit("cost", limit) for kind, limit in self._per_minute.items()}

    def spend(self, caller: Caller | Partner, cost: int) -> dict[str, int]:
        """Take the cost of an operation from the caller's budget. Returns the budget. Raises ApiError RATE_LIMITED."""
        try:
            remaining = self._limits[type(caller)].hit(caller.subject, max(1, cost))
        except RateLimitExceeded as error:
            problem = Problem("query.budget", {"seconds": error.seconds})
            raise ApiError("RATE_LIMITED", problem, status=429, retry_after=error.seconds) from None
        return {"perMinute": self._per_minute[type(caller)], "remaining": remaining}
