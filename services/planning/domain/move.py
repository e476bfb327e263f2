"""A teacher whose sekolah induk changed within the period: the plan can follow (DOMAIN.md, "States")."""

from __future__ import annotations

from collections.abc import Iterator

from services.kit.problem import Problem
from services.planning.domain.catalog import Catalog
from services.planning.domain.plan import Plan, School
from services.planning.domain.school import SchoolFacts


def school_of(facts: SchoolFacts | None, catalog: Catalog) -> School | None:
    """A school as a plan keeps it; None where it is unknown, or where no plans are made at such schools."""
    form = facts.bentuk_pendidikan.value if facts else None
    jenjang = catalog.jenjang_of(form.id) if form else None
    if facts is None or jenjang is None:
        return None
    return School(
        npsn=facts.npsn,
        nama=facts.nama.value or facts.npsn,
        jenjang=jenjang,
        zone=facts.zone.value,
        provinsi=facts.provinsi.value,
        kabupaten_kota=facts.kabupaten_kota.value,
    )


def refusals(plan: Plan, sekolah_induk: str | None, there: School | None) -> Iterator[Problem]:
    """Why a plan cannot be moved to the induk school of today: one reason, or none."""
    if sekolah_induk is None:
        yield Problem("move.induk_unknown")
    elif sekolah_induk == plan.school.npsn:
        yield Problem("move.same_school", {"npsn": sekolah_induk})
    elif there is None:
        yield Problem("move.school_not_served", {"npsn": sekolah_induk})
