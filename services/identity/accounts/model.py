"""Accounts of belajar.id: the rules of admission, the domains of addresses, and platform scopes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.identity.people.model import Account
from services.kit.problems import Problem


def find_admission_problems(
    account: Account | None, *, is_active: bool, scopes: Collection[str], day: date
) -> tuple[Problem, ...]:
    """Return every reason to refuse a sign-in on a local day of the school; none admits the account.

    `is_active` says whether its person is assigned to a school now. Platform `scopes` admit an account without a PTK,
    but not a person who has left. The reasons reveal nothing about other people.
    """
    if account is None:
        return (Problem("admission.unknown", path=("email",)),)
    problems = (
        _check_closed(account, day),
        _check_opened(account, day),
        _check_person(account, is_active, scopes),
    )
    return tuple(problem for problem in problems if problem)


def _check_closed(account: Account, day: date) -> Problem | None:
    if account.closed is None or day < account.closed:
        return None
    return Problem("admission.closed", {"closed": account.closed}, ("email",))


def _check_opened(account: Account, day: date) -> Problem | None:
    if account.opened is None or day >= account.opened:
        return None
    return Problem("admission.not_yet_open", {"opened": account.opened}, ("email",))


def _check_person(account: Account, is_active: bool, scopes: Collection[str]) -> Problem | None:
    if account.ptk_id is None:
        return None if scopes else Problem("admission.no_person", path=("email",))
    return None if is_active else Problem("admission.left", path=("email",))


# Of teachers, operators, principals and education offices, not of pupils (DOMAIN.md "Facts to build on").
# `*` matches one or more whole labels.
ACCOUNT_DOMAINS = (
    "guru.paud.belajar.id", "guru.sd.belajar.id", "guru.smp.belajar.id",
    "guru.sma.belajar.id", "guru.smk.belajar.id", "guru.slb.belajar.id",
    "admin.belajar.id", "admin.*.belajar.id", "dinas.belajar.id", "dinas.*.belajar.id",
)  # fmt: skip

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}|\*)(\.({_LABEL}|\*))+")


def is_domain_pattern(text: str) -> bool:
    """Return whether a text is a domain in lower case. Labels may be `*`."""
    return _DOMAIN.fullmatch(text) is not None


def matches_domain(domain: str, patterns: Iterable[str]) -> bool:
    """Return whether a domain matches one of the patterns. Upper case and other scripts do not match."""
    return any(re.fullmatch(_compile_pattern(pattern), domain) for pattern in patterns)


def _compile_pattern(pattern: str) -> str:
    labels = (rf"{_LABEL}(\.{_LABEL})*" if label == "*" else re.escape(label) for label in pattern.split("."))
    return r"\.".join(labels)


# `admin`: workflows, periods, catalogues, clients. `status:read`: the status of every plan in the country. Partners get
# `status:read` as clients, limited to a territory.
PLATFORM_SCOPES = ("admin", "status:read")


@dataclass(frozen=True, slots=True)
class Grant:
    """A platform scope of an account. `revoked_at` is None while it is valid."""

    account_id: UUID
    email: str
    scope: str
    granted_at: datetime
    granted_by: str
    revoked_at: datetime | None = None
