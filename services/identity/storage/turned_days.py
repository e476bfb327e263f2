"""Up to which local day the changes are recorded that come with the day alone, and what these are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tortoise.connection import get_connection

from services.identity.people.store import Touched
from services.identity.storage import tables

# What begins or ends on a day after `since`, up to `until`. Who heads a school is judged by the day at the school, what
# a person heads by the day at the sekolah induk; which of several it is does not matter: it is one of these.
_TOUCHED = """
WITH zoned AS (SELECT * FROM unnest($1::text[], $2::text[]) AS z (provinsi, zone)),
turned AS (SELECT * FROM unnest($3::text[], $4::date[], $5::date[]) AS t (zone, since, until)),
place AS (
  SELECT s.npsn, t.since, t.until FROM schools s LEFT JOIN zoned z ON z.provinsi = s.provinsi
  JOIN turned t ON t.zone = coalesce(z.zone, $6)),
dated AS (
  SELECT npsn, ptk_id, unnest(ARRAY[tmt, tst]) AS day FROM tugas_tambahan WHERE jabatan_ptk_id = ANY($7::text[])
  UNION ALL
  SELECT npsn, ptk_id, since FROM assignments
  WHERE left_at IS NULL AND (jabatan_ptk_id = ANY($7::text[]) OR jenis_ptk_id = ANY($8::text[])))
SELECT 'school' AS kind, d.npsn AS key
FROM dated d JOIN place p ON p.npsn = d.npsn AND d.day > p.since AND d.day <= p.until
UNION
SELECT 'teacher', d.ptk_id::text
FROM dated d JOIN assignments a ON a.ptk_id = d.ptk_id AND a.left_at IS NULL
JOIN place p ON p.npsn = a.npsn AND d.day > p.since AND d.day <= p.until
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """The days of a zone that are new (or, where a clock was moved back, undone): after `since`, up to `until`."""

    zone: str
    since: date
    until: date


async def last() -> dict[str, date]:
    """The day up to which each zone is recorded; none of a zone at first. One query."""
    rows = await tables.TurnedDay.all().values_list("zone", "day")
    return {str(zone): day for zone, day in rows}


async def save(days: Mapping[str, date], at: datetime) -> None:
    """Write the day of each zone. One statement."""
    rows = [tables.TurnedDay(zone=zone, day=day, at=at) for zone, day in days.items()]
    await tables.TurnedDay.bulk_create(rows, on_conflict=["zone"], update_fields=["day", "at"])


async def touched(
    turns: Iterable[Turn],
    zones: Mapping[str, str],
    unknown_zone: str,
    jabatan: Collection[str],
    jenis: Collection[str],
) -> set[Touched]:
    """Schools whose head, and people whose headships, may be others after these days. One query.

    `zones` by province, as the schools write it; of all others `unknown_zone`. `jabatan` and `jenis` make a head.
    """
    ordered = list(turns)
    values = [
        list(zones), list(zones.values()),
        [turn.zone for turn in ordered], [turn.since for turn in ordered], [turn.until for turn in ordered],
        unknown_zone, sorted(jabatan), sorted(jenis),
    ]  # fmt: skip
    rows = await get_connection("default").execute_query_dict(_TOUCHED, values)
    return {(row["kind"], row["key"]) for row in rows}
