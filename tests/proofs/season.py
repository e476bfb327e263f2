"""A synthetic season: schools of every kind of head over the whole country, and who teaches there.

Everything follows from a number, so that planning's plans (`season_rows`) and identity's people (`season_people`) are
of the same world, whoever makes which part of it. No real person, school or number stands here.
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

NOW = datetime(2024, 2, 20, 3, tzinfo=UTC)  # the window is open again, and a Plt may confirm
MAY_CONFIRM = datetime(2024, 2, 15, 17, tzinfo=UTC)  # 16 February has come everywhere
SCHOOLS_FROM, HEADS_FROM, TEACHERS_FROM = 97_000_000, 1_000_000, 2_000_000

# (share, level, Dapodik's form of it, how its name begins)
LEVELS = (
    (50, "SD", (5, "SD"), "SD NEGERI"),
    (22, "SMP", (6, "SMP"), "SMP NEGERI"),
    (10, "SMA", (13, "SMA"), "SMA NEGERI"),
    (10, "SMK", (15, "SMK"), "SMK NEGERI"),
    (8, "PAUD", (1, "TK"), "TK"),
)
HEADS = ((78, HeadKind.DEFINITIF), (17, HeadKind.PLT), (5, HeadKind.KOSONG))
REGIONLESS = 2  # percent of the schools: their plans were made before plans knew their region


@dataclass(frozen=True)
class Season:
    """So many plans, as they stand at an instant."""

    plans: int
    now: datetime = NOW
    teachers: int = 16  # at each school

    @property
    def schools(self) -> int:
        """How many schools it takes."""
        return -(-self.plans // self.teachers)

    def plans_of(self, school: int) -> range:
        """The numbers of a school's plans."""
        return range(school * self.teachers, min((school + 1) * self.teachers, self.plans))


@dataclass(frozen=True)
class SeasonSchool:
    """A school, as its plans keep it, where it really lies, and who leads it: the number of a person, or nobody."""

    number: int
    school: School
    provinsi: str
    kabupaten: str
    kind: HeadKind
    head: int | None
    plt_confirmed_at: datetime | None


def schools_of(season: Season) -> Iterator[SeasonSchool]:
    """Every school of a season."""
    return (school_of(season, number) for number in range(season.schools))


def school_of(season: Season, number: int) -> SeasonSchool:
    """One school of a season."""
    chance = Random(f"school {number}")
    _, level, _, named = LEVELS[_drawn(chance, [share for share, *_ in LEVELS])]
    _, kind = HEADS[_drawn(chance, [share for share, _ in HEADS])]
    provinsi, zone = chance.choice(provinces())
    kabupaten = f"Kab. Contoh {chance.randrange(1, 14):02}"
    known = chance.randrange(100) >= REGIONLESS
    school = School(
        npsn=str(SCHOOLS_FROM + number),
        nama=f"{named} CONTOH {number + 1:05}",
        jenjang=level,
        zone=zone,
        provinsi=provinsi if known else None,
        kabupaten_kota=kabupaten if known else None,
    )
    confirms = MAY_CONFIRM + timedelta(hours=chance.expovariate(1 / 90))
    head = {HeadKind.DEFINITIF: HEADS_FROM + number, HeadKind.PLT: _plt_of(season, number)}.get(kind)
    return SeasonSchool(
        number, school, provinsi, kabupaten, kind, head, confirms if kind is HeadKind.PLT else None
    )


def _plt_of(season: Season, number: int) -> int:
    """Who acts for a school teaches at the next one, and has a plan there."""
    return TEACHERS_FROM + season.plans_of((number + 1) % season.schools)[0]


def ptk_of(person: int) -> str:
    """The ptk_id of a person: in no order, as real ones are."""
    return _uuid(f"person {person}")


def caller_of(person: int) -> Caller:
    """A person as signed in."""
    return Caller(_uuid(f"account {person}"), ptk_of(person))


def name_of(person: int) -> str:
    """A name that is nobody's."""
    return f"{'Kepala' if person < TEACHERS_FROM else 'Guru'} Contoh {person}"


@cache
def provinces() -> tuple[tuple[str, str], ...]:
    """Each province with its time zone."""
    rows = csv.DictReader(ZONES.read_text().splitlines())
    return tuple((row["provinsi"], IANA[row["zone"]]) for row in rows)


def _uuid(text: str) -> str:
    return str(UUID(bytes=md5(text.encode(), usedforsecurity=False).digest(), version=4))


def _drawn(chance: Random, shares: list[int]) -> int:
    (drawn,) = chance.choices(range(len(shares)), shares)
    return drawn
