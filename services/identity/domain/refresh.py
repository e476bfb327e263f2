"""What a refresh token that is shown means (RFC 9700, section 4.14.2): go on, answer again, or somebody has a copy.

Each use gives a new token, one generation younger, and the session remembers which token was shown last. The answer to
a use may be lost on the way, so the same token is answered again for as long as none of its successors was shown;
successors that nobody showed are worth nothing once one of them was. Two who hold copies cannot both go on: whoever
comes second shows a token that the other's use has left behind, and the whole session ends.
"""

from __future__ import annotations

from enum import Enum

from services.identity.domain.session import Session

# how many generations back a copy is recognised; older ones open nothing, and end nothing
REMEMBERED_GENERATIONS = 50


class Use(Enum):
    """What to do for one who shows a refresh token."""

    NEXT = "next"  # never shown before, and the successor of the one shown last
    AGAIN = "again"  # shown last, and no successor was shown since: the answer was lost
    REUSE = "reuse"  # left behind: a copy


def use_of(token_hash: str, generation: int, session: Session) -> Use:
    """What it means that the token of this generation is shown."""
    if generation == session.generation + 1:
        return Use.NEXT
    return Use.AGAIN if token_hash == session.shown else Use.REUSE
