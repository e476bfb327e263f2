"""A school's bundle against what is known of the school and its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.identity.domain.bundle import ReadSchool
from services.identity.domain.diff import changed_fields, merge
from services.identity.domain.registry import (
    AssignmentFacts,
    Known,
    Row,
    SchoolFacts,
    TeacherFacts,
    Told,
    induk_of,
)
from services.identity.domain.report import Item, Report
from services.kit.problem import Problem

GTK, SEKOLAH = "dapodik:getGtk", "dapodik:getSekolah"


@dataclass(frozen=True, slots=True)
class KnownSchool:
    """The school, the people of the bundle, and all assignments of both, as recorded before the import."""

    school: Known[SchoolFacts] | None
    teachers: Mapping[UUID, Known[TeacherFacts]]
    assignments: list[Row[AssignmentFacts]]


@dataclass(frozen=True, slots=True)
class SchoolDiff:
    """What to write and to report. `heads_moved`: people whose name or place changed, so heads may too."""

    school: Known[SchoolFacts]
    school_changed: bool
    teachers: tuple[Known[TeacherFacts], ...]
    assignments: tuple[Row[AssignmentFacts], ...]
    touched_people: frozenset[UUID]
    heads_moved: frozenset[UUID]
    report: Report


@dataclass(frozen=True, slots=True)
class _Person:
    teacher: Known[TeacherFacts]
    teacher_fields: tuple[str, ...]
    is_known: bool
    assignment: Row[AssignmentFacts]
    before: Row[AssignmentFacts] | None
    warnings: tuple[Problem, ...]

    @property
    def arrives(self) -> bool:
        return self.before is None or self.before.left_at is not None

    @property
    def moved_fields(self) -> tuple[str, ...]:
        return () if self.before is None else changed_fields(self.before.facts, self.assignment.facts)

    @property
    def touched(self) -> bool:
        return self.arrives or bool(self.teacher_fields or self.moved_fields)


def compare_school(read: ReadSchool, known: KnownSchool, told: Told, *, pushed: bool = False) -> SchoolDiff:
    """The difference that a bundle makes; `told.as_of` is the instant its data are of.

    `pushed`: the school itself sent it. It then speaks for its own people only: nobody whose sekolah induk is
    another school becomes its own before that school lets them go, or an operator imports a file that says so.
    """
    school, school_fields = merge(known.school, read.school, replace(told, source=SEKOLAH))
    people = [_person(ptk_id, read, known, replace(told, source=GTK), pushed) for ptk_id in read.people]
    gone = _gone(read, known, told)
    touched = frozenset(p.teacher.facts.ptk_id for p in people if p.touched)
    moved = [p for p in people if p.arrives or p.moved_fields or "nama" in p.teacher_fields]
    left = frozenset(row.facts.ptk_id for row in gone)
    school_item = Item("school", read.school.npsn, school_fields)
    arrived = (Item("teacher", str(p.teacher.facts.ptk_id)) for p in people if p.arrives)
    altered = (
        Item("teacher", str(p.teacher.facts.ptk_id), tuple(dict.fromkeys(p.teacher_fields + p.moved_fields)))
        for p in people
        if p.touched and not p.arrives
    )
    report = Report(
        subject=read.school.npsn,
        new=(*([] if known.school else [school_item]), *arrived),
        changed=(*([school_item] if school_fields else []), *altered),
        left=tuple(Item("teacher", str(ptk_id)) for ptk_id in sorted(left)),
        unchanged=sum(not p.touched for p in people) + bool(known.school and not school_fields),
        refused=read.refused,
        warnings=tuple(warning for p in people for warning in p.warnings),
        complete=read.complete,
    )
    return SchoolDiff(
        school=school,
        school_changed=not known.school or bool(school_fields),
        teachers=tuple(p.teacher for p in people if not p.is_known or p.teacher_fields),
        assignments=(*(p.assignment for p in people if p.arrives or p.moved_fields), *gone),
        touched_people=touched | left,
        heads_moved=frozenset(p.teacher.facts.ptk_id for p in moved) | left,
        report=report,
    )


def _person(ptk_id: UUID, read: ReadSchool, known: KnownSchool, told: Told, pushed: bool) -> _Person:
    facts, said = read.people[ptk_id]
    theirs = {row.facts.npsn: row for row in known.assignments if row.facts.ptk_id == ptk_id}
    before, induk_before = theirs.get(said.npsn), induk_of(list(theirs.values()))
    # kept, a claim that was refused would win in silence later on
    place = replace(said, induk=said.induk and not (pushed and induk_before not in (said.npsn, None)))
    unchanged = before is not None and before.left_at is None and before.facts == place
    after = before if unchanged and before else Row(place, told)
    induk = induk_of([*(row for npsn, row in theirs.items() if npsn != place.npsn), after])
    recorded = known.teachers.get(ptk_id)
    # the sekolah induk speaks for the person; another school's word counts only while nobody else gave one
    if recorded is None or induk == place.npsn or (induk is None and not pushed):
        teacher, names = merge(recorded, facts, told)
    else:
        teacher, names = recorded, ()
    at = ("getGtk", str(ptk_id))
    warnings = [Problem(code, {"ptk_id": str(ptk_id)}, at) for code in facts.flags]
    dispute = _dispute(said, place, induk_before, induk)
    if dispute:
        code, npsn = dispute
        warnings.append(Problem(code, {"ptk_id": str(ptk_id), "npsn": npsn}, at))
    return _Person(teacher, names, recorded is not None, after, before, tuple(warnings))


def _dispute(
    said: AssignmentFacts, place: AssignmentFacts, before: str | None, after: str | None
) -> tuple[str, str | None] | None:
    """What became of a claim to be the sekolah induk that another school had too: a code, and that school."""
    if said.induk and not place.induk:
        return "induk.claim_refused", before
    if said.induk and after != said.npsn:
        return "induk.claimed_elsewhere", after
    if after == said.npsn and before not in (said.npsn, None):
        return "induk.taken_over", before
    return None


def _gone(read: ReadSchool, known: KnownSchool, told: Told) -> tuple[Row[AssignmentFacts], ...]:
    """The assignments that end: those at this school whose person a complete bundle no longer has."""
    if not read.complete:
        return ()
    return tuple(
        replace(row, left_at=told.as_of)
        for row in known.assignments
        if row.facts.npsn == read.school.npsn and row.left_at is None and row.facts.ptk_id not in read.present
    )
