"""What a person was told by timers, and that they have read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.kit.problem import Problem, Refused
from services.planning.domain.caller import Caller
from services.planning.domain.notification import Told, sentence_of
from services.planning.planning import Planning
from services.planning.storage import notification as notifications
from services.planning.storage.notification import Inbox
from services.planning.usecases.page import LARGEST, check_size
from workflows import Label

IDS = ("input", "ids")


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification, what its timer is called, and what it says."""

    told: Told
    label: Label
    sentence: Problem


async def notifications_of(
    planning: Planning, caller: Caller, after: tuple[datetime, str], size: int
) -> tuple[list[Shown], bool, int]:
    """A page, newest first, whether more follow it, and how many are unread."""
    check_size(size)
    found, unread = await notifications.page(Inbox.of(caller), after, size + 1)
    return [await _shown(planning, told) for told in found[:size]], len(found) > size, unread


async def mark_read(planning: Planning, caller: Caller, asked: Sequence[tuple[datetime, str]]) -> int:
    """Mark these (at, id) as read, all or none of them; how many are unread now. Refused for what is not theirs."""
    if not 1 <= len(asked) <= LARGEST:
        raise Refused(Problem("notification.how_many", {"most": LARGEST}, IDS))
    inbox = Inbox.of(caller)
    if not await notifications.mark(inbox, sorted(set(asked)), planning.clock.now()):
        raise Refused(Problem("notification.unknown", {}, IDS))
    return (await notifications.page(inbox, notifications.NEWEST, 1))[1]


async def _shown(planning: Planning, told: Told) -> Shown:
    definition = (await planning.workflows.get(told.workflow)).definition
    timer = next(timer for timer in definition.timers if timer.id == told.timer)
    return Shown(told, timer.label, sentence_of(told, definition.state(told.state)))
