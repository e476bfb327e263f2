"""Data diri, each fact with where it comes from and as of when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from services.planning.domain import profile as domain
from services.planning.domain.catalog import Catalog
from services.planning.domain.fact import Fact as DomainFact
from services.planning.domain.fact import Reference


@strawberry.type(description="A fact, who said so, and as of when. Unknown is null, never guessed.")
class Fact:
    """The value as text."""

    value: str | None = strawberry.field(description="The value, or null where nobody knows.")
    source: str | None = strawberry.field(
        description="`dapodik:…` (mended by the operator sekolah) or `teacher`."
    )
    as_of: datetime | None = strawberry.field(description="When the source said so.")


@strawberry.type(
    description="Data diri: checked before planning, kept with the plan, never written to Dapodik."
)
class Profile:
    """The teacher's own data."""

    nama: Fact = strawberry.field(description="The name; mended in Dapodik only.")
    nip: Fact = strawberry.field(description="The NIP or NI PPPK; mended in Dapodik only.")
    nuptk: Fact = strawberry.field(description="The NUPTK; mended in Dapodik only.")
    status_kepegawaian: Fact = strawberry.field(description="The employment status.")
    jenis_ptk: Fact = strawberry.field(description="The kind of educator.")
    pangkat_golongan: Fact = strawberry.field(description="Golongan and ruang, such as `III/c`.")
    jenjang_jabatan: Fact = strawberry.field(description="The jenjang jabatan; it shapes what is offered.")
    confirmed_at: datetime | None = strawberry.field(
        description="When the teacher confirmed or corrected it."
    )
    corrected_at: datetime | None = strawberry.field(
        description="When the one correction of the period was used."
    )
    editable_fields: list[str] = strawberry.field(
        description="What the teacher may still correct: fields of CorrectProfileInput; often nothing."
    )


def profile_of(profile: domain.Profile, catalog: Catalog) -> Profile:
    """The data diri as GraphQL shows it."""
    levels = {row.code: row.label for row in catalog.jenjang_jabatan}
    return Profile(
        nama=fact_of(profile.nama),
        nip=fact_of(profile.nip),
        nuptk=fact_of(profile.nuptk),
        status_kepegawaian=fact_of(profile.status_kepegawaian, _label),
        jenis_ptk=fact_of(profile.jenis_ptk, _label),
        pangkat_golongan=fact_of(profile.pangkat_golongan),
        jenjang_jabatan=fact_of(profile.jenjang_jabatan, lambda code: levels.get(code, code)),
        confirmed_at=profile.confirmed_at,
        corrected_at=profile.corrected_at,
        editable_fields=[to_camel_case(name) for name in domain.editable(profile, catalog)],
    )


def fact_of(fact: DomainFact[Any], show: Callable[[Any], str | None] = str) -> Fact:
    """A fact with its value as text."""
    value = None if fact.value is None else show(fact.value)
    return Fact(value=value, source=fact.source, as_of=fact.as_of)


def _label(reference: Reference) -> str | None:
    return reference.label or (str(reference.id) if reference.id is not None else None)
