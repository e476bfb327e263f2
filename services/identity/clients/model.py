"""Machines with credentials of their own: their registration, scopes, limits and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import PydanticCustomError

from services.identity.registry.fields import clean_text
from services.kit.change_request import EXPIRES_AFTER, State
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province, normalize_regency
from services.kit.secret import generate_secret
from services.kit.tokens import IDENTITY_AUDIENCE, PLANNING_AUDIENCE

TERRITORY_KINDS = ("provinsi", "kabupaten_kota", "npsn")
# a token carries its limits, and a header has its bounds
MAX_PLACES = 50
MAX_PROVINCES_WITHOUT_APPROVAL = 5  # of 38: naming them all would be nationwide by another name


@dataclass(frozen=True, slots=True)
class Territory:
    """A school is within if its province, its kabupaten/kota or itself is named. Nothing named: nothing is within."""

    provinsi: tuple[str, ...] = ()
    kabupaten_kota: tuple[str, ...] = ()
    npsn: tuple[str, ...] = ()
    nationwide: bool = False

    @property
    def needs_approval(self) -> bool:
        """Whether a client with this reach takes two persons: the whole country, or more than a few provinces."""
        return self.nationwide or len(self.provinsi) > MAX_PROVINCES_WITHOUT_APPROVAL

    @property
    def names_places(self) -> bool:
        """Whether anything is named."""
        return bool(self.provinsi or self.kabupaten_kota or self.npsn)

    def as_json(self) -> dict[str, object]:
        """As a token and the database hold it; what it does not name is left out."""
        if self.nationwide:
            return {"nationwide": True}
        return {kind: list(getattr(self, kind)) for kind in TERRITORY_KINDS if getattr(self, kind)}


def parse_territory(value: Mapping[str, object]) -> Territory:
    """The limits of a stored client."""
    names = {kind: tuple(map(str, _list(value.get(kind)))) for kind in TERRITORY_KINDS}
    return Territory(**names, nationwide=value.get("nationwide") is True)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# scope → the service that answers to it
AUDIENCES = {"status:read": PLANNING_AUDIENCE, "registry:read": IDENTITY_AUDIENCE}
MAX_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Registration:
    """What is asked for when a client is registered."""

    name: str
    contact: str
    scopes: tuple[str, ...]
    territory: Territory = field(default_factory=Territory)


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client; revoked, never deleted, so that it stays known who could see what when."""

    id: UUID
    name: str
    contact: str
    scopes: tuple[str, ...]
    territory: Territory
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of a client, by its hash; it opens until `ends_at`, or without end."""

    id: UUID
    client_id: UUID
    hash: str
    created_at: datetime
    ends_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A change of credentials that one person proposes and a second one approves. `values` is JSON of the kind."""

    id: UUID
    kind: str
    client_id: UUID
    values: Mapping[str, Any]
    reason: str
    state: State
    expires_at: datetime
    proposed_at: datetime
    proposed_by: str = ""
    proposed_ptk_id: UUID | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None

    @classmethod
    def propose(
        cls, id: UUID, kind: str, client_id: UUID, values: Mapping[str, Any], reason: str, now: datetime
    ) -> ClientRequest:
        """A request that is proposed now."""
        return cls(id, kind, client_id, values, reason, State.PROPOSED, now + EXPIRES_AFTER, now)


def generate_client_secret() -> str:
    """A secret that is recognisable to whoever scans for leaked ones."""
    return f"rencana_secret_{generate_secret()}"


def plan_secret_ends(secrets: Iterable[Secret], now: datetime, overlap: timedelta) -> dict[UUID, datetime]:
    """When each live secret ends once a new one is there: the last one after `overlap` at most, all others now.

    So two of them open at most, and a client has the time of `overlap` to change to the new one without an outage.
    """
    ordered_secrets = sorted(
        secrets, key=lambda secret: (secret.ends_at is None, secret.created_at), reverse=True
    )
    if not ordered_secrets:
        return {}
    youngest, *older = ordered_secrets
    youngest_ends_at = min(now + overlap, youngest.ends_at or now + overlap)
    return {youngest.id: youngest_ends_at} | {secret.id: now for secret in older}


