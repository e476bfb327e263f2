"""Data diri: the teacher's own data as checked before planning, kept with the plan (Guide 5 and 6).

Nothing here is ever written back to Dapodik: name, school and NIP are mended there by the operator sekolah.
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
    """What Dapodik told at the time, and what the teacher confirmed or corrected, once per period."""

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
        """Whether planning may begin."""
        return self.confirmed_at is not None


def build_profile(teacher: TeacherFacts, catalog: Catalog) -> Profile:
    """The data diri to be checked, as the registry has them now."""
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
    """What the teacher may still correct: by status group, and only while the one correction is unused."""
    return () if profile.corrected_at else catalog.editable_fields(profile.group)


def correct(profile: Profile, given: Mapping[ProfileField, str], catalog: Catalog, now: datetime) -> Profile:
    """The profile corrected and thereby confirmed; raises RequestRefused with every reason why it cannot be."""
    problems = tuple(_problems(profile, given, catalog))
    if problems:
        raise RequestRefused(problems)
    corrected = replace(profile, confirmed_at=profile.confirmed_at or now, corrected_at=now)
    if "pangkat_golongan" in given or "ruang" in given:
        corrected = replace(corrected, pangkat_golongan=Fact(_rank(profile, given), "teacher", now))
    if "jenjang_jabatan" in given:
        corrected = replace(corrected, jenjang_jabatan=Fact(given["jenjang_jabatan"], "teacher", now))
    return corrected


def _problems(profile: Profile, given: Mapping[ProfileField, str], catalog: Catalog) -> Iterator[Problem]:
    allowed = catalog.editable_fields(profile.group)
    if not allowed:
        yield Problem("profile.not_editable", {"status": profile.group or "?"})
        return
    if profile.corrected_at:
        yield Problem("profile.corrected_already", {"at": profile.corrected_at})
        return
    if not given:
        yield Problem("profile.nothing_to_correct", {})
    for name in given:
        if name not in allowed:
            yield Problem("profile.field_not_editable", {"status": profile.group or "?"}, (name,))
    if {"pangkat_golongan", "ruang"} & set(given) & set(allowed):
        ranks = {row.code for row in catalog.pangkat_golongan if row.active}
        if (rank := _rank(profile, given)) not in ranks:
            place: ProfileField = "pangkat_golongan" if "pangkat_golongan" in given else "ruang"
            yield Problem("profile.rank_unknown", {"code": rank}, (place,))
    levels = {row.code for row in catalog.jenjang_jabatan if row.active}
    if "jenjang_jabatan" in given and given["jenjang_jabatan"] not in levels:
        yield Problem("choice.not_offered", {"code": given["jenjang_jabatan"]}, ("jenjang_jabatan",))


def _rank(profile: Profile, given: Mapping[ProfileField, str]) -> str:
    golongan, _, ruang = (profile.pangkat_golongan.value or "").partition("/")
    return f"{given.get('pangkat_golongan', golongan)}/{given.get('ruang', ruang)}"
