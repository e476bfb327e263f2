"""Profiles and choices of the population's teachers, drawn from the shipped catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random

from services.planning.people.model import Fact, Reference
from services.planning.period.catalog import Choices
from services.planning.period.catalog_file import sha256_of
from services.planning.plan.events import GENESIS
from services.planning.plan.model import Plan
from services.planning.plan.profile import Profile
from services.planning.plan.tabs import (
    Content,
    PengembanganKompetensi,
    PerilakuKerja,
    PraktikKinerja,
    Tab,
    TabContent,
    Tugas,
    TugasTambahan,
)
from tests.proofs.population.model import Population, PopulationSchool, name_of, ptk_of
from tests.unit.planning.reference import catalog, period

OPENS, LAST_START = datetime(2024, 1, 1, 18, tzinfo=UTC), datetime(2024, 2, 18, tzinfo=UTC)
SOURCE, AS_OF = "dapodik:getGtk", datetime(2024, 1, 1, tzinfo=UTC)
STATUSES = (Reference(1, "PNS"), Reference(11, "PPPK"), Reference(8, "Guru Honor Sekolah"))
RANKS = ("III/a", "III/b", "III/c", "III/d", "IV/a")
ENOUGH_POINTS = 32
MAX_RHK = 4  # so that some plans have fewer than ENOUGH_POINTS


def new_plan(
    random: Random, population: Population, school: PopulationSchool, person: int, workflow: str
) -> Plan:
    """Return a plan without events, to be started at its `updated_at`."""
    span = (min(LAST_START, population.now) - OPENS).total_seconds()
    started_at = OPENS + timedelta(seconds=round(random.triangular(0, span, span / 3)))
    return Plan(
        ptk_id=ptk_of(person),
        period=period().code,
        school=school.school,
        workflow=workflow,
        catalog=_catalog_sha256(),
        state="draft",
        version=0,
        last_hash=GENESIS,
        tab=Tab.PRAKTIK_KINERJA,
        profile=_profile(random, person),
        content=Content(),
        updated_at=started_at,
    )


def _profile(random: Random, person: int) -> Profile:
    status = random.choices(STATUSES, (60, 25, 15))[0]
    asn = status.id in {1, 11}
    return Profile(
        nama=Fact(name_of(person), SOURCE, AS_OF),
        nip=Fact(f"1985020320100{person % 100_000:05}" if asn else None, SOURCE, AS_OF),
        nuptk=Fact(f"99{person:014}", SOURCE, AS_OF),
        status_kepegawaian=Fact(status, SOURCE, AS_OF),
        jenis_ptk=Fact(Reference(3, "Guru Kelas"), SOURCE, AS_OF),
        pangkat_golongan=Fact(random.choice(RANKS) if asn else None, SOURCE, AS_OF),
        jenjang_jabatan=Fact(),
        group=catalog().status_group(status.id),
    )


def draw_tabs(random: Random, choices: Choices) -> Iterator[TabContent]:
    """Yield the content of the four tabs, complete."""
    yield PraktikKinerja(random.choice(choices.praktik_kinerja).code)
    yield draw_rhk(random, choices)
    yield TugasTambahan((_tugas(random, choices),) if random.random() < 0.15 else ())
    yield PerilakuKerja({aspek.code: random.choice(aspek.opsi).code for aspek in choices.perilaku})


def draw_rhk(random: Random, choices: Choices) -> PengembanganKompetensi:
    """Return RHK, for most plans with enough points."""
    codes: list[str] = []
    points = 0
    for row in random.sample(choices.rhk, MAX_RHK):
        if points < ENOUGH_POINTS:
            codes.append(row.code)
            points += row.poin
    return PengembanganKompetensi(tuple(codes))


def _tugas(random: Random, choices: Choices) -> Tugas:
    number = f"421/{random.randrange(1, 999):03}/2024"
    return Tugas(random.choice(choices.tugas_tambahan).code, number, date(2024, 1, 2))


@cache
def choices_of(jenjang: str) -> Choices:
    """Return the choices of a jenjang."""
    return catalog().choices(jenjang)


@cache
def _catalog_sha256() -> str:
    return sha256_of(catalog())
