"""A synthetic population: schools in every province, with every kind of head, and their teachers.

Everything is derived from numbers, so that the plans of planning (`rows`) and the people of identity (`registry`)
match, also when different processes create them. All people, schools and numbers are invented.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import md5
from random import Random
from uuid import UUID

from services.identity.people.model import ZONES as IANA
from services.planning.callers.model import Caller
from services.planning.people.model import School
from tests.small_registry import ZONES
from workflows.model.facts import HeadKind

NOW = datetime(2024, 2, 20, 3, tzinfo=UTC)  # a second planning window is open, and a Plt may confirm
CONFIRMATION_OPENS = datetime(2024, 2, 15, 17, tzinfo=UTC)  # 16 February in every time zone
FIRST_SCHOOL, FIRST_HEAD, FIRST_TEACHER = 97_000_000, 1_000_000, 2_000_000

# (share, jenjang, bentuk pendidikan in Dapodik, prefix of the name)
SCHOOL_KINDS = (
    (50, "SD", (5, "SD"), "SD NEGERI"),
    (22, "SMP", (6, "SMP"), "SMP NEGERI"),
    (10, "SMA", (13, "SMA"), "SMA NEGERI"),
    (10, "SMK", (15, "SMK"), "SMK NEGERI"),
    (8, "PAUD", (1, "TK"), "TK"),
)
HEAD_KINDS = ((78, HeadKind.DEFINITIF), (17, HeadKind.PLT), (5, HeadKind.KOSONG))
PERCENT_WITHOUT_REGION = 2  # plans from before regions were recorded


@dataclass(frozen=True)
class Population:
    """The size of a population, and the instant at which its plans are observed."""

    plan_count: int
    now: datetime = NOW
    teachers_per_school: int = 16  # at each school

    @property
    def school_count(self) -> int:
        """The number of schools."""
        return -(-self.plan_count // self.teachers_per_school)

    def plan_numbers(self, school: int) -> range:
        """Return the numbers of a school's plans."""
        return range(
            school * self.teachers_per_school, min((school + 1) * self.teachers_per_school, self.plan_count)
        )


@dataclass(frozen=True)
class PopulationSchool:
    """A school as plans record it, its region, and the number of the person who is its head."""

    number: int
    school: School
    provinsi: str
    kabupaten: str
    head_kind: HeadKind
    head: int | None
    plt_confirmed_at: datetime | None


def schools_of(population: Population) -> Iterator[PopulationSchool]:
    """Return every school of a population."""
    return (school_of(population, number) for number in range(population.school_count))


def school_of(population: Population, number: int) -> PopulationSchool:
    """Return a school by its number."""
    random = Random(f"school {number}")
    _, level, _, name_prefix = SCHOOL_KINDS[_draw(random, [share for share, *_ in SCHOOL_KINDS])]
    _, kind = HEAD_KINDS[_draw(random, [share for share, _ in HEAD_KINDS])]
    provinsi, zone = random.choice(provinces())
    kabupaten = f"Kab. Contoh {random.randrange(1, 14):02}"
    has_region = random.randrange(100) >= PERCENT_WITHOUT_REGION
    school = School(
        npsn=str(FIRST_SCHOOL + number),
        nama=f"{name_prefix} CONTOH {number + 1:05}",
        jenjang=level,
        zone=zone,
        provinsi=provinsi if has_region else None,
        kabupaten_kota=kabupaten if has_region else None,
    )
    confirmed_at = CONFIRMATION_OPENS + timedelta(hours=random.expovariate(1 / 90))
    head = {HeadKind.DEFINITIF: FIRST_HEAD + number, HeadKind.PLT: _plt_of(population, number)}.get(kind)
    return PopulationSchool(
        number, school, provinsi, kabupaten, kind, head, confirmed_at if kind is HeadKind.PLT else None
    )


def _plt_of(population: Population, number: int) -> int:
    """The Plt of a school is the first teacher of the next one."""
    return FIRST_TEACHER + population.plan_numbers((number + 1) % population.school_count)[0]


def ptk_of(person: int) -> str:
    """Return the ptk_id of a person. Like real ones, these ids have no order."""
    return _uuid(f"person {person}")


def caller_of(person: int) -> Caller:
    """Return a person as a signed-in caller."""
    return Caller(_uuid(f"account {person}"), ptk_of(person))


def name_of(person: int) -> str:
    """Return an invented name."""
    return f"{'Kepala' if person < FIRST_TEACHER else 'Guru'} Contoh {person}"


@cache
def provinces() -> tuple[tuple[str, str], ...]:
    """Return each province with its time zone."""
    rows = csv.DictReader(ZONES.read_text().splitlines())
    return tuple((row["provinsi"], IANA[row["zone"]]) for row in rows)


def _uuid(text: str) -> str:
    return str(UUID(bytes=md5(text.encode(), usedforsecurity=False).digest(), version=4))


def _draw(random: Random, shares: list[int]) -> int:
    (index,) = random.choices(range(len(shares)), shares)
    return index
