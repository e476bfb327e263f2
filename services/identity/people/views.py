"""Answers to planning: schools and teachers as JSON, each fact with its source and instant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

from services.identity.people.heads import Headship
from services.identity.people.model import (
    Account,
    AssignmentFacts,
    Known,
    Row,
    SchoolFacts,
    TeacherFacts,
    Told,
    ZoneFacts,
    induk_of,
)
from services.kit.problems import Problem, RequestRefused

View = dict[str, object]


def fact(value: object, told: Told | None) -> View:
    """`{value, source, as_of}`; an unknown value has no source."""
    if value is None or told is None:
        return {"value": None, "source": None, "as_of": None}
    return {"value": value, "source": told.source, "as_of": instant(told.as_of)}


def reference(id_: object, label: str | None) -> View | None:
    """An entry of a Dapodik reference list; None when neither its id nor its label is known."""
    return None if id_ is None and label is None else {"id": id_, "label": label}


def instant(at: datetime) -> str:
    """An instant in UTC, to the second or finer, with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: date | None) -> str | None:
    """A day of the calendar."""
    return value.isoformat() if value else None


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """All that is on record of one school; `as_of` is when anything about it was last told.

    `headships` has no gap and no end, and begins today or earlier.
    """

    known: Known[SchoolFacts]
    revision: int
    zone: Row[ZoneFacts] | None
    headships: Sequence[Headship]
    as_of: datetime


def school_view(record: SchoolRecord) -> View:
    """The answer of `/v1/schools/{npsn}`."""
    facts, told, zone = record.known.facts, record.known.told, record.zone
    bentuk = reference(facts.bentuk_pendidikan_id, facts.bentuk_pendidikan)
    return {
        "npsn": facts.npsn,
        "nama": fact(facts.nama, told.get("nama")),
        "revision": record.revision,
        "bentuk_pendidikan": fact(bentuk, told.get("bentuk_pendidikan_id")),
        "status_sekolah": fact(facts.status_sekolah, told.get("status_sekolah")),
        "kabupaten_kota": fact(facts.kabupaten_kota, told.get("kabupaten_kota")),
        "provinsi": fact(facts.provinsi, told.get("provinsi")),
        "zone": fact(zone.facts.zone if zone else None, zone.told if zone else None),
        "headships": [_headship(one) for one in record.headships],
        "headships_as_of": instant(record.as_of),
    }


def _headship(headship: Headship) -> View:
    head = headship.head
    return {
        "kind": head.kind,
        "ptk_id": str(head.ptk_id) if head.ptk_id else None,
        "nama": head.nama,
        "since": day(head.since),
        "valid_from": day(headship.valid_from),
        "valid_until": day(headship.valid_until),
        "evidence": [{"code": item.code, "params": dict(item.params)} for item in head.evidence],
    }


@dataclass(frozen=True, slots=True)
class HeadedSchool:
    """A school that the person heads, with the days of it in the zone of the school."""

    npsn: str
    zone: str
    headship: Headship


@dataclass(frozen=True, slots=True)
class TeacherRecord:
    """All that is on record of one person; `school_names` by NPSN, `headed` from today on."""

    known: Known[TeacherFacts]
    revision: int
    assignments: list[Row[AssignmentFacts]]
    school_names: Mapping[str, str]
    headed: Sequence[HeadedSchool]
    accounts: Sequence[Account]


def teacher_view(record: TeacherRecord) -> View:
    """The answer of `/v1/teachers/{ptk_id}`; `status` is `left` when the person is at no school any more."""
    active = sorted(
        (row for row in record.assignments if row.left_at is None), key=lambda row: row.facts.npsn
    )
    induk = induk_of(active)
    return {
        "ptk_id": str(record.known.facts.ptk_id),
        "revision": record.revision,
        "facts": _facts(record.known, next((row for row in active if row.facts.npsn == induk), None)),
        "assignments": [_assignment(row, record.school_names, induk) for row in active],
        "headships": [_teacher_view_headship(one) for one in record.headed],
        "accounts": [_account(account) for account in record.accounts],
        "flags": [{"code": code, "fact": code.split(".")[0]} for code in record.known.facts.flags],
        "status": "active" if active else "left",
    }


def _facts(known: Known[TeacherFacts], induk: Row[AssignmentFacts] | None) -> View:
    facts, told = known.facts, known.told
    status = reference(facts.status_kepegawaian_id, facts.status_kepegawaian)
    jenis = reference(facts.jenis_ptk_id, facts.jenis_ptk)
    return {
        "nama": fact(facts.nama, told.get("nama")),
        "nip": fact(facts.nip, told.get("nip")),
        "nuptk": fact(facts.nuptk, told.get("nuptk")),
        "status_kepegawaian": fact(status, told.get("status_kepegawaian_id")),
        "jenis_ptk": fact(jenis, told.get("jenis_ptk_id")),
        "pangkat_golongan": fact(facts.pangkat_golongan, told.get("pangkat_golongan")),
        "jenjang_jabatan": fact(None, None),  # no source tells it yet; unknown is never guessed
        "tanggal_lahir": fact(day(facts.tanggal_lahir), told.get("tanggal_lahir")),
        "sekolah_induk": fact(induk.facts.npsn if induk else None, induk.told if induk else None),
    }


def _assignment(row: Row[AssignmentFacts], names: Mapping[str, str], induk: str | None) -> View:
    return {
        "npsn": row.facts.npsn,
        "nama": names.get(row.facts.npsn),
        "induk": row.facts.npsn == induk,
        "since": day(row.facts.since),
        "source": row.told.source,
        "as_of": instant(row.told.as_of),
    }


def _teacher_view_headship(headed: HeadedSchool) -> View:
    return {
        "npsn": headed.npsn,
        "zone": headed.zone,
        "kind": headed.headship.head.kind,
        "valid_from": day(headed.headship.valid_from),
        "valid_until": day(headed.headship.valid_until),
    }


def _account(account: Account) -> View:
    return {
        "id": str(account.id),
        "npsn": account.npsn,
        "opened": day(account.opened),
        "closed": day(account.closed),
    }


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
        raise RequestRefused(Problem("teacher.bad_keys", {"most": MOST}, ("keys",)))
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
    raise RequestRefused(Problem("teacher.bad_keys", {"most": MOST}, ("keys",)))
