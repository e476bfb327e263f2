"""Parsers of the answers of identity. Each raises ValueError for an answer of another form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter
from pydantic_core import from_json

from services.planning.people.model import (
    Account,
    Assignment,
    Duty,
    Fact,
    HeadedSchool,
    Reference,
    SchoolFacts,
    TeacherFacts,
)

_Id = Annotated[int | None, BeforeValidator(lambda value: int(value) if isinstance(value, str) else value)]


class _Reference(BaseModel):
    id: _Id = None
    label: str | None = None


class _TeacherFacts(BaseModel):
    nama: Fact[str]
    nip: Fact[str]
    nuptk: Fact[str]
    status_kepegawaian: Fact[_Reference]
    jenis_ptk: Fact[_Reference]
    pangkat_golongan: Fact[str]
    jenjang_jabatan: Fact[str]
    sekolah_induk: Fact[str]


class _Teacher(BaseModel):
    model_config = ConfigDict(extra="ignore")

    ptk_id: str
    change_number: int
    facts: _TeacherFacts
    assignments: tuple[Assignment, ...]
    headships: tuple[HeadedSchool, ...]
    accounts: tuple[Account, ...]
    duties: tuple[Duty, ...] = ()
    status: Literal["active", "left"]
    other_records: frozenset[str] = frozenset()


class _Address(BaseModel):
    id: str
    email: str


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A change of the facts about a teacher (key: ptk_id) or a school (key: NPSN)."""

    seq: int
    kind: Literal["teacher", "school"]
    key: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes. `next` is the position after it, and `more` tells whether another page follows.

    `previous` is the change before the page, None if the feed does not have it.
    """

    changes: tuple[IdentityChange, ...]
    next: int
    more: bool
    previous: IdentityChange | None = None


class _People(BaseModel):
    ptk_ids: list[UUID | None]


class _Problem(BaseModel):
    code: str


class _Problems(BaseModel):
    problems: tuple[_Problem]


_SCHOOL = TypeAdapter(SchoolFacts)
_CHANGES = TypeAdapter(ChangePage)


def parse_json(body: bytes) -> object:
    """Parse JSON. Raises ValueError also for a NUL character, which PostgreSQL cannot store."""
    if rb"\u0000" in body:
        raise ValueError("NUL")
    return from_json(body, allow_inf_nan=False)


def parse_teacher(answer: object, ptk_id: str) -> TeacherFacts:
    """Parse the facts about a teacher. Raises ValueError, also for another teacher."""
    teacher = _Teacher.model_validate(answer)
    if teacher.ptk_id != ptk_id:
        raise ValueError("another teacher")
    facts = {name: getattr(teacher.facts, name) for name in _TeacherFacts.model_fields}
    for name in ("status_kepegawaian", "jenis_ptk"):
        facts[name] = _parse_reference(facts[name])
    return TeacherFacts(
        ptk_id=teacher.ptk_id, change_number=teacher.change_number, assignments=teacher.assignments,
        headships=teacher.headships, accounts=teacher.accounts, duties=teacher.duties,
        status=teacher.status, other_records=teacher.other_records, **facts,
    )  # fmt: skip


def parse_address(answer: object, account: str) -> str:
    """Parse the address of an account. Raises ValueError, also for another account."""
    address = _Address.model_validate(answer)
    if address.id != account:
        raise ValueError("another account")
    return address.email


def parse_school(answer: object, npsn: str) -> SchoolFacts:
    """Parse the facts about a school. Raises ValueError, also for another school or headships with a gap."""
    school = _SCHOOL.validate_python(answer)
    if school.npsn != npsn or any((one.kind == "kosong") != (one.ptk_id is None) for one in school.headships):
        raise ValueError("another school, or a head without a person")
    begins = [one.valid_from or date.min for one in school.headships]
    ends = [one.valid_until for one in school.headships]
    if ends != [*begins[1:], None] or begins != sorted(set(begins)):
        raise ValueError("headships with a gap or out of order")
    return school


def parse_people(answer: object, count: int) -> list[str | None]:
    """Parse a ptk_id or None for each of `count` numbers."""
    ptk_ids = [str(one) if one else None for one in _People.model_validate(answer).ptk_ids]
    if len(ptk_ids) != count:
        raise ValueError("another number of answers than of questions")
    return ptk_ids


def is_unknown(answer: object, about: str) -> bool:
    """Tell whether a 404 comes from identity, which does not know the subject, and not from a proxy."""
    return _Problems.model_validate(answer).problems[0].code == f"{about}.unknown"


def parse_changes(answer: object, after: int) -> ChangePage:
    """Parse a page of changes after a position. Raises ValueError if they are out of order."""
    page = _CHANGES.validate_python(answer)
    places = [after, *(change.seq for change in page.changes)]
    in_order = all(earlier < later for earlier, later in pairwise(places))
    if page.previous and page.previous.seq != after:
        raise ValueError("another change before the page")
    if not in_order or page.next != places[-1] or (page.more and not page.changes):
        raise ValueError("changes out of order")
    return page


def _parse_reference(fact: Fact[_Reference]) -> Fact[Reference]:
    value = Reference(fact.value.id, fact.value.label) if fact.value else None
    return Fact(value, fact.source, fact.as_of)
