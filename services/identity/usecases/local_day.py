"""Which day it is at a school: duties and accounts begin and end on days of its own calendar."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.identity.domain.registry import Row, ZoneFacts
from services.identity.domain.zones import ZONES
from services.identity.storage import schools, zones
from services.kit.region import province_key


async def zone_of_province(provinsi: str | None) -> Row[ZoneFacts] | None:
    """The zone on record for a province as Dapodik writes it. At most one query."""
    if provinsi is None:
        return None
    key = province_key(provinsi)
    return (await zones.by_key([key])).get(key)


async def day_at(npsn: str | None, now: datetime) -> date:
    """The calendar day at a school; by WIB where the school or its zone is not known. At most two queries."""
    school = (await schools.by_npsn([npsn])).get(npsn) if npsn else None
    zone = await zone_of_province(school.facts.provinsi) if school else None
    return day_in(zone, now)


def day_in(zone: Row[ZoneFacts] | None, now: datetime) -> date:
    """The calendar day in a zone; by WIB, where four in five people live, when there is none."""
    return now.astimezone(ZoneInfo(zone.facts.zone if zone else ZONES["WIB"])).date()