MAX_LINE_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Places:
    """What the registry knows of the places that a registration names: regions as written, schools by NPSN."""

    provinsi: tuple[str, ...] = ()
    kabupaten_kota: tuple[str, ...] = ()
    npsn: tuple[str, ...] = ()


def parse_registration(body: object) -> Registration:
    """The registration in a JSON value; RequestRefused with every reason why it is none."""
    members = body if isinstance(body, Mapping) else {}
    name, contact = _parse_line(members.get("name")), _parse_line(members.get("contact"))
    scopes, territory = _parse_scopes(members.get("scopes")), _parse_new_territory(members.get("within"))
    problems = [
        *([] if name else [Problem("client.name", {"most": MAX_LINE_LENGTH}, ("name",))]),
        *([] if contact else [Problem("client.contact", {"most": MAX_LINE_LENGTH}, ("contact",))]),
        *([] if scopes else [Problem("client.scopes", {"known": ", ".join(AUDIENCES)}, ("scopes",))]),
        *_find_territory_problems(territory, scopes),
    ]
    if problems or territory is None:
        raise RequestRefused(problems)
    return Registration(name, contact, scopes, territory)


def normalize_territory(territory: Territory, places: Places) -> Territory:
    """The limits in the registry's own spelling; RequestRefused with each place that it does not know."""
    problems: list[Problem] = []

    def normalize_names(kind: str, key: Callable[[str], str]) -> tuple[str, ...]:
        spellings = {key(name): name for name in getattr(places, kind)}
        wanted = {key(name): name for name in getattr(territory, kind)}
        problems.extend(
            Problem("client.place_unknown", {"kind": kind, "name": name}, ("within", kind))
            for place, name in wanted.items()
            if place not in spellings
        )
        return tuple(spellings[place] for place in wanted if place in spellings)

    normalized = Territory(
        normalize_names("provinsi", normalize_province),
        normalize_names("kabupaten_kota", normalize_regency),
        normalize_names("npsn", str.upper),
        territory.nationwide,
    )
    if problems:
        raise RequestRefused(problems)
    return normalized


def _parse_line(value: object) -> str:
    try:
        text = clean_text(value) or ""
    except PydanticCustomError:
        return ""
    return text if len(text) <= MAX_LINE_LENGTH else ""


def _parse_scopes(value: object) -> tuple[str, ...]:
    scopes = value if isinstance(value, list) else []
    return (
        tuple(sorted(set(scopes))) if all(isinstance(one, str) and one in AUDIENCES for one in scopes) else ()
    )


def _parse_new_territory(value: object) -> Territory | None:
    """The limits; None for a value that is none, or that names places and the whole country at once."""
    if not isinstance(value, Mapping):
        return None
    if "nationwide" in value:
        return Territory(nationwide=True) if dict(value) == {"nationwide": True} else None
    if not value.keys() <= set(TERRITORY_KINDS) or not all(_are_lines(names) for names in value.values()):
        return None
    provinsi, kabupaten_kota, npsn = (tuple(value.get(kind, ())) for kind in TERRITORY_KINDS)
    return Territory(provinsi, kabupaten_kota, npsn)


def _are_lines(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and _parse_line(one) for one in value)


def _find_territory_problems(territory: Territory | None, scopes: tuple[str, ...]) -> Iterator[Problem]:
    if territory is None or not (territory.nationwide or territory.names_places):
        yield Problem("client.within", {}, ("within",))
    elif sum(len(getattr(territory, kind)) for kind in TERRITORY_KINDS) > MAX_PLACES:
        yield Problem("client.within_many", {"most": MAX_PLACES}, ("within",))
    elif territory.names_places and any(AUDIENCES[scope] == IDENTITY_AUDIENCE for scope in scopes):
        yield Problem("client.within_registry", {}, ("within",))
