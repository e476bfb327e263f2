"""Who asks, as the token says it: a person or an account, with platform scopes. What they may do, facts decide."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """`ptk_id` is None for an account without a PTK record (a dinas, an administrator of the platform)."""

    account: str
    ptk_id: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def subject(self) -> str:
        """Who this is, as idempotency keys are scoped."""
        return f"ptk:{self.ptk_id}" if self.ptk_id else f"account:{self.account}"
