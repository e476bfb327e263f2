"""Opaque global ids and cursors: clients store and return them, and never take them apart."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Container
from datetime import datetime
from uuid import UUID

from services.kit.clock import parse_instant
from services.kit.problems import Problem, RequestRefused
from services.kit.text import is_storable
from services.planning.period.model import parse_period_code

Path = tuple[str, ...]

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLAN = rf"({_UUID}):([0-9-]{{4,6}})"
_NUMBER = r"([1-9][0-9]{0,8})"
_CATALOG = r"([0-9a-f]{64}):([A-Z]{2,20}):([A-Za-z0-9_./-]{0,40})"
_ENCODED_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_ENCODED_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,2000}")


def parse_type(text: str, type_names: Container[str], path: Path) -> str:
    """Return the type in a global id. Raises RequestRefused `id.invalid` at `path` if it is none of these."""
    type_name = _decode(text, _ENCODED_ID).partition(":")[0]
    if type_name not in type_names:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return type_name


def plan_id(ptk_id: str, period: str) -> str:
    """Return the id of a person's plan of a period."""
    return _encode(f"Plan:{ptk_id}:{period}")


def parse_plan_id(text: str, path: Path) -> tuple[str, str]:
    """Return the ptk_id and the period in a plan id. Raises RequestRefused `id.invalid` at `path`."""
    ptk_id, period = _parse("Plan", _PLAN, text, path)
    if parse_period_code(period) is None:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return ptk_id, period


def change_request_id(number: int) -> str:
    """Return the id of a change request."""
    return _encode(f"ChangeRequest:{number}")


def parse_change_request_id(text: str, path: Path) -> int:
    """Return the number in the id of a change request. Raises RequestRefused `id.invalid` at `path`."""
    return int(_parse("ChangeRequest", _NUMBER, text, path)[0])


def workflow_version_id(sha256: str) -> str:
    """Return the id of a workflow version."""
    return _encode(f"WorkflowVersion:{sha256}")


def parse_workflow_version_id(text: str, path: Path) -> str:
    """Return the SHA-256 in the id of a workflow version. Raises RequestRefused `id.invalid` at `path`."""
    return _parse("WorkflowVersion", r"([0-9a-f]{64})", text, path)[0]


def plan_migration_id(number: int) -> str:
    """Return the id of a migration of plans."""
    return _encode(f"PlanMigration:{number}")


def parse_plan_migration_id(text: str, path: Path) -> int:
    """Return the number in the id of a migration. Raises RequestRefused `id.invalid` at `path`."""
    return int(_parse("PlanMigration", _NUMBER, text, path)[0])


def dry_run_id(number: int) -> str:
    """Return the id of a dry run."""
    return _encode(f"DryRun:{number}")


def parse_dry_run_id(text: str, path: Path) -> int:
    """Return the number in the id of a dry run. Raises RequestRefused `id.invalid` at `path`."""
    return int(_parse("DryRun", _NUMBER, text, path)[0])


def timer_id(ptk_id: str, period: str, timer: str) -> str:
    """Return the id of a timer of a plan."""
    return _encode(f"Timer:{ptk_id}:{period}:{timer}")


def parse_timer_id(text: str, path: Path) -> tuple[str, str, str]:
    """Return the ptk_id, the period and the name in a timer id. Raises RequestRefused `id.invalid` at `path`."""
    ptk_id, period, timer = _parse("Timer", rf"{_PLAN}:([a-z][a-z0-9_]{{0,59}})", text, path)
    return ptk_id, period, timer


def notification_id(id: str) -> str:
    """Return the global id of a notification."""
    return _encode(f"Notification:{id}")


def parse_notification_id(text: str, path: Path) -> str:
    """Return the UUID in the id of a notification. Raises RequestRefused `id.invalid` at `path`."""
    return _parse("Notification", rf"({_UUID})", text, path)[0]


def comment_id(ptk_id: str, period: str, number: int) -> str:
    """Return the id of a comment on a plan."""
    return _encode(f"Comment:{ptk_id}:{period}:{number}")


