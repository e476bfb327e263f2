"""Teachers and schools, and how a school is headed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TypeVar, cast

import strawberry

from services.kit.problems import RequestRefused
from services.planning.api.context import Context, Info
from services.planning.api.fields import field
from services.planning.api.loaders import CURRENT_PERIOD
from services.planning.api.scalars import NIP, NPSN
from services.planning.people.model import School, SchoolFacts
from services.planning.plan.model import Plan

Value = TypeVar("Value")


@strawberry.enum(
    description="The level of a school. Values can be added: treat an unknown value as a level without a catalogue."
)
class Jenjang(Enum):
    PAUD = strawberry.enum_value("PAUD", description="Early childhood education, with TK.")
    SD = strawberry.enum_value("SD", description="Primary school.")
    SMP = strawberry.enum_value("SMP", description="Junior secondary school.")
    SMA = strawberry.enum_value("SMA", description="Senior secondary school.")
    SMK = strawberry.enum_value("SMK", description="Vocational secondary school.")
    SLB = strawberry.enum_value("SLB", description="Special school.")
    KESETARAAN = strawberry.enum_value("KESETARAAN", description="Equivalency education.")


@strawberry.enum(description="The three time zones of Indonesia.")
class Zone(Enum):
    WIB = strawberry.enum_value("Asia/Jakarta", description="Western Indonesia Time, UTC+7.")
    WITA = strawberry.enum_value("Asia/Makassar", description="Central Indonesia Time, UTC+8.")
    WIT = strawberry.enum_value("Asia/Jayapura", description="Eastern Indonesia Time, UTC+9.")


@strawberry.type(
    description="A school (satuan pendidikan). The school of a plan is shown as it was when the plan was started. "
    "Other schools are loaded when you ask for more than `npsn`; these fields are null, with an entry in `errors`, "
    "while identity is unavailable."
)
class SatuanPendidikan:
    known: strawberry.Private[School | None] = None
    npsn: NPSN = strawberry.field(description="NPSN. It identifies the school.")

    # These resolvers are sync: the executor awaits what they return only for a school that has to be loaded. An async
    # resolver takes three times as long, for each school of a page.

    @field("Name; null if it is not known.")
    def nama(self, info: Info) -> str | None:
        return self._read(lambda school: school.nama, _read_nama, info)

    @field("Level (jenjang); null if it is not known, or if the school takes no part.")
    def jenjang(self, info: Info) -> Jenjang | None:
        return self._read(lambda school: parse_jenjang(school.jenjang), _find_jenjang, info)

    @field("Time zone; null if it is not known.")
    def zone(self, info: Info) -> Zone | None:
        return self._read(lambda school: _parse_zone(school.zone), _read_zone, info)

    @field("Province, as Dapodik spells it; null if it is not known.")
    def provinsi(self, info: Info) -> str | None:
        return self._read(lambda school: school.provinsi, _read_provinsi, info)

    @field("Kabupaten or kota, as Dapodik spells it; null if it is not known.")
    def kabupaten_kota(self, info: Info) -> str | None:
        return self._read(lambda school: school.kabupaten_kota, _read_kabupaten_kota, info)

    def _read(
        self,
        read: Callable[[School], Value],
        load: Callable[[SchoolFacts, Context], Awaitable[Value]],
        info: Info,
    ) -> Value | None:
        if self.known is not None:
            return read(self.known)
        return cast("Value", self._load(load, info.context))

    async def _load(
        self, load: Callable[[SchoolFacts, Context], Awaitable[Value]], context: Context
    ) -> Value | None:
        facts = await context.loaders.schools.load(self.npsn)
        return await load(facts, context) if facts else None


async def _read_nama(facts: SchoolFacts, _: Context) -> str | None:
    return facts.nama.value


async def _read_zone(facts: SchoolFacts, _: Context) -> Zone | None:
    return _parse_zone(facts.zone.value)


async def _read_provinsi(facts: SchoolFacts, _: Context) -> str | None:
    return facts.provinsi.value


async def _read_kabupaten_kota(facts: SchoolFacts, _: Context) -> str | None:
    return facts.kabupaten_kota.value


async def _find_jenjang(facts: SchoolFacts, context: Context) -> Jenjang | None:
    form = facts.bentuk_pendidikan.value
    if form is None:
        return None
    try:
        setup = await context.loaders.periods.load(CURRENT_PERIOD)
    except RequestRefused:  # without a period there is no list of levels
        return None
    catalog = await context.services.catalogs.get(setup.catalog, context.connection)
    return parse_jenjang(catalog.jenjang_of(form.id))


def parse_jenjang(code: str | None) -> Jenjang | None:
    """Return the level of a code; None for one that this API does not have."""
    try:
        return Jenjang(code)
    except ValueError:
        return None


def _parse_zone(name: str | None) -> Zone | None:
    return Zone(name) if name else None


def render_school(school: School) -> SatuanPendidikan:
    """Render the school of a plan."""
    return SatuanPendidikan(npsn=NPSN(school.npsn), known=school)


def reference_school(npsn: str) -> SatuanPendidikan:
    """Return a school of which only the NPSN is known. A field that holds one belongs in FETCHING_FIELDS."""
    return SatuanPendidikan(npsn=NPSN(npsn))


@strawberry.type(description="A teacher, as data diri of a plan names them.")
class Teacher:
    ptk_id: strawberry.ID = strawberry.field(description="`ptk_id` in Dapodik.")
    nama: str | None = strawberry.field(description="Name. Null if it is not known.")
    nip: NIP | None = strawberry.field(description="NIP or NI PPPK. Null if the teacher has none.")


def render_owner(plan: Plan) -> Teacher:
    """Render the owner of a plan."""
    nip = plan.profile.nip.value
    return Teacher(
        ptk_id=strawberry.ID(plan.ptk_id), nama=plan.profile.nama.value, nip=NIP(nip) if nip else None
    )


@strawberry.enum(description="How a school is headed.")
class HeadKind(Enum):
    KEPALA_SEKOLAH = strawberry.enum_value("definitif", description="By an appointed head (definitif).")
    PLT = strawberry.enum_value("plt", description="By an acting head (pelaksana tugas).")
