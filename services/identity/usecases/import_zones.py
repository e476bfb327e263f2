"""Import the time zones of provinces; the schools of a province whose zone changed are changed too."""

from __future__ import annotations

from datetime import datetime

from services.identity.domain.diff import compare_rows
from services.identity.domain.own_files import read_zones
from services.identity.domain.registry import Told
from services.identity.domain.report import Report
from services.identity.storage import changes, schools, zones
from services.kit.region import province_key
from services.kit.unit_of_work import in_unit_of_work

SOURCE = "file:zones"


async def import_zones(data: bytes, subject: str, as_of: datetime) -> Report:
    """Record the zones; Refused when the file cannot be read."""
    read, refused = read_zones(data)

    async def work(_: object) -> Report:
        await changes.hold(["zones"])
        diff = compare_rows("zone", read, await zones.by_key(read), Told(SOURCE, as_of))
        await zones.save(diff.to_save)
        moved = {row.facts.key for row in diff.to_save}
        provinces = await schools.provinces() if moved else {}
        touched: set[changes.Touched] = {
            ("school", npsn)
            for name, npsns in provinces.items()
            if province_key(name) in moved
            for npsn in npsns
        }
        await changes.record(touched, as_of)
        diff.refused = refused
        return diff.report(subject)

    return await in_unit_of_work(work)
