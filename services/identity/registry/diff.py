"""What a bundle says against what is known, so that importing the same twice changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from typing import Generic, TypeVar
from uuid import UUID

from services.identity.people.model import (
    AccountFacts,
    AssignmentFacts,
    DutyFacts,
    Facts,
    Known,
    Row,
    SchoolFacts,
    TeacherFacts,
    Told,
    ZoneFacts,
    induk_of,
)
from services.identity.registry.bundle import ReadSchool
from services.identity.registry.report import Item, Kind, Report
from services.kit.problems import Problem

OwnFacts = TypeVar("OwnFacts", DutyFacts, AccountFacts, ZoneFacts)


def merge(known: Known[Facts] | None, facts: Facts, told: Told) -> tuple[Known[Facts], tuple[str, ...]]:
    """The facts on record after `told` said `facts`, and the names of those that changed.

    Only a changed fact gets a new provenance. A fact that was recorded later than `told` stays as it is.
    """
    if known is None:
        return Known(facts, {one.name: told for one in fields(facts)}), ()
    changed = tuple(
        one.name
        for one in fields(facts)
        if getattr(facts, one.name) != getattr(known.facts, one.name)
        and (one.name not in known.told or known.told[one.name].as_of <= told.as_of)
    )
    after = replace(known.facts, **{name: getattr(facts, name) for name in changed})
    return Known(after, {**known.told, **dict.fromkeys(changed, told)}), changed


@dataclass(slots=True)
class RowsDiff(Generic[OwnFacts]):
    """Rows of one of our own files, or of a part of it, against those on record."""

    to_save: list[Row[OwnFacts]] = field(default_factory=list)
    new: list[Item] = field(default_factory=list)
    changed: list[Item] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def tell(self, part: RowsDiff[OwnFacts]) -> None:
        """Take over what a part, already written, has to report."""
        self.new += part.new
        self.changed += part.changed
        self.unchanged += part.unchanged
        self.refused += part.refused
        self.warnings += part.warnings

    def report(self, subject: str) -> Report:
        """The report of the whole file; who is not in it has not left."""
        return Report(
            subject=subject,
            new=tuple(self.new),
            changed=tuple(self.changed),
            unchanged=self.unchanged,
            refused=tuple(self.refused),
            warnings=tuple(self.warnings),
            complete=False,
        )


def compare_rows(
    kind: Kind, read: Mapping[str, OwnFacts], known: Mapping[str, Row[OwnFacts]], told: Told
) -> RowsDiff[OwnFacts]:
    """New, changed and unchanged rows, both sides by the same key; a row recorded later than `told` stays."""
    diff: RowsDiff[OwnFacts] = RowsDiff()
    for key, facts in read.items():
        before = known.get(key)
        names = changed_fields(before.facts, facts) if before else ()
        if before and before.told.as_of > told.as_of and names:
            diff.warnings.append(Problem("row.older", {"key": key}))
        if before and (not names or before.told.as_of > told.as_of):
            diff.unchanged += 1
            continue
        diff.to_save.append(Row(facts, told))
        (diff.changed if before else diff.new).append(Item(kind, key, names))
    return diff


RowLike = TypeVar("RowLike")


def changed_fields(before: RowLike, after: RowLike, ignore: Collection[str] = ()) -> tuple[str, ...]:
    """The names of the fields in which two values of one dataclass differ."""
    names = (one.name for one in fields(before) if one.name not in ignore)  # type: ignore[arg-type]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


# the first of the country's days to begin: no school is refused for living further east
WIT = timezone(timedelta(hours=9))


def refuse_future(read: ReadSchool, as_of: datetime) -> ReadSchool:
    """The bundle without the people whose surat tugas is later than its data; each is refused with the reason.

    They stay `present`: a row that is refused makes nobody leave.
    """
    day = as_of.astimezone(WIT).date()
    to_come = {ptk_id for ptk_id, (_, place) in read.people.items() if place.since and place.since > day}
    refused = (
        Problem(
            "field.in_the_future",
            {"field": "tanggal_surat_tugas"},
            ("getGtk", str(ptk_id), "tanggal_surat_tugas"),
        )
        for ptk_id in sorted(to_come)
    )
    people = {ptk_id: told for ptk_id, told in read.people.items() if ptk_id not in to_come}
    return replace(read, people=people, refused=(*read.refused, *refused))


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
