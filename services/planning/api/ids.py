"""Opaque global ids: a client keeps and returns them, and never takes them apart."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from services.kit.problems import Problem, RequestRefused
from services.planning.api.body import is_storable
from services.planning.period.model import parse_period_code

_TEXT = re.compile(r"[A-Za-z0-9_-]{1,120}")
_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,2000}")
_PLAN = re.compile(r"Plan:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9-]{4,6})")
_NUMBERED = re.compile(r"(ChangeRequest|Migration|Trial):([1-9][0-9]{0,8})")
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIMER = re.compile(rf"Timer:({_UUID}):([0-9-]{{4,6}}):([a-z][a-z0-9_]{{0,59}})")
_NOTIFICATION = re.compile(rf"Notification:({_UUID})")


def plan_id(ptk_id: str, period: str) -> str:
    """The id of a person's plan of a period."""
    return _opaque(f"Plan:{ptk_id}:{period}")


def parse_plan_id(text: str, path: tuple[str, ...]) -> tuple[str, str]:
    """`ptk_id` and period of a plan's id; RequestRefused `id.invalid` for anything that `plan_id` never makes.

    Strict, so that a plan has one id: a second spelling would pass by every comparison that a client makes.
    """
    match = _PLAN.fullmatch(_clear(text))
    if match is None or plan_id(match[1], match[2]) != text or parse_period_code(match[2]) is None:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return match[1], match[2]


def change_request_id(number: int) -> str:
    """The id of a change request."""
    return _opaque(f"ChangeRequest:{number}")


def parse_change_request_id(text: str, path: tuple[str, ...]) -> int:
    """The number of a change request; RequestRefused `id.invalid` for anything that `change_request_id` never makes."""
    return _number(text, "ChangeRequest", path)


def migration_id(number: int) -> str:
    """The id of a migration."""
    return _opaque(f"Migration:{number}")


def trial_id(number: int) -> str:
    """The id of a trial."""
    return _opaque(f"Trial:{number}")


def parse_migration_id(text: str, path: tuple[str, ...]) -> int:
    """The number of a migration; RequestRefused `id.invalid` for anything that `migration_id` never makes."""
    return _number(text, "Migration", path)


def parse_trial_id(text: str, path: tuple[str, ...]) -> int:
    """The number of a trial; RequestRefused `id.invalid` for anything that `trial_id` never makes."""
    return _number(text, "Trial", path)


def _number(text: str, what: str, path: tuple[str, ...]) -> int:
    match = _NUMBERED.fullmatch(_clear(text))
    if match is None or match[1] != what or _opaque(match[0]) != text:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return int(match[2])


def timer_id(ptk_id: str, period: str, timer: str) -> str:
    """The id of a timer of a plan."""
    return _opaque(f"Timer:{ptk_id}:{period}:{timer}")


def parse_timer_id(text: str, path: tuple[str, ...]) -> tuple[str, str, str]:
    """`ptk_id`, period and name of a timer's id; Refused `id.invalid` for anything that `timer_id` never makes."""
    match = _TIMER.fullmatch(_clear(text))
    if match is None or timer_id(*match.groups()) != text:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return match[1], match[2], match[3]


def notification_id(id: str) -> str:
    """The id of a notification."""
    return _opaque(f"Notification:{id}")


def parse_notification_id(text: str, path: tuple[str, ...]) -> str:
    """UUID of a notification's id; RequestRefused `id.invalid` for anything that `notification_id` never makes."""
    match = _NOTIFICATION.fullmatch(_clear(text))
    if match is None or notification_id(match[1]) != text:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return match[1]


def comment_id(ptk_id: str, period: str, number: int) -> str:
    """The id of a comment on a plan; nothing takes one yet."""
    return _opaque(f"Comment:{ptk_id}:{period}:{number}")


def cursor(*place: str) -> str:
    """A place in a list, to go on from."""
    return _opaque(json.dumps(place, ensure_ascii=True))


def parse_cursor(text: str, path: tuple[str, ...]) -> tuple[str, str]:
    """The place that `cursor` wrote; RequestRefused `cursor.invalid` at `path` for anything else."""
    try:
        first, second = json.loads(_clear(text, _CURSOR))
    except (ValueError, TypeError):
        raise RequestRefused(Problem("cursor.invalid", {}, path)) from None
    if not (isinstance(first, str) and isinstance(second, str) and is_storable(first + second)):
        raise RequestRefused(Problem("cursor.invalid", {}, path))
    return first, second


def parse_numbered_cursor(after: str | None, list_name: str, digits: int = 9) -> int | None:
    """Return the number in a cursor of this list, None without one. Raises RequestRefused `cursor.invalid` at `after`.

    `digits` bounds what the column of the number can hold.
    """
    if after is None:
        return None
    name, number = parse_cursor(after, ("after",))
    if name != list_name or not re.fullmatch(rf"[1-9][0-9]{{0,{digits - 1}}}", number):
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return int(number)


def parse_plan_cursor(text: str) -> tuple[str, str]:
    """The plan (ptk_id, period) to go on after; RequestRefused at `after` for a cursor of another list."""
    ptk_id, period = parse_cursor(text, ("after",))
    if not _PLAN.fullmatch(f"Plan:{ptk_id}:{period}"):
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return ptk_id, period


def parse_place(text: str, path: tuple[str, ...], parts: int) -> tuple[datetime, list[str]]:
    """The instant, and so many names behind it, of a cursor in a list by time; RequestRefused `cursor.invalid`."""
    when, names = parse_cursor(text, path)
    try:
        at, found = datetime.fromisoformat(when), names.split(" ")
        UUID(found[0])
    except ValueError:
        raise RequestRefused(Problem("cursor.invalid", {}, path)) from None
    if at.tzinfo is None or len(found) != parts:
        raise RequestRefused(Problem("cursor.invalid", {}, path))
    return at, found


def _opaque(clear: str) -> str:
    return urlsafe_b64encode(clear.encode()).decode().rstrip("=")


def _clear(text: str, shape: re.Pattern[str] = _TEXT) -> str:
    if not shape.fullmatch(text) or len(text) % 4 == 1:
        return ""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
