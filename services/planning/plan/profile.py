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


def list_editable_fields(profile: Profile, catalog: Catalog) -> tuple[ProfileField, ...]:
    """Return the fields that the teacher may correct: those of the status group, and none after the correction."""
    return () if profile.corrected_at else catalog.editable_fields(profile.group)


def correct(
    profile: Profile, corrections: Mapping[ProfileField, str], catalog: Catalog, now: datetime
) -> Profile:
    """Return the profile corrected and confirmed. Raises RequestRefused with every reason."""
    problems = tuple(_find_problems(profile, corrections, catalog))
    if problems:
        raise RequestRefused(problems)
    new_profile = replace(profile, confirmed_at=profile.confirmed_at or now, corrected_at=now)
    if "pangkat_golongan" in corrections or "ruang" in corrections:
        new_profile = replace(new_profile, pangkat_golongan=Fact(_rank(profile, corrections), "teacher", now))
    if "jenjang_jabatan" in corrections:
        new_profile = replace(
            new_profile, jenjang_jabatan=Fact(corrections["jenjang_jabatan"], "teacher", now)
        )
    return new_profile


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
            field: ProfileField = "pangkat_golongan" if "pangkat_golongan" in corrections else "ruang"
            yield Problem("profile.rank_unknown", {"code": rank}, (field,))
    levels = {row.code for row in catalog.jenjang_jabatan if row.active}
    if "jenjang_jabatan" in corrections and corrections["jenjang_jabatan"] not in levels:
        yield Problem("choice.not_offered", {"code": corrections["jenjang_jabatan"]}, ("jenjang_jabatan",))


def _rank(profile: Profile, corrections: Mapping[ProfileField, str]) -> str:
    golongan, _, ruang = (profile.pangkat_golongan.value or "").partition("/")
    return f"{corrections.get('pangkat_golongan', golongan)}/{corrections.get('ruang', ruang)}"
