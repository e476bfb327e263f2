"""One school's bundle, `{"getSekolah": …, "getGtk": …, "getPengguna": …}`, read row by row.

One bad row never hides the others: it is refused with its place, and the rest stands.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.identity.people.model import AssignmentFacts, SchoolFacts, TeacherFacts
from services.identity.registry import fields
from services.identity.registry.json_input import Json, Place, RawRows, refuse_error_answer, unwrap
from services.identity.registry.rows import Gtk, Pengguna, read_gtk, read_pengguna, read_sekolah
from services.kit.problems import Problem, RequestRefused

_uuid: TypeAdapter[UUID | None] = TypeAdapter(fields.Uuid)


@dataclass(frozen=True, slots=True)
class ReadSchool:
    """What a bundle says. Where it is `complete`, whoever is not `present` has left the school."""

    school: SchoolFacts
    people: dict[UUID, tuple[TeacherFacts, AssignmentFacts]]
    users: tuple[tuple[Place, Pengguna], ...]
    refused: tuple[Problem, ...]
    present: frozenset[UUID]
    complete: bool


def read_bundle(bundle: Json) -> ReadSchool:
    """Read a bundle; RequestRefused when the school itself cannot be read or Dapodik answered with an error."""
    refuse_error_answer(bundle, ())
    if not isinstance(bundle, dict) or "getSekolah" not in bundle:
        raise RequestRefused(Problem("bundle.no_school", path=("getSekolah",)))
    school = _school(unwrap("getSekolah", bundle["getSekolah"]))
    gtk, users = unwrap("getGtk", bundle.get("getGtk")), unwrap("getPengguna", bundle.get("getPengguna"))
    refused: list[Problem] = []
    read: list[tuple[Place, Gtk]] = []
    for place, row in gtk.rows:
        try:
            read.append((place, read_gtk(row, place)))
        except RequestRefused as refusal:
            refused.extend(refusal.problems)
    people, conflicts = _people(read, school.npsn)
    known_users: list[tuple[Place, Pengguna]] = []
    for place, row in users.rows:
        try:
            known_users.append((place, read_pengguna(row, place)))
        except RequestRefused as refusal:
            refused.extend(refusal.problems)
    named = [_ptk_id(row) for _, row in gtk.rows]
    return ReadSchool(
        school=school,
        people=people,
        users=tuple(known_users),
        refused=(*refused, *conflicts),
        present=frozenset(ptk_id for ptk_id in named if ptk_id),
        complete=_is_complete(gtk) and None not in named,
    )


def _school(raw: RawRows) -> SchoolFacts:
    if len(raw.rows) != 1:
        raise RequestRefused(Problem("bundle.not_one_school", {"count": len(raw.rows)}, ("getSekolah",)))
    place, row = raw.rows[0]
    return read_sekolah(row, place).facts()


def _people(
    rows: list[tuple[Place, Gtk]], npsn: str
) -> tuple[dict[UUID, tuple[TeacherFacts, AssignmentFacts]], list[Problem]]:
    """One row for each person: the youngest school year; rows of one year that differ are all refused."""
    by_person: dict[UUID, list[tuple[Place, Gtk]]] = defaultdict(list)
    for place, row in rows:
        by_person[row.ptk_id].append((place, row))
    people: dict[UUID, tuple[TeacherFacts, AssignmentFacts]] = {}
    problems: list[Problem] = []
    for ptk_id, theirs in by_person.items():
        year = max(int(row.tahun_ajaran_id or 0) for _, row in theirs)
        youngest = [(place, row) for place, row in theirs if int(row.tahun_ajaran_id or 0) == year]
        told = {(row.teacher(), row.assignment(npsn)) for _, row in youngest}
        if len(told) == 1:
            people[ptk_id] = told.pop()
        else:
            problems.extend(
                Problem("row.contradicts", {"ptk_id": str(ptk_id)}, place) for place, _ in youngest
            )
    return people, problems


def _is_complete(raw: RawRows) -> bool:
    """Whether every row that Dapodik announced came; without an announcement (bare array) nobody can know.

    An answer without anybody is never complete: no school is empty, and one mistake would make all leave.
    """
    keys = [
        str(row.get("ptk_terdaftar_id") or row.get("ptk_id") or place).lower()
        if isinstance(row, dict)
        else str(place)
        for place, row in raw.rows
    ]
    return bool(keys) and raw.announced is not None and len(set(keys)) >= raw.announced


def _ptk_id(row: Json) -> UUID | None:
    try:
        return _uuid.validate_python(row.get("ptk_id")) if isinstance(row, dict) else None
    except ValidationError:
        return None
