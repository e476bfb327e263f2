"""Noticing who leads a school now, where planning has asked about it before: numbers tell for whom plans wait."""

from __future__ import annotations

from collections.abc import Sequence

from services.planning.planning import Planning
from services.planning.storage import school_head
from services.planning.storage.school_head import head_in
from services.planning.usecases.few_at_once import few_at_once


async def note_heads(planning: Planning, npsns: Sequence[str]) -> None:
    """Keep who leads these schools today. Raises IdentityAway where it cannot be asked; then nothing is kept."""
    asked = await few_at_once(planning.identity.school, await school_head.known(npsns))
    heads = [head_in(known.facts, known.as_of) for known in asked if known]
    await school_head.keep(head for head in heads if head)
