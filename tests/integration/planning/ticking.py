"""What tests of timers need: instants, what is told, and a definition whose timer fires a transition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.planning.house import House
from workflows.files.loader import shipped

DUE = datetime(2024, 1, 18, 1, tzinfo=UTC)  # 08.00 WIB, three days after 15 January
AGAIN, ESCALATED = DUE + timedelta(days=3), DUE + timedelta(days=4)
CLOSING = datetime(2024, 1, 28, 1, tzinfo=UTC)  # three days before 31 January
MINUTE = timedelta(minutes=1)

EXPIRE = """
  - id: expire
    trigger: expire
    label: {id: Dikembalikan oleh sistem, en: Returned by the system}
    from: submitted
    to: draft
    by: {role: system}
    effects:
      - open_revision: {days: {param: revision_days}}
"""
EXPIRES = """
  - id: expire
    label: {id: Batas waktu pemeriksaan, en: Time to review}
    while: submitted
    after: {days: 5}
    do:
      fire: {trigger: expire}
"""
EXPIRY = DUE + timedelta(days=2)


def expiring(when: str = "") -> str:
    """The shipped definition, but what waits for five days goes back to its teacher, perhaps on a condition."""
    mark = "  # ── outside the normal course"
    before, after = shipped().decode().split(mark)
    row = EXPIRE.lstrip("\n") + (f"    when: {when}\n" if when else "")
    return f"{before}{row}\n{mark}{after}{EXPIRES}"


async def told(house: House, *columns: str) -> list[tuple[Any, ...]]:
    """What was told, in order."""
    chosen = ", ".join(columns or ("recipient", "timer", "count"))
    rows = await house.sql(f"SELECT {chosen} FROM notification ORDER BY created_at, recipient, ptk_id, timer")
    return [tuple(row.values()) for row in rows]


async def timer(house: House, name: str) -> dict[str, Any]:
    """One timer of the only plan that has it."""
    (row,) = await house.sql("SELECT * FROM plan_timer WHERE timer = $1", name)
    return row
