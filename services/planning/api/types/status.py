"""The status of plans for partners, and the keys of teachers."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.planning.api.types.people import SatuanPendidikan, render_school
from services.planning.api.types.period import Period
from services.planning.api.types.plan_state import PlanState, render_state
from services.planning.people.model import TeacherKey as Key
from services.planning.status.queries import PlanStatus as Status


@strawberry.input(
    description="A teacher by one of these numbers. A number that is malformed, rounded or not unique finds nobody.",
    one_of=True,
)
class TeacherKey:
    ptk_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="`ptk_id` of Dapodik. It never changes."
    )
    nip: strawberry.Maybe[str] = strawberry.field(description="NIP, 18 digits.")
    nuptk: strawberry.Maybe[str] = strawberry.field(description="NUPTK, 16 digits.")

    def to_model(self) -> Key:
        """Return the key for the use case."""
        if self.ptk_id is not None:
            return Key("ptk_id", self.ptk_id.value)
        if self.nip is not None:
            return Key("nip", self.nip.value)
        assert self.nuptk is not None, "one_of"
        return Key("nuptk", self.nuptk.value)


@strawberry.type(
    description="The status of a plan, without its content and without personal data except `ptkId`."
)
class PlanStatus:
    ptk_id: strawberry.ID = strawberry.field(description="`ptk_id` of the teacher in Dapodik.")
    period: Period = strawberry.field(description="The period.")
    state: PlanState = strawberry.field(description="The current state. Rely on `phase`.")
    satuan_pendidikan: SatuanPendidikan = strawberry.field(description="The school of the plan.")
    started_at: datetime | None = strawberry.field(description="When the teacher started it.")
    submitted_at: datetime | None = strawberry.field(description="When it was last submitted; null if never.")
    decided_at: datetime | None = strawberry.field(
        description="When the head or the system approved it; null if it is not approved."
    )
    implementation_started_at: datetime | None = strawberry.field(
        description="When implementation (*Pelaksanaan*) began; null if it has not."
    )
    state_since: datetime | None = strawberry.field(description="When it entered its current state.")


def render_plan_status(status: Status, period: Period, language: str) -> PlanStatus:
    """Render the status of a plan of a period."""
    plan, dates = status.plan, status.dates
    return PlanStatus(
        ptk_id=strawberry.ID(plan.ptk_id),
        period=period,
        state=render_state(status.state, language),
        satuan_pendidikan=render_school(status.plan.school),
        started_at=dates.started_at,
        submitted_at=plan.submitted_at,
        decided_at=dates.decided_at,
        implementation_started_at=dates.began_at,
        state_since=dates.state_since,
    )
