"""Who may enter, and if not, which rule failed; the text of each code names who can fix it.

Whether a person may plan is planning's question. Here only: is this account known, open, and somebody's.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.identity.domain.account import Account
from services.kit.problem import Problem


def admission_problems(
    account: Account | None, *, is_active: bool, scopes: Collection[str], day: date
) -> tuple[Problem, ...]:
    """Every reason why this account opens nothing on `day` (the school's calendar); empty: welcome.

    `is_active`: its person is assigned to a school in Dapodik now. `scopes`: its platform grants. They admit
    an account without a PTK, and do not bring back a person who has left. No word is about other people.
    """
    if account is None:
        return (Problem("admission.unknown", path=("email",)),)
    found = (_closed(account, day), _not_yet_open(account, day), _nobodys(account, is_active, scopes))
    return tuple(problem for problem in found if problem)


def _closed(account: Account, day: date) -> Problem | None:
    if account.closed is None or day < account.closed:
        return None
    return Problem("admission.closed", {"closed": account.closed}, ("email",))


def _not_yet_open(account: Account, day: date) -> Problem | None:
    if account.opened is None or day >= account.opened:
        return None
    return Problem("admission.not_yet_open", {"opened": account.opened}, ("email",))


def _nobodys(account: Account, is_active: bool, scopes: Collection[str]) -> Problem | None:
    if account.ptk_id is None:
        return None if scopes else Problem("admission.no_person", path=("email",))
    return None if is_active else Problem("admission.left", path=("email",))
