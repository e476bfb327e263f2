"""Who calls: people and partners with their scopes and limits, and the actors of admin acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.kit.region import normalize_province, normalize_regency


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


class ActorKind(StrEnum):
    """Who acts: an admin through the API, an operator at the command line, or a release of this software."""

    ADMIN = "admin"
    OPERATOR = "operator"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class AdminActor:
    """Who acted. `account` is an account's id, an operator's name, or name and version of a release."""

    kind: ActorKind
    account: str
    ptk_id: str | None = None

    def is_same_person(self, actor: AdminActor) -> bool:
        """By account or by person: somebody with two accounts is still one."""
        same = self.account.strip().casefold() == actor.account.strip().casefold()
        return same or (self.ptk_id is not None and self.ptk_id == actor.ptk_id)


_CLAIM_KEYS = ("provinsi", "kabupaten_kota", "npsn")


@dataclass(frozen=True, slots=True)
class Territory:
    """The schools that somebody may hear of; names of regions in one spelling."""

    provinsi: frozenset[str] = frozenset()
    kabupaten_kota: frozenset[str] = frozenset()
    npsn: frozenset[str] = frozenset()
    nationwide: bool = False

    def covers(self, npsn: str, provinsi: str | None, kabupaten_kota: str | None) -> bool:
        """Whether a school is named, or its kabupaten/kota, or its province."""
        return (
            self.nationwide
            or npsn in self.npsn
            or (kabupaten_kota is not None and normalize_regency(kabupaten_kota) in self.kabupaten_kota)
            or (provinsi is not None and normalize_province(provinsi) in self.provinsi)
        )


NATIONWIDE = Territory(nationwide=True)


@dataclass(frozen=True, slots=True)
class Partner:
    """A client by its id, with the scopes and limits of its token."""

    client: str
    scopes: frozenset[str]
    territory: Territory


def parse_territory(claim: object) -> Territory:
    """The claim `within`; ValueError for anything that is not exactly one: a limit not understood must open nothing."""
    if claim == {"nationwide": True} and isinstance(claim, Mapping) and claim["nationwide"] is True:
        return NATIONWIDE
    if not isinstance(claim, Mapping) or not claim.keys() <= set(_CLAIM_KEYS):
        raise ValueError("within")
    names = {kind: _parse_texts(claim.get(kind, [])) for kind in _CLAIM_KEYS}
    return Territory(
        frozenset(map(normalize_province, names["provinsi"])),
        frozenset(map(normalize_regency, names["kabupaten_kota"])),
        frozenset(names["npsn"]),
    )


def _parse_texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("within")
    return value
