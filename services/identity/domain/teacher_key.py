"""Numbers by which outsiders know a person. They are no keys of ours: they change, are missing, or were rounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.kit.problem import Problem, Refused

MOST = 100
Kind = Literal["nip", "nuptk"]
FORMS: Mapping[Kind, re.Pattern[str]] = {
    "nip": re.compile(r"[0-9]{18}", re.ASCII),
    "nuptk": re.compile(r"[0-9]{16}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class TeacherKey:
    """One number, as it was given."""

    kind: Kind
    value: str

    @property
    def is_sound(self) -> bool:
        """Whether it has the form of its kind; nobody is known by another."""
        return FORMS[self.kind].fullmatch(self.value) is not None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers on record of one person; `flags` say which of them are suspicious."""

    ptk_id: UUID
    nip: str | None
    nuptk: str | None
    flags: tuple[str, ...]


def read_keys(given: object) -> list[TeacherKey]:
    """The keys of `{"keys": [{"nip": …}, {"nuptk": …}]}`; Refused where it is nothing of the kind, or too long."""
    listed = given.get("keys") if isinstance(given, Mapping) else None
    if not isinstance(listed, list) or len(listed) > MOST:
        raise Refused(Problem("teacher.bad_keys", {"most": MOST}, ("keys",)))
    return [_key(one) for one in listed]


def resolved(keys: Sequence[TeacherKey], people: Iterable[Numbers]) -> list[UUID | None]:
    """Whom each key means, in the order of the keys: None for nobody, for several, and for a number that was rounded.

    Excel keeps 15 digits: whoever lost the others shares their number with a stranger (dapodik.md, section 5).
    """
    meant: dict[TeacherKey, set[UUID]] = {}
    for person in people:
        for kind in FORMS:
            value = getattr(person, kind)
            if value and f"{kind}.rounded" not in person.flags:
                meant.setdefault(TeacherKey(kind, value), set()).add(person.ptk_id)
    found = [meant.get(key, set()) for key in keys]
    return [next(iter(people)) if len(people) == 1 else None for people in found]


def _key(given: object) -> TeacherKey:
    if isinstance(given, Mapping) and len(given) == 1:
        ((kind, value),) = given.items()
        if kind in FORMS and isinstance(value, str):
            return TeacherKey(kind, value)
    raise Refused(Problem("teacher.bad_keys", {"most": MOST}, ("keys",)))
