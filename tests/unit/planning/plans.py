"""A plan and its changes for unit tests."""

from __future__ import annotations

from datetime import UTC, datetime

from services.planning.people.model import Fact, School
from services.planning.plan.event_kinds import TransitionFired
from services.planning.plan.events import GENESIS
from services.planning.plan.model import Plan
from services.planning.plan.profile import Profile
from services.planning.plan.tabs import Content, Tab

NOW = datetime(2024, 1, 15, 2, tzinfo=UTC)


def new_plan() -> Plan:
    """Return a plan without events."""
    unknown: Fact[str] = Fact()
    return Plan(
        ptk_id="33333333-3333-4333-8333-000000000001",
        period="2024-1",
        school=School("99000001", "SD NEGERI CONTOH 01", "SD", "Asia/Jakarta"),
        workflow="w" * 64,
        catalog="c" * 64,
        state="draft",
        version=0,
        last_hash=GENESIS,
        tab=Tab.PRAKTIK_KINERJA,
        profile=Profile(unknown, unknown, unknown, Fact(), Fact(), unknown, unknown, None),
        content=Content(),
        updated_at=NOW,
    )


def fire(trigger: str = "submit", transition: str = "submit", parameters: int = 1) -> TransitionFired:
    """Return a transition without evidence."""
    return TransitionFired(trigger, transition, parameters)
