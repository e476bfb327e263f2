"""What changed since a reader last asked."""

from __future__ import annotations

from services.identity.domain.view_fact import View, instant
from services.identity.storage import changes


async def answer_changes(after: int, limit: int) -> View:
    """The changes after `after`, oldest first; `next` is where to go on, `more` whether to do so at once."""
    found = await changes.after(after, limit + 1)
    page = found[:limit]
    return {
        "changes": [
            {"seq": one.seq, "kind": one.kind, "key": one.key, "at": instant(one.at)} for one in page
        ],
        "next": page[-1].seq if page else after,
        "more": len(found) > limit,
    }
