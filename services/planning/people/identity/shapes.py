"""What identity answers, checked before anything of it is believed: an answer of another shape changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter
from pydantic_core import from_json

from services.planning.people.model import (
    Account,
    Assignment,
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
    revision: int
    facts: _TeacherFacts
    assignments: tuple[Assignment, ...]
    headships: tuple[HeadedSchool, ...]
    accounts: tuple[Account, ...]
    status: Literal["active", "left"]


class _Address(BaseModel):
    id: str
    email: str


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """Identity learned something new of a teacher (key: ptk_id) or a school (key: NPSN)."""

    seq: int
    kind: Literal["teacher", "school"]
    key: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in their order; `next` is where to go on, `more` whether to do so at once."""

    changes: tuple[RegistryChange, ...]
    next: int
    more: bool


class _People(BaseModel):
    ptk_ids: list[UUID | None]


class _Problem(BaseModel):
    code: str


class _Problems(BaseModel):
    problems: tuple[_Problem]


_SCHOOL = TypeAdapter(SchoolFacts)
_CHANGES = TypeAdapter(Changes)


def parsed(body: bytes) -> object:
    """The JSON of an answer; ValueError for anything else, and for text that no database of ours can keep."""
    if rb"\u0000" in body:
        raise ValueError("NUL")
    return from_json(body, allow_inf_nan=False)


def teacher_of(answer: object, ptk_id: str) -> TeacherFacts:
    """The facts about this teacher; ValueError (pydantic's is one) for any other shape or person."""
    told = _Teacher.model_validate(answer)
    if told.ptk_id != ptk_id:
        raise ValueError("another teacher")
    facts = {name: getattr(told.facts, name) for name in _TeacherFacts.model_fields}
    for name in ("status_kepegawaian", "jenis_ptk"):
        facts[name] = _referring(facts[name])
    return TeacherFacts(
        ptk_id=told.ptk_id, revision=told.revision, assignments=told.assignments,
        headships=told.headships, accounts=told.accounts, status=told.status, **facts,
    )  # fmt: skip


def address_of(answer: object, account: str) -> str:
    """The address of this account; ValueError for any other shape or account."""
    told = _Address.model_validate(answer)
    if told.id != account:
        raise ValueError("another account")
    return told.email


def school_of(answer: object, npsn: str) -> SchoolFacts:
    """The facts about this school and its headships; ValueError for any other shape or school."""
    told = _SCHOOL.validate_python(answer)
    if told.npsn != npsn or any((one.kind == "kosong") != (one.ptk_id is None) for one in told.headships):
        raise ValueError("another school, or a head without a person")
    begins = [one.valid_from or date.min for one in told.headships]
    ends = [one.valid_until for one in told.headships]
    if ends != [*begins[1:], None] or begins != sorted(set(begins)):
        raise ValueError("headships with a gap or out of order")
    return told


def people_of(answer: object, many: int) -> list[str | None]:
    """A ptk_id or nothing for each of so many numbers; ValueError for any other answer."""
    told = [str(one) if one else None for one in _People.model_validate(answer).ptk_ids]
    if len(told) != many:
        raise ValueError("more or less than asked for")
    return told


def says_unknown(answer: object, about: str) -> bool:
    """Whether identity itself says that it knows nobody, and not something in between that it knows no such path."""
    return _Problems.model_validate(answer).problems[0].code == f"{about}.unknown"


def changes_of(answer: object, after: int) -> Changes:
    """Changes after `after`, each later than the one before it; ValueError for any other answer."""
    told = _CHANGES.validate_python(answer)
    places = [after, *(change.seq for change in told.changes)]
    in_order = all(earlier < later for earlier, later in pairwise(places))
    if not in_order or told.next != places[-1] or (told.more and not told.changes):
        raise ValueError("changes out of order")
    return told


def _referring(fact: Fact[_Reference]) -> Fact[Reference]:
    value = Reference(fact.value.id, fact.value.label) if fact.value else None
    return Fact(value, fact.source, fact.as_of)
