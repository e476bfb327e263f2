"""Who changes what holds for all: an admin, an operator, a release. What they did stays on record with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Who acts: an admin through the API, an operator at the command line, or a release of this software."""

    ADMIN = "admin"
    OPERATOR = "operator"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class By:
    """Who acted. `account` is an account's id, an operator's name, or name and version of a release."""

    kind: Kind
    account: str
    ptk_id: str | None = None

    def is_same_person(self, other: By) -> bool:
        """By account or by person: somebody with two accounts is still one."""
        same = self.account.strip().casefold() == other.account.strip().casefold()
        return same or (self.ptk_id is not None and self.ptk_id == other.ptk_id)
