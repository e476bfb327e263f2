"""A satuan pendidikan as far as a plan needs it."""

from __future__ import annotations

import strawberry

from services.planning.domain.plan import School


@strawberry.type(description="A school (satuan pendidikan).")
class SatuanPendidikan:
    """The school a plan stands at."""

    npsn: str = strawberry.field(description="Its NPSN.")
    nama: str = strawberry.field(description="Its name.")
    jenjang: str | None = strawberry.field(description="Its level, where it is served.")
    zone: str | None = strawberry.field(description="Its time zone (IANA name), where known.")


def shown_school(school: School) -> SatuanPendidikan:
    """A school as a plan keeps it."""
    return SatuanPendidikan(npsn=school.npsn, nama=school.nama, jenjang=school.jenjang, zone=school.zone)
