"""Schools, and the roles of people in a plan."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from services.planning.people.model import School


@strawberry.type(description="A school (satuan pendidikan).")
class SatuanPendidikan:
    npsn: str = strawberry.field(description="NPSN.")
    nama: str = strawberry.field(description="Name.")
    jenjang: str | None = strawberry.field(
        description="Level (jenjang); null if the school's level takes no part."
    )
    zone: str | None = strawberry.field(description="Time zone (IANA name); null if not known.")


def render_school(school: School) -> SatuanPendidikan:
    """Render the school of a plan."""
    return SatuanPendidikan(npsn=school.npsn, nama=school.nama, jenjang=school.jenjang, zone=school.zone)


@strawberry.enum(description="The role of a person in an event or a discussion, at that time.")
class PlanRole(Enum):
    OWNER = strawberry.enum_value("owner", description="The teacher whose plan it is.")
    KEPALA_SEKOLAH = strawberry.enum_value("kepala_sekolah", description="The appointed head of its school.")
    PLT = strawberry.enum_value("plt", description="The acting head (pelaksana tugas) of its school.")
    ADMIN = strawberry.enum_value("admin", description="An admin of the platform. Admins write no comments.")
    SYSTEM = strawberry.enum_value("system", description="The system: an automatic transition.")


@strawberry.type(
    description="The confirmation of the Plt of a school for a period. It covers later submissions too."
)
class PltConfirmation:
    npsn: str = strawberry.field(description="NPSN of the school.")
    period: strawberry.ID = strawberry.field(description="Code of the period.")
    confirmed_at: datetime = strawberry.field(description="When the Plt confirmed.")


@strawberry.enum(description="How a school is headed.")
class HeadKind(Enum):
    KEPALA_SEKOLAH = strawberry.enum_value("definitif", description="By an appointed head (definitif).")
    PLT = strawberry.enum_value("plt", description="By an acting head (pelaksana tugas).")
