"""API clients: registration, scopes, territory, secrets, and change requests about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import PydanticCustomError

from services.identity.registry.fields import read_text
from services.kit.change_request import EXPIRES_AFTER, State
from services.kit.problems import Problem, RequestRefused
from services.kit.region import normalize_province, normalize_regency
from services.kit.secret import generate_secret
from services.kit.tokens import IDENTITY_AUDIENCE, PLANNING_AUDIENCE

TERRITORY_KINDS = ("provinsi", "kabupaten_kota", "npsn")
# a token contains the territory, and the length of a header is limited
MAX_PLACES = 50
MAX_PROVINCES_WITHOUT_APPROVAL = 5  # of 38: naming them all would be nationwide by another name


@dataclass(frozen=True, slots=True)
class Territory:
    """The schools that a client may ask about: those of the named provinces and kabupaten/kota, and named ones."""

    provinsi: tuple[str, ...] = ()
    kabupaten_kota: tuple[str, ...] = ()
    npsn: tuple[str, ...] = ()
    nationwide: bool = False

    @property
    def needs_approval(self) -> bool:
        """Whether a second person must approve a client with this territory."""
        return self.nationwide or len(self.provinsi) > MAX_PROVINCES_WITHOUT_APPROVAL

    @property
    def names_places(self) -> bool:
        """Whether a region or school is named."""
        return bool(self.provinsi or self.kabupaten_kota or self.npsn)

    def as_json(self) -> dict[str, object]:
        """Return the JSON of tokens and of the database, without empty lists."""
        if self.nationwide:
            return {"nationwide": True}
        return {kind: list(getattr(self, kind)) for kind in TERRITORY_KINDS if getattr(self, kind)}


def parse_territory(value: Mapping[str, object]) -> Territory:
    """Read the territory of a stored client."""
    names = {kind: tuple(map(str, _list(value.get(kind)))) for kind in TERRITORY_KINDS}
    return Territory(**names, nationwide=value.get("nationwide") is True)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# the service that accepts a token with the scope
AUDIENCES = {"status:read": PLANNING_AUDIENCE, "registry:read": IDENTITY_AUDIENCE}
MAX_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Registration:
    """The values of a client to register."""

    name: str
    contact: str
    scopes: tuple[str, ...]
    territory: Territory = field(default_factory=Territory)


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client. It is revoked, never deleted, so that the record shows who had access when."""

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
    """A secret of a client, by its hash. It is valid until `ends_at`; None is open."""

    id: UUID
    client_id: UUID
    hash: str
    created_at: datetime
    ends_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Return whether the secret is valid."""
        return self.ends_at is None or now < self.ends_at


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A change request about credentials. `values` is JSON, by kind."""

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
        """Create a request that is proposed now."""
        return cls(id, kind, client_id, values, reason, State.PROPOSED, now + EXPIRES_AFTER, now)


def generate_client_secret() -> str:
    """Generate a secret with a prefix that scanners for leaked secrets recognise."""
    return f"rencana_secret_{generate_secret()}"


def plan_secret_ends(secrets: Iterable[Secret], now: datetime, overlap: timedelta) -> dict[UUID, datetime]:
    """Return the end of each valid secret after a rotation: the latest after `overlap` at most, all others now.

    At most two secrets are then valid, and the client has the time of `overlap` to change without an outage.
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
class Regions:
    """Regions by their names in Dapodik, and schools by NPSN."""

    provinsi: tuple[str, ...] = ()
    kabupaten_kota: tuple[str, ...] = ()
    npsn: tuple[str, ...] = ()


def parse_registration(body: object) -> Registration:
    """Parse a registration from JSON. Raises RequestRefused with every problem."""
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


def parse_limits(within: object, scopes: tuple[str, ...]) -> Territory:
    """Parse new limits of a client with these scopes from JSON. Raises RequestRefused with every problem."""
    territory = _parse_new_territory(within)
    problems = list(_find_territory_problems(territory, scopes))
    if problems or territory is None:
        raise RequestRefused(problems)
    return territory


def normalize_territory(territory: Territory, regions: Regions) -> Territory:
    """Return the territory with the names of the school data. Raises RequestRefused with each unknown name."""
    problems: list[Problem] = []

    def normalize_names(kind: str, key: Callable[[str], str]) -> tuple[str, ...]:
        spellings = {key(name): name for name in getattr(regions, kind)}
        requested_names = {key(name): name for name in getattr(territory, kind)}
        problems.extend(
            Problem("client.place_unknown", {"kind": kind, "name": name}, ("within", kind))
            for spelling, name in requested_names.items()
            if spelling not in spellings
        )
        return tuple(spellings[spelling] for spelling in requested_names if spelling in spellings)

    result = Territory(
        normalize_names("provinsi", normalize_province),
        normalize_names("kabupaten_kota", normalize_regency),
        normalize_names("npsn", str.upper),
        territory.nationwide,
    )
    if problems:
        raise RequestRefused(problems)
    return result


def _parse_line(value: object) -> str:
    try:
        text = read_text(value) or ""
    except PydanticCustomError:
        return ""
    return text if len(text) <= MAX_LINE_LENGTH else ""


def _parse_scopes(value: object) -> tuple[str, ...]:
    scopes = value if isinstance(value, list) else []
    return (
        tuple(sorted(set(scopes))) if all(isinstance(one, str) and one in AUDIENCES for one in scopes) else ()
    )


def _parse_new_territory(value: object) -> Territory | None:
    """Parse a territory. Returns None for another value, and for regions or schools beside `nationwide`."""
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
