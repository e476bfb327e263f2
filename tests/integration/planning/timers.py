"""What tests of timers need: instants, notifications, and a definition whose timer fires a transition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.planning.environment import Environment
from workflows.files.loader import read_shipped

FIRST_REMINDER = datetime(2024, 1, 18, 1, tzinfo=UTC)  # 08.00 WIB, three days after 15 January
SECOND_REMINDER, ESCALATION = FIRST_REMINDER + timedelta(days=3), FIRST_REMINDER + timedelta(days=4)
CLOSING_REMINDER = datetime(2024, 1, 28, 1, tzinfo=UTC)  # three days before 31 January
MINUTE = timedelta(minutes=1)

EXPIRE_TRANSITION = """
  - id: expire
    trigger: expire
    label: {id: Dikembalikan oleh sistem, en: Returned by the system}
    from: submitted
    to: draft
    by: {role: system}
    effects:
      - open_revision: {days: {param: revision_days}}
"""
EXPIRE_TIMER = """
  - id: expire
    label: {id: Batas waktu pemeriksaan, en: Time to review}
    while: submitted
    after: {days: 5}
    do:
      fire: {trigger: expire}
"""
EXPIRY = FIRST_REMINDER + timedelta(days=2)


def definition_with_expiry(when: str = "") -> str:
    """The shipped definition with a timer that returns a plan after five days, under a condition if given."""
    next_transition = "  - id: reopen\n"
    before, after = read_shipped().decode().split(next_transition)
    row = EXPIRE_TRANSITION.lstrip("\n") + (f"    when: {when}\n" if when else "")
    return f"{before}{row}\n{next_transition}{after}{EXPIRE_TIMER}"


async def load_notifications(environment: Environment, *columns: str) -> list[tuple[Any, ...]]:
    """The notifications, in order."""
    selection = ", ".join(columns or ("recipient", "timer", "count"))
    rows = await environment.sql(
        f"SELECT {selection} FROM notification ORDER BY created_at, recipient, ptk_id, timer"
    )
    return [tuple(row.values()) for row in rows]


async def load_timer(environment: Environment, name: str) -> dict[str, Any]:
    """One timer of the only plan that has it."""
    (row,) = await environment.sql("SELECT * FROM plan_timer WHERE timer = $1", name)
    return row
