"""Data diri: the teacher's own data, which the teacher checks before planning (Guide 5 and 6).

They are stored with the plan and never written back to Dapodik. The operator sekolah corrects other fields there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.kit.problems import Problem, RequestRefused
from services.planning.people.model import Fact, Reference, TeacherFacts
from services.planning.period.catalog import Catalog, Group, ProfileField

TEACHER = "teacher"  # source of a fact that the teacher gave
REGISTRY_FIELDS = (
    "nama", "nip", "nuptk", "status_kepegawaian", "jenis_ptk", "pangkat_golongan", "jenjang_jabatan",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """Data diri from Dapodik, with the confirmation and the one correction of the teacher in a period."""

    nama: Fact[str]
    nip: Fact[str]
    nuptk: Fact[str]
    status_kepegawaian: Fact[Reference]
    jenis_ptk: Fact[Reference]
    pangkat_golongan: Fact[str]
    jenjang_jabatan: Fact[str]
    group: Group | None
    confirmed_at: datetime | None = None
    corrected_at: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the teacher has confirmed data diri, so that planning may begin."""
        return self.confirmed_at is not None


def build_profile(teacher: TeacherFacts, catalog: Catalog) -> Profile:
    """Return the data diri that identity holds now."""
    status = teacher.status_kepegawaian.value
    return Profile(
        nama=teacher.nama,
        nip=teacher.nip,
        nuptk=teacher.nuptk,
        status_kepegawaian=teacher.status_kepegawaian,
        jenis_ptk=teacher.jenis_ptk,
        pangkat_golongan=teacher.pangkat_golongan,
        jenjang_jabatan=teacher.jenjang_jabatan,
        group=catalog.status_group(status.id if status else None),
    )


def follow_registry(profile: Profile, current: Profile) -> tuple[Profile, tuple[str, ...]]:
    """Return data diri with the registry's values of today, and the names of the fields that changed.

    What the teacher gave stays, and so does the confirmation.
    """
    facts = {name: (getattr(profile, name), getattr(current, name)) for name in REGISTRY_FIELDS}
    changed = {
        name: new for name, (old, new) in facts.items() if old.source != TEACHER and old.value != new.value
    }
    group = current.group if "status_kepegawaian" in changed else profile.group
    return replace(profile, group=group, **changed), tuple(changed)


def list_editable_fields(profile: Profile, catalog: Catalog) -> tuple[ProfileField, ...]:
    """Return the fields that the teacher may correct: those of the status group, and none after the correction."""
    return () if profile.corrected_at else catalog.editable_fields(profile.group)


def asks_jenjang_jabatan(profile: Profile, catalog: Catalog) -> bool:
    """Return whether the teacher is asked for the jenjang jabatan with the confirmation: Dapodik never has it.

    The teacher's own word of an earlier period is offered, and asked again.
    """
    fact = profile.jenjang_jabatan
    is_open = fact.value is None or (fact.source == TEACHER and not profile.is_confirmed)
    return is_open and "jenjang_jabatan" in list_editable_fields(profile, catalog)


def keep_jenjang_jabatan(profile: Profile, earlier: Profile, catalog: Catalog) -> Profile:
    """Return the profile of a new plan with the jenjang jabatan that the teacher gave in an earlier period."""
    fact = earlier.jenjang_jabatan
    if (
        fact.source != TEACHER
        or fact.value not in _levels(catalog)
        or not asks_jenjang_jabatan(profile, catalog)
    ):
        return profile
    return replace(profile, jenjang_jabatan=fact)


def fill_in_jenjang_jabatan(
    profile: Profile, jenjang_jabatan: str, catalog: Catalog, now: datetime
) -> Profile:
    """Return the profile with the jenjang jabatan that the teacher was asked for. It is no correction.

    Raises RequestRefused.
    """
    if jenjang_jabatan == profile.jenjang_jabatan.value:
        return profile
    path = ("jenjang_jabatan",)
    if "jenjang_jabatan" not in catalog.editable_fields(profile.group):
        raise RequestRefused(Problem("profile.not_editable", {"status": profile.group or "?"}, path))
    if not asks_jenjang_jabatan(profile, catalog):
        raise RequestRefused(Problem("profile.jenjang_jabatan_known", {}, path))
    if jenjang_jabatan not in _levels(catalog):
        raise RequestRefused(Problem("choice.not_offered", {"code": jenjang_jabatan}, path))
    return replace(profile, jenjang_jabatan=Fact(jenjang_jabatan, TEACHER, now))


def correct(
    profile: Profile, corrections: Mapping[ProfileField, str], catalog: Catalog, now: datetime
) -> tuple[Profile, tuple[ProfileField, ...]]:
    """Return the profile corrected and confirmed, and the fields with another value.

    Without any it is only confirmed: the one correction remains. Raises RequestRefused with every reason.
    """
    problems = tuple(_find_problems(profile, corrections, catalog))
    if problems:
        raise RequestRefused(problems)
    golongan, _, ruang = (profile.pangkat_golongan.value or "").partition("/")
    values = {"pangkat_golongan": golongan, "ruang": ruang, "jenjang_jabatan": profile.jenjang_jabatan.value}
    changed = tuple(sorted(name for name, value in corrections.items() if value != values[name]))
    new_profile = replace(profile, confirmed_at=profile.confirmed_at or now)
    if changed:
        new_profile = replace(new_profile, corrected_at=now)
    if {"pangkat_golongan", "ruang"} & set(changed):
        new_profile = replace(new_profile, pangkat_golongan=Fact(_rank(profile, corrections), TEACHER, now))
    if "jenjang_jabatan" in changed:
        new_profile = replace(new_profile, jenjang_jabatan=Fact(corrections["jenjang_jabatan"], TEACHER, now))
    return new_profile, changed


def _find_problems(
    profile: Profile, corrections: Mapping[ProfileField, str], catalog: Catalog
) -> Iterator[Problem]:
    allowed = catalog.editable_fields(profile.group)
    if not allowed:
        yield Problem("profile.not_editable", {"status": profile.group or "?"})
        return
    if profile.corrected_at:
        yield Problem("profile.corrected_already", {"at": profile.corrected_at})
        return
    if not corrections:
        yield Problem("profile.nothing_to_correct", {})
    for name in corrections:
        if name not in allowed:
            yield Problem("profile.field_not_editable", {"status": profile.group or "?"}, (name,))
    if {"pangkat_golongan", "ruang"} & set(corrections) & set(allowed):
        ranks = {row.code for row in catalog.pangkat_golongan if row.active}
        if (rank := _rank(profile, corrections)) not in ranks:
            golongan, _, ruang = rank.rpartition("/")
            field: ProfileField = "pangkat_golongan" if "pangkat_golongan" in corrections else "ruang"
            yield Problem(
                "profile.rank_unknown", {"golongan": golongan or "-", "ruang": ruang or "-"}, (field,)
            )
    if "jenjang_jabatan" in corrections and corrections["jenjang_jabatan"] not in _levels(catalog):
        yield Problem("choice.not_offered", {"code": corrections["jenjang_jabatan"]}, ("jenjang_jabatan",))


def _levels(catalog: Catalog) -> set[str | None]:
    return {row.code for row in catalog.jenjang_jabatan if row.active}


def _rank(profile: Profile, corrections: Mapping[ProfileField, str]) -> str:
    golongan, _, ruang = (profile.pangkat_golongan.value or "").partition("/")
    return f"{corrections.get('pangkat_golongan', golongan)}/{corrections.get('ruang', ruang)}"
