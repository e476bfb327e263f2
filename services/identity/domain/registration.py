"""A registration as somebody asks for it, and everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from services.identity.domain.client import AUDIENCES, Registration
from services.identity.domain.fields import clean_text
from services.identity.domain.within import KINDS, MOST, Within
from services.kit.access_token import IDENTITY
from services.kit.problem import Problem, Refused
from services.kit.region import province_key, regency_key

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Places:
    """What the registry knows of the places that a registration names: regions as written, schools by NPSN."""

    provinsi: tuple[str, ...] = ()
    kabupaten_kota: tuple[str, ...] = ()
    npsn: tuple[str, ...] = ()


def read_registration(given: object) -> Registration:
    """The registration in a JSON value; Refused with every reason why it is none."""
    members = given if isinstance(given, Mapping) else {}
    name, contact = _line(members.get("name")), _line(members.get("contact"))
    scopes, within = _scopes(members.get("scopes")), _within(members.get("within"))
    problems = [
        *([] if name else [Problem("client.name", {"most": LONGEST}, ("name",))]),
        *([] if contact else [Problem("client.contact", {"most": LONGEST}, ("contact",))]),
        *([] if scopes else [Problem("client.scopes", {"known": ", ".join(AUDIENCES)}, ("scopes",))]),
        *_limit_problems(within, scopes),
    ]
    if problems or within is None:
        raise Refused(problems)
    return Registration(name, contact, scopes, within)


def placed(within: Within, known: Places) -> Within:
    """The limits in the registry's own spelling; Refused with each place that it does not know."""
    problems: list[Problem] = []

    def found(kind: str, key: Callable[[str], str]) -> tuple[str, ...]:
        spellings = {key(name): name for name in getattr(known, kind)}
        wanted = {key(name): name for name in getattr(within, kind)}
        problems.extend(
            Problem("client.place_unknown", {"kind": kind, "name": name}, ("within", kind))
            for place, name in wanted.items()
            if place not in spellings
        )
        return tuple(spellings[place] for place in wanted if place in spellings)

    told = Within(
        found("provinsi", province_key), found("kabupaten_kota", regency_key), found("npsn", str.upper),
        within.nationwide,
    )  # fmt: skip
    if problems:
        raise Refused(problems)
    return told


def _line(value: object) -> str:
    try:
        text = clean_text(value) or ""
    except PydanticCustomError:
        return ""
    return text if len(text) <= LONGEST else ""


def _scopes(value: object) -> tuple[str, ...]:
    named = value if isinstance(value, list) else []
    return (
        tuple(sorted(set(named))) if all(isinstance(one, str) and one in AUDIENCES for one in named) else ()
    )


def _within(value: object) -> Within | None:
    """The limits; None for a value that is none, or that names places and the whole country at once."""
    if not isinstance(value, Mapping):
        return None
    if "nationwide" in value:
        return Within(nationwide=True) if dict(value) == {"nationwide": True} else None
    if not value.keys() <= set(KINDS) or not all(_texts(names) for names in value.values()):
        return None
    provinsi, kabupaten_kota, npsn = (tuple(value.get(kind, ())) for kind in KINDS)
    return Within(provinsi, kabupaten_kota, npsn)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and _line(one) for one in value)


def _limit_problems(within: Within | None, scopes: tuple[str, ...]) -> Iterator[Problem]:
    if within is None or not (within.nationwide or within.is_limited):
        yield Problem("client.within", {}, ("within",))
    elif sum(len(getattr(within, kind)) for kind in KINDS) > MOST:
        yield Problem("client.within_many", {"most": MOST}, ("within",))
    elif within.is_limited and any(AUDIENCES[scope] == IDENTITY for scope in scopes):
        yield Problem("client.within_registry", {}, ("within",))
