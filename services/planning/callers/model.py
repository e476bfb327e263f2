"""Callers of planning: people and partners with their scopes and limits, and the actors of admin acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province, normalize_regency
from services.kit.text import clean_name, find_text_problems, is_blank
from services.kit.tokens import FRESH_SIGN_IN, is_fresh

MAX_REASON_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in account. `ptk_id` is None if it has no PTK record: a dinas or an administrator of the platform."""

    account: str
    ptk_id: str | None = None
    scopes: frozenset[str] = frozenset()
    signed_in_at: datetime | None = None

    @property
    def subject(self) -> str:
        """The scope of the caller's idempotency keys."""
        return f"ptk:{self.ptk_id}" if self.ptk_id else f"account:{self.account}"


class ActorKind(StrEnum):
    """The kind of an actor: an admin through the API, an operator at the command line, a release, an institution."""

    ADMIN = "admin"
    OPERATOR = "operator"
    RELEASE = "release"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class AdminActor:
    """The actor of an admin act.

    `account` is the id of an account, the name of an operator, the name and version of a release, or the name of an
    institution that a file gives as its author.
    """

    kind: ActorKind
    account: str
    ptk_id: str | None = None

    def is_same_person(self, actor: AdminActor) -> bool:
        """Compare accounts and persons, because one person may have two accounts."""
        same_account = clean_name(self.account).casefold() == clean_name(actor.account).casefold()
        return same_account or (self.ptk_id is not None and self.ptk_id == actor.ptk_id)


class CallerNotAllowed(RequestRefused):
    """The caller may not do this, whatever else the request says."""


def require_admin(caller: Caller) -> AdminActor:
    """Return the caller as an actor. Raises CallerNotAllowed `actor.not_admin` without the scope `admin`."""
    if "admin" not in caller.scopes:
        raise CallerNotAllowed(Problem("actor.not_admin"))
    return AdminActor(ActorKind.ADMIN, caller.account, caller.ptk_id)


def require_fresh_admin(caller: Caller, now: datetime) -> AdminActor:
    """Return the caller as an actor. Raises CallerNotAllowed `auth.sign_in_again` if the sign-in is too old."""
    actor = require_admin(caller)
    if not is_fresh(caller.signed_in_at, now):
        raise CallerNotAllowed(
            Problem("auth.sign_in_again", {"minutes": FRESH_SIGN_IN // timedelta(minutes=1)})
        )
    return actor


def find_reason_problems(reason: str, max_length: int = MAX_REASON_LENGTH) -> Iterator[Problem]:
    """Find what is wrong with the reason of an admin act: it is blank, too long or not readable text."""
    if is_blank(reason):
        yield Problem("reason.missing", {}, ("reason",))
    yield from find_text_problems(reason, max_length, ("reason",))


_CLAIM_KEYS = ("provinsi", "kabupaten_kota", "npsn")


@dataclass(frozen=True, slots=True)
class Territory:
    """The schools whose plan statuses a partner may read. Names of regions are normalized."""

    provinsi: frozenset[str] = frozenset()
    kabupaten_kota: frozenset[str] = frozenset()
    npsn: frozenset[str] = frozenset()
    nationwide: bool = False

    def covers(self, npsn: str, provinsi: str | None, kabupaten_kota: str | None) -> bool:
        """Tell whether a school is listed by its NPSN, its kabupaten/kota or its province."""
        return (
            self.nationwide
            or npsn in self.npsn
            or (kabupaten_kota is not None and normalize_regency(kabupaten_kota) in self.kabupaten_kota)
            or (provinsi is not None and normalize_province(provinsi) in self.provinsi)
        )


NATIONWIDE = Territory(nationwide=True)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner's client, with the scopes and the territory of its token."""

    client: str
    scopes: frozenset[str]
    territory: Territory

    @property
    def subject(self) -> str:
        """The name of the client in its budget."""
        return f"client:{self.client}"


def parse_territory(claim: object) -> Territory:
    """Parse the claim `within` of a token. Raises ValueError for an unknown form, which must give no access."""
    if claim == {"nationwide": True} and isinstance(claim, Mapping) and claim["nationwide"] is True:
        return NATIONWIDE
    if not isinstance(claim, Mapping) or not claim.keys() <= set(_CLAIM_KEYS):
        raise ValueError("within")
    names = {key: _parse_texts(claim.get(key, [])) for key in _CLAIM_KEYS}
    return Territory(
        frozenset(map(normalize_province, names["provinsi"])),
        frozenset(map(normalize_regency, names["kabupaten_kota"])),
        frozenset(names["npsn"]),
    )


def _parse_texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("within")
    return value
