"""The bundle of a school, `{"getSekolah": …, "getGtk": …, "getPengguna": …}`.

A bad row is refused with its path; the other rows are read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.identity.people.model import AssignmentFacts, SchoolFacts, TeacherFacts
from services.identity.registry import fields
from services.identity.registry.json_input import InputPath, Json, RawRows, check_error_answer, read_rows
from services.identity.registry.rows import Gtk, Pengguna, Sekolah, read_gtk, read_row
from services.kit.problems import Problem, RequestRefused
from services.kit.text import clean_name

_uuid: TypeAdapter[UUID | None] = TypeAdapter(fields.Uuid)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The facts of a bundle. If `is_complete`, everybody who is not in `present_ids` has left the school."""

    school: SchoolFacts
    people: dict[UUID, tuple[TeacherFacts, AssignmentFacts]]
    users: tuple[tuple[InputPath, Pengguna], ...]
    problems: tuple[Problem, ...]
    present_ids: frozenset[UUID]
    is_complete: bool


def read_bundle(value: Json) -> Bundle:
    """Read a bundle. Raises RequestRefused for an unreadable school and for an error response of Dapodik."""
    check_error_answer(value, ())
    if not isinstance(value, dict) or "getSekolah" not in value:
        raise RequestRefused(Problem("bundle.no_school", path=("getSekolah",)))
    school = _read_school(read_rows("getSekolah", value["getSekolah"]))
    gtk, users = read_rows("getGtk", value.get("getGtk")), read_rows("getPengguna", value.get("getPengguna"))
    problems: list[Problem] = []
    gtk_rows: list[tuple[InputPath, Gtk]] = []
    for path, row in gtk.rows:
        try:
            gtk_rows.append((path, read_gtk(row, path)))
        except RequestRefused as refusal:
            problems.extend(_add_name(problem, row) for problem in refusal.problems)
    people, conflicts = _select_people(gtk_rows, school.npsn)
    pengguna_rows: list[tuple[InputPath, Pengguna]] = []
    for path, row in users.rows:
        try:
            pengguna_rows.append((path, read_row(Pengguna, row, path)))
        except RequestRefused as refusal:
            problems.extend(_add_name(problem, row) for problem in refusal.problems)
    row_ids = [_read_ptk_id(row) for _, row in gtk.rows]
    return Bundle(
        school=school,
        people=people,
        users=tuple(pengguna_rows),
        problems=(*problems, *conflicts),
        present_ids=frozenset(ptk_id for ptk_id in row_ids if ptk_id),
        is_complete=_is_complete(gtk) and None not in row_ids,
    )


def _add_name(problem: Problem, row: Json) -> Problem:
    """Add the name in a refused row, by which its sender finds it."""
    name = row.get("nama") if isinstance(row, dict) else None
    if not isinstance(name, str) or not (name := clean_name(name)):
        return problem
    return replace(problem, params={**problem.params, "nama": name[: fields.MAX_TEXT_LENGTH]})


def _read_school(raw: RawRows) -> SchoolFacts:
    if len(raw.rows) != 1:
        raise RequestRefused(Problem("bundle.not_one_school", {"count": len(raw.rows)}, ("getSekolah",)))
    path, row = raw.rows[0]
    return read_row(Sekolah, row, path).to_facts()


def _select_people(
    rows: list[tuple[InputPath, Gtk]], npsn: str
) -> tuple[dict[UUID, tuple[TeacherFacts, AssignmentFacts]], list[Problem]]:
    """Return one row per person: the latest school year. Different rows of one year are all refused."""
    by_person: dict[UUID, list[tuple[InputPath, Gtk]]] = defaultdict(list)
    for path, row in rows:
        by_person[row.ptk_id].append((path, row))
    people: dict[UUID, tuple[TeacherFacts, AssignmentFacts]] = {}
    conflicts: list[Problem] = []
    for ptk_id, own_rows in by_person.items():
        year = max(int(row.tahun_ajaran_id or 0) for _, row in own_rows)
        latest_rows = [(path, row) for path, row in own_rows if int(row.tahun_ajaran_id or 0) == year]
        distinct = {(row.to_teacher(), row.to_assignment(npsn)) for _, row in latest_rows}
        if len(distinct) == 1:
            people[ptk_id] = distinct.pop()
        else:
            conflicts.extend(
                Problem("row.contradicts", {"ptk_id": str(ptk_id), "nama": row.nama}, path)
                for path, row in latest_rows
            )
    return people, conflicts


def _is_complete(raw: RawRows) -> bool:
    """Return whether all rows that Dapodik announced are present. Without a total (bare array) it is unknown.

    An empty list is never complete, because one mistake would then make everybody leave.
    """
    keys = [
        str(row.get("ptk_terdaftar_id") or row.get("ptk_id") or path).lower()
        if isinstance(row, dict)
        else str(path)
        for path, row in raw.rows
    ]
    return bool(keys) and raw.announced_total is not None and len(set(keys)) >= raw.announced_total


def _read_ptk_id(row: Json) -> UUID | None:
    try:
        return _uuid.validate_python(row.get("ptk_id")) if isinstance(row, dict) else None
    except ValidationError:
        return None
