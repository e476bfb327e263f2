"""Differences between the Dapodik data of a school and the stored data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from services.identity.people.model import (
    AssignmentFacts,
    Entity,
    Facts,
    Provenance,
    Row,
    SchoolFacts,
    TeacherFacts,
    find_induk,
)
from services.identity.registry.bundle import Bundle
from services.identity.registry.report import Item, Report
from services.identity.registry.rows_diff import list_changed_fields
from services.kit.clock import is_ahead
from services.kit.problems import Problem

# the instant of what was recorded under a clock that ran ahead: any later data replace it
UNKNOWN_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def distrust_ahead(provenance: Provenance, now: datetime) -> Provenance:
    """Return the provenance, with UNKNOWN_INSTANT if its instant is ahead of the clock."""
    return replace(provenance, as_of=UNKNOWN_INSTANT) if is_ahead(provenance.as_of, now) else provenance


def merge_facts(
    entity: Entity[Facts] | None, facts: Facts, provenance: Provenance
) -> tuple[Entity[Facts], tuple[str, ...]]:
    """Return the entity with new facts merged in, and the names of the facts that changed.

    Only a changed fact gets the new provenance. A stored fact with a later provenance stays.
    """
    if entity is None:
        return Entity(facts, {one.name: provenance for one in fields(facts)}), ()
    changed_names = tuple(
        one.name
        for one in fields(facts)
        if getattr(facts, one.name) != getattr(entity.facts, one.name)
        and (one.name not in entity.provenance or entity.provenance[one.name].as_of <= provenance.as_of)
    )
    after = replace(entity.facts, **{name: getattr(facts, name) for name in changed_names})
    provenances = {
        name: provenance if name in changed_names or former.as_of == UNKNOWN_INSTANT else former
        for name, former in entity.provenance.items()
    }
    return Entity(after, {**provenances, **dict.fromkeys(changed_names, provenance)}), changed_names


# the easternmost zone: at a school there, tomorrow begins first
WIT = timezone(timedelta(hours=9))


def refuse_future(bundle: Bundle, as_of: datetime) -> Bundle:
    """Refuse the people whose surat tugas is later than the data.

    They stay in `present_ids`, because a refused row makes nobody leave.
    """
    day = as_of.astimezone(WIT).date()
    future_ids = {
        ptk_id
        for ptk_id, (_, assignment) in bundle.people.items()
        if assignment.since and assignment.since > day
    }
    problems = (
        Problem(
            "field.in_the_future",
            {"field": "tanggal_surat_tugas", "nama": bundle.people[ptk_id][0].nama},
            ("getGtk", str(ptk_id), "tanggal_surat_tugas"),
        )
        for ptk_id in sorted(future_ids)
    )
    people = {ptk_id: person for ptk_id, person in bundle.people.items() if ptk_id not in future_ids}
    return replace(bundle, people=people, problems=(*bundle.problems, *problems))


GTK, SEKOLAH = "dapodik:getGtk", "dapodik:getSekolah"


@dataclass(frozen=True, slots=True)
class SchoolSnapshot:
    """The stored school, people of the bundle, and assignments of both before the import."""

    school: Entity[SchoolFacts] | None
    teachers: Mapping[UUID, Entity[TeacherFacts]]
    assignments: list[Row[AssignmentFacts]]

    def distrust_ahead(self, now: datetime) -> SchoolSnapshot:
        """Return the same facts; those from ahead of the clock have UNKNOWN_INSTANT."""

        def distrust(entity: Entity[Facts]) -> Entity[Facts]:
            provenance = {name: distrust_ahead(one, now) for name, one in entity.provenance.items()}
            return replace(entity, provenance=provenance)

        return SchoolSnapshot(
            distrust(self.school) if self.school else None,
            {ptk_id: distrust(teacher) for ptk_id, teacher in self.teachers.items()},
            [replace(row, provenance=distrust_ahead(row.provenance, now)) for row in self.assignments],
        )


@dataclass(frozen=True, slots=True)
class SchoolDiff:
    """The changes to write and to report. `possible_heads` are people whose name or assignment changed."""

    school: Entity[SchoolFacts]
    is_school_changed: bool
    teachers: tuple[Entity[TeacherFacts], ...]
    assignments: tuple[Row[AssignmentFacts], ...]
    changed_people: frozenset[UUID]
    possible_heads: frozenset[UUID]
    report: Report


@dataclass(frozen=True, slots=True)
class _PersonDiff:
    teacher: Entity[TeacherFacts]
    teacher_fields: tuple[str, ...]
    is_known: bool
    assignment: Row[AssignmentFacts]
    before: Row[AssignmentFacts] | None
    warnings: tuple[Problem, ...]

    @property
    def is_new(self) -> bool:
        return self.before is None or self.before.left_at is not None

    @property
    def assignment_fields(self) -> tuple[str, ...]:
        return () if self.before is None else list_changed_fields(self.before.facts, self.assignment.facts)

    @property
    def is_changed(self) -> bool:
        return self.is_new or bool(self.teacher_fields or self.assignment_fields)


def compare_school(
    bundle: Bundle,
    stored_snapshot: SchoolSnapshot,
    provenance: Provenance,
    now: datetime,
    *,
    is_push: bool = False,
) -> SchoolDiff:
    """Compare a bundle with the stored data. `provenance.as_of` is the instant of the data.

    Data that were stored under a clock that ran ahead never win. They are written again, with a warning.
    With a push (`is_push`) a school changes its own people only. A person of another sekolah induk stays there until
    that school releases them, or an operator imports a file.
    """
    snapshot = stored_snapshot.distrust_ahead(now)
    school, school_fields = merge_facts(snapshot.school, bundle.school, replace(provenance, source=SEKOLAH))
    source = replace(provenance, source=GTK)
    people = [_compare_person(ptk_id, bundle, snapshot, source, is_push) for ptk_id in bundle.people]
    ends = _end_assignments(bundle, snapshot, provenance)
    changed_people = frozenset(p.teacher.facts.ptk_id for p in people if p.is_changed)
    moves = [p for p in people if p.is_new or p.assignment_fields or "nama" in p.teacher_fields]
    leavers = frozenset(row.facts.ptk_id for row in ends)
    rows_after = {
        (row.facts.ptk_id, row.facts.npsn): row
        for row in (*snapshot.assignments, *(p.assignment for p in people), *ends)
    }
    school_item = Item("school", bundle.school.npsn, school_fields)
    new_items = (Item("teacher", str(p.teacher.facts.ptk_id)) for p in people if p.is_new)
    changed_items = (
        Item(
            "teacher",
            str(p.teacher.facts.ptk_id),
            tuple(dict.fromkeys(p.teacher_fields + p.assignment_fields)),
        )
        for p in people
        if p.is_changed and not p.is_new
    )
    report = Report(
        subject=bundle.school.npsn,
        new_items=(*([] if snapshot.school else [school_item]), *new_items),
        changed_items=(*([school_item] if school_fields else []), *changed_items),
        leavers=tuple(Item("teacher", str(ptk_id)) for ptk_id in sorted(leavers)),
        unchanged_count=sum(not p.is_changed for p in people) + bool(snapshot.school and not school_fields),
        problems=bundle.problems,
        warnings=(
            *([Problem("import.ahead", {"npsn": bundle.school.npsn})] if snapshot != stored_snapshot else []),
            *(warning for p in people for warning in p.warnings),
        ),
        is_complete=bundle.is_complete,
        names={
            bundle.school.npsn: bundle.school.nama,
            **{str(ptk_id): teacher.nama for ptk_id, (teacher, _) in bundle.people.items()},
        },
    )
    return SchoolDiff(
        school=school,
        is_school_changed=not snapshot.school or bool(school_fields),
        teachers=tuple(
            p.teacher for p in people if p.teacher != stored_snapshot.teachers.get(p.teacher.facts.ptk_id)
        ),
        assignments=(*(row for row in rows_after.values() if row not in stored_snapshot.assignments),),
        changed_people=changed_people | leavers,
        possible_heads=frozenset(p.teacher.facts.ptk_id for p in moves) | leavers,
        report=report,
    )


def _compare_person(
    ptk_id: UUID, bundle: Bundle, snapshot: SchoolSnapshot, provenance: Provenance, is_push: bool
) -> _PersonDiff:
    facts, claim = bundle.people[ptk_id]
    rows = {row.facts.npsn: row for row in snapshot.assignments if row.facts.ptk_id == ptk_id}
    before, induk_before = rows.get(claim.npsn), find_induk(list(rows.values()))
    # a refused claim is not stored, because it would win later without a warning
    is_undecided, is_refused = False, False
    if induk_before is not None and induk_before != claim.npsn:
        dates = {claim.since, rows[induk_before].facts.since}
        is_undecided = len(dates) == 1 or None in dates
        is_refused = is_push or is_undecided
    assignment = replace(claim, induk=claim.induk and not is_refused)
    is_same = (
        before is not None
        and (before.left_at, before.facts) == (None, assignment)
        and before.provenance.as_of != UNKNOWN_INSTANT
    )
    after = before if is_same and before else Row(assignment, provenance)
    induk = find_induk([*(row for npsn, row in rows.items() if npsn != assignment.npsn), after])
    former = snapshot.teachers.get(ptk_id)
    # facts come from the sekolah induk, or from another school while there is none
    if former is None or induk == assignment.npsn or (induk is None and not is_push):
        teacher, names = merge_facts(former, facts, provenance)
    else:
        teacher, names = former, ()
    path = ("getGtk", str(ptk_id))
    warnings = [Problem(code, {"ptk_id": str(ptk_id)}, path) for code in facts.flags]
    dispute = _find_induk_dispute(claim, assignment, induk_before, induk)
    if dispute and dispute[0] == "induk.claim_refused" and is_undecided and not is_push:
        dispute = "induk.same_date", induk_before
    if dispute:
        code, npsn = dispute
        warnings.append(Problem(code, {"ptk_id": str(ptk_id), "npsn": npsn}, path))
    return _PersonDiff(teacher, names, former is not None, after, before, tuple(warnings))


def _find_induk_dispute(
    claim: AssignmentFacts, assignment: AssignmentFacts, before: str | None, after: str | None
) -> tuple[str, str | None] | None:
    """Return the code and the other school if two schools claim to be the sekolah induk, or None."""
    if claim.induk and not assignment.induk:
        return "induk.claim_refused", before
    if claim.induk and after != claim.npsn:
        return "induk.claimed_elsewhere", after
    if after == claim.npsn and before not in (claim.npsn, None):
        return "induk.taken_over", before
    return None


def _end_assignments(
    bundle: Bundle, snapshot: SchoolSnapshot, provenance: Provenance
) -> tuple[Row[AssignmentFacts], ...]:
    """End the assignments at this school of people who are missing from a complete bundle."""
    if not bundle.is_complete:
        return ()
    return tuple(
        replace(row, left_at=provenance.as_of)
        for row in snapshot.assignments
        if row.facts.npsn == bundle.school.npsn
        and row.left_at is None
        and row.facts.ptk_id not in bundle.present_ids
    )
