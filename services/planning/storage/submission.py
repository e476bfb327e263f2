"""What was handed in: the choices and data diri as the events of submissions keep them."""

from __future__ import annotations

from tortoise.connection import get_connection

from services.planning.domain.kept import HandedIn, handed_in

# Only a submission keeps its `content`; the row of an erased text stands, without its value.
_LAST_TWO = """
SELECT c.value AS content, p.value AS profile
FROM plan_text c JOIN plan_text p USING (ptk_id, period, version)
WHERE c.ptk_id = $1 AND c.period = $2 AND c.name = 'content' AND p.name = 'profile'
ORDER BY version DESC LIMIT 2
"""


async def last_two(ptk_id: str, period: str) -> list[HandedIn | None]:
    """Up to two submissions of a plan, the last one first; None for one whose texts were erased."""
    rows = await get_connection("default").execute_query_dict(_LAST_TWO, [ptk_id, period])
    return [
        handed_in(row["content"], row["profile"]) if row["content"] and row["profile"] else None
        for row in rows
    ]