def parse_comment_id(text: str, path: Path) -> tuple[str, str, int]:
    """Return the ptk_id, the period and the number in a comment id. Raises RequestRefused `id.invalid` at `path`."""
    ptk_id, period, number = _parse("Comment", rf"{_PLAN}:{_NUMBER}", text, path)
    return ptk_id, period, int(number)


def _parse(type_name: str, pattern: str, text: str, path: Path) -> tuple[str, ...]:
    """Return the groups of the pattern in an id of this type.

    An object has exactly one id, because clients compare ids: another spelling of the same bytes is refused.
    """
    raw_id = _decode(text, _ENCODED_ID)
    match = re.fullmatch(f"{type_name}:{pattern}", raw_id)
    if match is None or _encode(raw_id) != text:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return match.groups()


def viewer_id(account: str) -> str:
    """Return the id of a signed-in account as the viewer."""
    return _encode(f"Viewer:{account}")


def parse_viewer_id(text: str, path: Path) -> str:
    """Return the account in the id of a viewer. Raises RequestRefused `id.invalid` at `path`."""
    return _parse("Viewer", rf"({_UUID})", text, path)[0]


def period_id(code: str) -> str:
    """Return the id of a period."""
    return _encode(f"Period:{code}")


def parse_period_id(text: str, path: Path) -> str:
    """Return the code in the id of a period. Raises RequestRefused `id.invalid` at `path`."""
    (code,) = _parse("Period", r"([0-9-]{4,6})", text, path)
    if parse_period_code(code) is None:
        raise RequestRefused(Problem("id.invalid", {}, path))
    return code


def catalog_id(sha256: str, jenjang: str, jenjang_jabatan: str | None) -> str:
    """Return the id of a catalogue for a level and jenjang jabatan."""
    return _encode(f"Catalog:{sha256}:{jenjang}:{jenjang_jabatan or ''}")


def parse_catalog_id(text: str, path: Path) -> tuple[str, str, str | None]:
    """Return SHA-256, jenjang and jenjang jabatan in a catalogue id. Raises RequestRefused `id.invalid` at `path`."""
    sha256, jenjang, jenjang_jabatan = _parse("Catalog", _CATALOG, text, path)
    return sha256, jenjang, jenjang_jabatan or None


def encode_cursor(first: str, second: str) -> str:
    """Return the cursor of an entry from the two parts of its sort key."""
    return _encode(json.dumps([first, second], ensure_ascii=True))


def parse_cursor(text: str, path: Path) -> tuple[str, str]:
    """Return the parts that `encode_cursor` was given. Raises RequestRefused `cursor.invalid` at `path`."""
    try:
        first, second = json.loads(_decode(text, _ENCODED_CURSOR))
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


def parse_period_cursor(after: str | None, list_name: str) -> str | None:
    """Return the code in a cursor of this list, None without one. Raises RequestRefused `cursor.invalid` at `after`."""
    if after is None:
        return None
    name, code = parse_cursor(after, ("after",))
    if name != list_name or parse_period_code(code) is None:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return code


def parse_plan_cursor(after: str) -> tuple[str, str]:
    """Return the ptk_id and the period in a cursor. Raises RequestRefused `cursor.invalid` at `after`."""
    ptk_id, period = parse_cursor(after, ("after",))
    if not re.fullmatch(_PLAN, f"{ptk_id}:{period}"):
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return ptk_id, period


def parse_time_cursor(after: str, name_count: int) -> tuple[datetime, list[str]]:
    """Return the instant and the names in a cursor of a list by time. The first name is a UUID.

    Raises RequestRefused `cursor.invalid` at `after`.
    """
    instant, names_text = parse_cursor(after, ("after",))
    try:
        at, names = parse_instant(instant), names_text.split(" ")
        UUID(names[0])
    except ValueError:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",))) from None
    if len(names) != name_count:
        raise RequestRefused(Problem("cursor.invalid", {}, ("after",)))
    return at, names


def _encode(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(text: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(text) or len(text) % 4 == 1:
        return ""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
