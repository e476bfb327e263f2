"""JSON for planning: schools and teachers, each fact with its source and instant; keys of teachers."""

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
    DutyFacts,
    Entity,
    Provenance,
    Row,
    SchoolFacts,
    TeacherFacts,
    ZoneFacts,
    find_induk,
)
from services.kit.problems import Problem, RequestRefused

View = dict[str, object]


def render_fact(value: object, provenance: Provenance | None) -> View:
    """Return `{value, source, as_of}`, all None for an unknown value."""
    if value is None or provenance is None:
        return {"value": None, "source": None, "as_of": None}
    return {"value": value, "source": provenance.source, "as_of": format_instant(provenance.as_of)}


def render_reference(id_: object, label: str | None) -> View | None:
    """Return an entry of a Dapodik reference list, or None if it has neither id nor label."""
    return None if id_ is None and label is None else {"id": id_, "label": label}


def format_instant(at: datetime) -> str:
    """Return an instant in UTC in ISO 8601, with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def format_day(value: date | None) -> str | None:
    """Return a day in ISO 8601, or None."""
    return value.isoformat() if value else None


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """The stored facts about a school. `as_of` is the instant of the last data about it.

    `headships` begins today or earlier and has no gap and no end.
    """

    school: Entity[SchoolFacts]
    change_number: int
    zone: Row[ZoneFacts] | None
    headships: Sequence[Headship]
    as_of: datetime


def render_school(record: SchoolRecord) -> View:
    """Return the response of `/v1/schools/{npsn}`."""
    facts, provenance, zone = record.school.facts, record.school.provenance, record.zone
    bentuk = render_reference(facts.bentuk_pendidikan_id, facts.bentuk_pendidikan)
    return {
        "npsn": facts.npsn,
        "nama": render_fact(facts.nama, provenance.get("nama")),
        "change_number": record.change_number,
        "bentuk_pendidikan": render_fact(bentuk, provenance.get("bentuk_pendidikan_id")),
        "status_sekolah": render_fact(facts.status_sekolah, provenance.get("status_sekolah")),
        "kabupaten_kota": render_fact(facts.kabupaten_kota, provenance.get("kabupaten_kota")),
        "provinsi": render_fact(facts.provinsi, provenance.get("provinsi")),
        "zone": render_fact(zone.facts.zone if zone else None, zone.provenance if zone else None),
        "headships": [_render_headship(one) for one in record.headships],
        "headships_as_of": format_instant(record.as_of),
    }


def _render_headship(headship: Headship) -> View:
    head = headship.head
    return {
        "kind": head.kind,
        "ptk_id": str(head.ptk_id) if head.ptk_id else None,
        "nama": head.nama,
        "since": format_day(head.since),
        "valid_from": format_day(headship.valid_from),
        "valid_until": format_day(headship.valid_until),
        "evidence": [{"code": item.code, "params": dict(item.params)} for item in head.evidence],
    }


@dataclass(frozen=True, slots=True)
class HeadedSchool:
    """A school that a person heads, with the period in local days of the school."""

    npsn: str
    zone: str
    headship: Headship


@dataclass(frozen=True, slots=True)
class TeacherRecord:
    """The stored facts about a teacher. `school_names` is by NPSN, `headed_schools` from today on.

    `other_records` are the ptk_ids with the same NIP: one person who is on record twice.
    """

    teacher: Entity[TeacherFacts]
    change_number: int
    assignments: list[Row[AssignmentFacts]]
    school_names: Mapping[str, str]
    headed_schools: Sequence[HeadedSchool]
    accounts: Sequence[Account]
    duties: Sequence[Row[DutyFacts]] = ()
    other_records: Sequence[UUID] = ()


def render_teacher(record: TeacherRecord) -> View:
    """Return the response of `/v1/teachers/{ptk_id}`. `status` is `left` without an active assignment."""
    active = sorted(
        (row for row in record.assignments if row.left_at is None), key=lambda row: row.facts.npsn
    )
    induk = find_induk(active)
    return {
        "ptk_id": str(record.teacher.facts.ptk_id),
        "change_number": record.change_number,
        "facts": _render_facts(
            record.teacher, next((row for row in active if row.facts.npsn == induk), None)
        ),
        "assignments": [_render_assignment(row, record.school_names, induk) for row in active],
        "headships": [_render_headed_school(one) for one in record.headed_schools],
        "accounts": [_render_account(account) for account in record.accounts],
        "duties": [_render_duty(row) for row in record.duties],
        "flags": [{"code": code, "fact": code.split(".")[0]} for code in record.teacher.facts.flags],
        "status": "active" if active else "left",
        "other_records": sorted(map(str, record.other_records)),
    }


def _render_facts(teacher: Entity[TeacherFacts], induk: Row[AssignmentFacts] | None) -> View:
    facts, provenance = teacher.facts, teacher.provenance
    status = render_reference(facts.status_kepegawaian_id, facts.status_kepegawaian)
    jenis = render_reference(facts.jenis_ptk_id, facts.jenis_ptk)
    return {
        "nama": render_fact(facts.nama, provenance.get("nama")),
        "nip": render_fact(facts.nip, provenance.get("nip")),
        "nuptk": render_fact(facts.nuptk, provenance.get("nuptk")),
        "status_kepegawaian": render_fact(status, provenance.get("status_kepegawaian_id")),
        "jenis_ptk": render_fact(jenis, provenance.get("jenis_ptk_id")),
        "pangkat_golongan": render_fact(facts.pangkat_golongan, provenance.get("pangkat_golongan")),
        "jenjang_jabatan": render_fact(None, None),  # no source has it yet
        "tanggal_lahir": render_fact(format_day(facts.tanggal_lahir), provenance.get("tanggal_lahir")),
        "sekolah_induk": render_fact(
            induk.facts.npsn if induk else None, induk.provenance if induk else None
        ),
    }


def _render_assignment(row: Row[AssignmentFacts], names: Mapping[str, str], induk: str | None) -> View:
    return {
        "npsn": row.facts.npsn,
        "nama": names.get(row.facts.npsn),
        "induk": row.facts.npsn == induk,
        "since": format_day(row.facts.since),
        "source": row.provenance.source,
        "as_of": format_instant(row.provenance.as_of),
    }


def _render_duty(row: Row[DutyFacts]) -> View:
    return {
        "jabatan_ptk_id": row.facts.jabatan_ptk_id,
        "npsn": row.facts.npsn,
        "nomor_sk": row.facts.nomor_sk,
        "tmt": format_day(row.facts.tmt),
        "tst": format_day(row.facts.tst),
        "source": row.provenance.source,
        "as_of": format_instant(row.provenance.as_of),
    }


def _render_headed_school(school: HeadedSchool) -> View:
    return {
        "npsn": school.npsn,
        "zone": school.zone,
        "kind": school.headship.head.kind,
        "valid_from": format_day(school.headship.valid_from),
        "valid_until": format_day(school.headship.valid_until),
    }


def _render_account(account: Account) -> View:
    return {
        "id": str(account.id),
        "npsn": account.npsn,
        "opened": format_day(account.opened),
        "closed": format_day(account.closed),
    }


MAX_KEYS = 100
KeyKind = Literal["nip", "nuptk"]
KEY_PATTERNS: Mapping[KeyKind, re.Pattern[str]] = {
    "nip": re.compile(r"[0-9]{18}", re.ASCII),
    "nuptk": re.compile(r"[0-9]{16}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class TeacherKey:
    """A NIP or NUPTK as planning sent it."""

    kind: KeyKind
    value: str

    @property
    def is_well_formed(self) -> bool:
        """Whether the value has the number of digits of its kind."""
        return KEY_PATTERNS[self.kind].fullmatch(self.value) is not None


@dataclass(frozen=True, slots=True)
class TeacherIdentifiers:
    """The numbers of a teacher. `flags` says which of them are doubtful."""

    ptk_id: UUID
    nama: str
    nip: str | None
    nuptk: str | None
    flags: tuple[str, ...]

    def certain(self, kind: KeyKind) -> str | None:
        """Return a number, or None if it may be rounded: Excel keeps 15 digits (dapodik.md, section 5)."""
        value: str | None = getattr(self, kind)
        return value if f"{kind}.rounded" not in self.flags else None


def parse_keys(body: object) -> list[TeacherKey]:
    """Parse `{"keys": [{"nip": …}, {"nuptk": …}]}`. Raises RequestRefused `teacher.bad_keys`."""
    keys = body.get("keys") if isinstance(body, Mapping) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise RequestRefused(Problem("teacher.bad_keys", {"most": MAX_KEYS}, ("keys",)))
    return [_parse_key(one) for one in keys]


def match_keys(keys: Sequence[TeacherKey], people: Iterable[TeacherIdentifiers]) -> list[UUID | None]:
    """Return the ptk_id of each key in their order: None if the number is unknown, ambiguous or rounded."""
    ptk_ids: dict[TeacherKey, set[UUID]] = {}
    for person in people:
        for kind in KEY_PATTERNS:
            if value := person.certain(kind):
                ptk_ids.setdefault(TeacherKey(kind, value), set()).add(person.ptk_id)
    matches = [ptk_ids.get(key, set()) for key in keys]
    return [next(iter(people)) if len(people) == 1 else None for people in matches]


def _parse_key(value: object) -> TeacherKey:
    if isinstance(value, Mapping) and len(value) == 1:
        ((kind, value),) = value.items()
        if kind in KEY_PATTERNS and isinstance(value, str):
            return TeacherKey(kind, value)
    raise RequestRefused(Problem("teacher.bad_keys", {"most": MAX_KEYS}, ("keys",)))
