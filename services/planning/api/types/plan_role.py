"""As whom somebody takes part in a plan, in its history and its discussion; and the kinds of head a school has."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="As whom somebody took part in a plan, as it was then.")
class PlanRole(Enum):
    """As the workflow allowed it, whoever else the person is; only the first three discuss."""

    OWNER = strawberry.enum_value("owner", description="The teacher whose plan it is.")
    KEPALA_SEKOLAH = strawberry.enum_value("kepala_sekolah", description="The appointed head of its school.")
    PLT = strawberry.enum_value("plt", description="The acting head (pelaksana tugas) of its school.")
    ADMIN = strawberry.enum_value("admin", description="An admin of the platform; never in a discussion.")
    SYSTEM = strawberry.enum_value("system", description="Nobody: it followed by itself.")


@strawberry.enum(description="How a school is headed.")
class HeadKind(Enum):
    """Named as the roles are."""

    KEPALA_SEKOLAH = strawberry.enum_value("definitif", description="By an appointed head (definitif).")
    PLT = strawberry.enum_value("plt", description="By an acting head (pelaksana tugas).")
