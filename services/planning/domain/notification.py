"""That somebody is told of a plan by a timer: to whom it goes, and what it says to its reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from services.kit.problem import Problem
from services.planning.domain.school import Head
from services.planning.domain.timer import zone_of
from workflows import Phase, Recipient, State

DINAS = "dinas"


@dataclass(frozen=True, slots=True)
class Notification:
    """To whom it goes, as whom; `id` is for every channel that delivers it later."""

    recipient: str
    who: Recipient
    id: str = field(default_factory=lambda: str(uuid4()))


def to_owner(ptk_id: str) -> Notification:
    """To the teacher whose plan it is."""
    return Notification(f"ptk:{ptk_id}", Recipient.OWNER)


def to_dinas() -> Notification:
    """To every account with the scope `admin`."""
    return Notification(DINAS, Recipient.DINAS)


def to_head(head: Head, owner: str) -> Notification:
    """To who heads the school; where nobody does, or the owner, to the dinas: nobody decides on their own plan."""
    if head.ptk_id is None or head.ptk_id == owner:
        return to_dinas()
    return Notification(f"ptk:{head.ptk_id}", Recipient.HEAD)


@dataclass(frozen=True, slots=True)
class Told:
    """A notification as its reader finds it: about whose plan, in which state since when, by which timer."""

    id: str
    at: datetime
    ptk_id: str
    period: str
    timer: str
    workflow: str
    state: str
    since: datetime
    who: Recipient
    nama: str
    sekolah: str
    zone: str | None
    read_at: datetime | None


def sentence_of(told: Told, state: State) -> Problem:
    """What it says; names are those of now."""
    drafting = told.who is Recipient.OWNER and state.phase is Phase.DRAFT
    return Problem(
        "notification.owner_drafts" if drafting else f"notification.{told.who}",
        {
            "state": state.label,
            "day": told.since.astimezone(zone_of(told.zone)).date(),
            "nama": told.nama,
            "sekolah": told.sekolah,
        },
    )
