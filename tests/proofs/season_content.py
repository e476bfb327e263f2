"""What the teachers of a synthetic season fill in, drawn from the shipped lists."""

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
from tests.proofs.season import Season, SeasonSchool, name_of, ptk_of
from tests.unit.planning.reference import catalog, period

OPENS, LAST_START = datetime(2024, 1, 1, 18, tzinfo=UTC), datetime(2024, 2, 18, tzinfo=UTC)
SOURCE, ASKED = "dapodik:getGtk", datetime(2024, 1, 1, tzinfo=UTC)
STATUSES = (Reference(1, "PNS"), Reference(11, "PPPK"), Reference(8, "Guru Honor Sekolah"))
RANKS = ("III/a", "III/b", "III/c", "III/d", "IV/a")
ENOUGH = 32
MOST = 4  # RHK, with some fewer points than are asked for


def new_plan(chance: Random, season: Season, school: SeasonSchool, person: int, workflow: str) -> Plan:
    """A plan that no event has made yet; it is to be started at its `updated_at`."""
    span = (min(LAST_START, season.now) - OPENS).total_seconds()
    began = OPENS + timedelta(seconds=round(chance.triangular(0, span, span / 3)))
    return Plan(
        ptk_id=ptk_of(person),
        period=period().code,
        school=school.school,
        workflow=workflow,
        catalog=_sha256(),
        state="draft",
        version=0,
        last_hash=GENESIS,
        tab=Tab.PRAKTIK_KINERJA,
        profile=_profile(chance, person),
        content=Content(),
        updated_at=began,
    )


def _profile(chance: Random, person: int) -> Profile:
    status = chance.choices(STATUSES, (60, 25, 15))[0]
    asn = status.id in {1, 11}
    return Profile(
        nama=Fact(name_of(person), SOURCE, ASKED),
        nip=Fact(f"1985020320100{person % 100_000:05}" if asn else None, SOURCE, ASKED),
        nuptk=Fact(f"99{person:014}", SOURCE, ASKED),
        status_kepegawaian=Fact(status, SOURCE, ASKED),
        jenis_ptk=Fact(Reference(3, "Guru Kelas"), SOURCE, ASKED),
        pangkat_golongan=Fact(chance.choice(RANKS) if asn else None, SOURCE, ASKED),
        jenjang_jabatan=Fact(),
        group=catalog().status_group(status.id),
    )


def filled_tabs(chance: Random, choices: Choices) -> Iterator[TabContent]:
    """The four tabs, complete."""
    yield PraktikKinerja(chance.choice(choices.praktik_kinerja).code)
    yield other_rhk(chance, choices)
    yield TugasTambahan((_tugas(chance, choices),) if chance.random() < 0.15 else ())
    yield PerilakuKerja({aspek.code: chance.choice(aspek.opsi).code for aspek in choices.perilaku})


def other_rhk(chance: Random, choices: Choices) -> PengembanganKompetensi:
    """Some RHK: enough points, for most."""
    taken: list[str] = []
    points = 0
    for row in chance.sample(choices.rhk, MOST):
        if points < ENOUGH:
            taken.append(row.code)
            points += row.poin
    return PengembanganKompetensi(tuple(taken))


def _tugas(chance: Random, choices: Choices) -> Tugas:
    number = f"421/{chance.randrange(1, 999):03}/2024"
    return Tugas(chance.choice(choices.tugas_tambahan).code, number, date(2024, 1, 2))


@cache
def choices_of(jenjang: str) -> Choices:
    """What a level is offered."""
    return catalog().choices(jenjang)


@cache
def _sha256() -> str:
    return sha256_of(catalog())
