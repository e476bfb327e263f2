"""Verification of the events of a plan from its rows alone: that nothing was changed, added or lost.

Anybody who has the rows and docs/events.md can repeat these checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from services.kit.clock import is_ahead
from services.kit.problems import Problem
from services.planning.plan.erasable_text import read_part
from services.planning.plan.event_kinds import TabSaved, TextsErased, TransitionFired, read_event_data
from services.planning.plan.events import GENESIS, ErasableText, sha256

TextKey = tuple[int, str]  # the version of the event, and the name of the text


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """The row of an event. The columns beside `body` repeat values of the body, or follow from the events before."""

    version: int
    id: str
    kind: str
    to_state: str
    at: datetime
    hash: str
    body: str
    left_state: str | None
    stay_seconds: int | None


@dataclass(frozen=True, slots=True)
class StoredText:
    """The row of a personal text."""

    version: int
    name: str
    salt: str | None
    value: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """The columns of a plan that its events repeat, with its events in the order of their versions, and its texts."""

    ptk_id: str
    period: str
    npsn: str
    state: str
    workflow: str
    catalog: str
    version: int
    last_hash: str
    content: object
    profile: object
    school: object
    events: Sequence[StoredEvent]
    texts: Sequence[StoredText]


def check_chain(plan: StoredPlan, now: datetime) -> Iterator[Problem]:
    """Find every fault in the chain of a plan. Each has the `version` of its event among its values."""
    last_version, last_hash, state_since = 0, GENESIS, None
    yield from _check_clock(plan.events, now)
    bodies: dict[int, Mapping[str, Any]] = {}
    for event in plan.events:
        if event.version != last_version + 1:
            yield _fault("gap", version=event.version, before=last_version)
        if sha256(event.body) != event.hash:
            yield _fault("body_changed", version=event.version)
        body = _parse_body(event.body)
        if body is None:
            yield _fault("unreadable", version=event.version)
        else:
            if body.get("prev_hash") != last_hash:
                yield _fault("link_broken", version=event.version)
            yield from _check_columns(event, {**body, **_stay_columns(body, state_since)}, plan)
            bodies[event.version] = body
            state_since = _parse_instant(body) if _changes_state(body) else state_since
        last_version, last_hash = event.version, event.hash
    yield from _check_row(plan, bodies.get(last_version, {}))
    yield from _check_texts(plan.texts, bodies)


def _check_clock(events: Sequence[StoredEvent], now: datetime) -> Iterator[Problem]:
    """Find the events that are earlier than the one before, and the first event that is later than now."""
    for before, event in pairwise(events):
        if event.at < before.at:
            yield _fault("step_back", version=event.version, at=event.at, before=before.at)
    if late := next((event for event in events if is_ahead(event.at, now)), None):
        yield _fault("ahead", version=late.version, at=late.at, now=now)


def _stay_columns(body: Mapping[str, Any], since: datetime | None) -> Mapping[str, Any]:
    """Return the state that an event ended and its duration, as the columns of its row hold them."""
    before, at = body.get("from"), _parse_instant(body)
    if before is None or not _changes_state(body) or at is None or since is None:
        return {"left_state": None, "stay_seconds": None}
    return {"left_state": before, "stay_seconds": int((at - since).total_seconds())}


def _changes_state(body: Mapping[str, Any]) -> bool:
    detail = body.get("detail")
    is_rename = isinstance(detail, Mapping) and detail.get("is_rename") is True
    return bool(body.get("from") != body.get("to")) and not is_rename


def _parse_instant(body: Mapping[str, Any]) -> datetime | None:
    """Return the instant of an event; None if it has no valid one."""
    try:
        at = datetime.fromisoformat(body["at"])
    except (KeyError, TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _check_columns(event: StoredEvent, body: Mapping[str, Any], plan: StoredPlan) -> Iterator[Problem]:
    columns = {
        "version": event.version,
        "id": event.id,
        "kind": event.kind,
        "to": event.to_state,
        "at": event.at.astimezone(UTC).isoformat(),  # the session's time zone decides how a row shows it
        "left_state": event.left_state,
        "stay_seconds": event.stay_seconds,
        "ptk_id": plan.ptk_id,
        "period": plan.period,
    }
    if wrong := [name for name, value in columns.items() if body.get(name) != value]:
        yield _fault("columns_differ", version=event.version, columns=wrong)


def _check_row(plan: StoredPlan, last: Mapping[str, Any]) -> Iterator[Problem]:
    version = plan.events[-1].version if plan.events else 0
    if plan.version > version:
        yield _fault("tail_lost", version=plan.version, before=version)
    elif plan.version < version:
        yield _fault("events_added", version=version, before=plan.version)
    elif plan.events and plan.events[-1].hash != plan.last_hash:
        yield _fault("last_hash_differs", version=version)
    else:
        keys = {"state": "to", "npsn": "npsn", "workflow": "workflow", "catalog": "catalog"}
        if wrong := [name for name, key in keys.items() if last and last.get(key) != getattr(plan, name)]:
            yield _fault("row_differs", version=version, columns=wrong)


def _check_texts(texts: Sequence[StoredText], bodies: Mapping[int, Mapping[str, Any]]) -> Iterator[Problem]:
    digests = {
        (version, name): digest for version, body in bodies.items() for name, digest in _map(body, "digests")
    }
    erasures = {key for body in bodies.values() for key in _list_erasures(body)}
    rows = {(text.version, text.name): text for text in texts}
    for key in sorted(digests.keys() | rows.keys()):
        yield from _check_text(key, digests.get(key), rows.get(key), has_erasure=key in erasures)


def _check_text(
    key: TextKey, digest: str | None, text: StoredText | None, *, has_erasure: bool
) -> Iterator[Problem]:
    version, name = key
    if digest is None:
        yield _fault("text_unknown", version=version, name=name)
    elif text is None:
        yield _fault("text_lost", version=version, name=name)
    elif text.value is None or text.salt is None:
        if not has_erasure:
            yield _fault("text_erased_without_event", version=version, name=name)
    elif has_erasure:
        yield _fault("text_not_erased", version=version, name=name)
    elif ErasableText(name, text.value, text.salt).digest != digest:
        yield _fault("text_changed", version=version, name=name)


def _list_erasures(body: Mapping[str, Any]) -> set[TextKey]:
    """Return the texts that an event erased."""
    match read_event_data(body):
        case TextsErased(texts=texts):
            return {(version, name) for version, names in texts.items() for name in names}
    return set()


def _map(body: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    value = body.get(name)
    return list(value.items()) if isinstance(value, dict) else []


def _parse_body(body: str) -> Mapping[str, Any] | None:
    value = _parse_json(body)
    return value if isinstance(value, dict) else None


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _fault(code: str, **params: object) -> Problem:
    return Problem(f"verify.{code}", params)


def check_snapshots(plan: StoredPlan) -> Iterator[Problem]:
    """Find the snapshots that the row differs from. A text that is erased or cannot be read is left out.

    No snapshot holds choices that were saved after a submission, nor the school of a plan that moved since.
    """
    content, profile = _last_text(plan, "content"), _last_text(plan, "profile")
    if content and not any(
        event.kind == TabSaved.KIND and event.version > content.version for event in plan.events
    ):
        yield from _compare(content, {"content": _parse_json(content.value or "")}, plan)
    if profile:
        snapshot = _parse_body(profile.value or "") or {}
        parts = {name: snapshot.get(name) for name in ("profile", "school")}
        if any(event.version >= profile.version and _changes_school(event) for event in plan.events):
            del parts["school"]
        yield from _compare(profile, parts, plan)


def _changes_school(event: StoredEvent) -> bool:
    if event.kind != TransitionFired.KIND:
        return False
    data = read_event_data(_parse_body(event.body) or {})
    return isinstance(data, TransitionFired) and data.moved_from is not None


def _last_text(plan: StoredPlan, name: str) -> StoredText | None:
    texts = (text for text in plan.texts if text.name == name)
    last = max(texts, key=lambda text: text.version, default=None)
    return last if last and last.value is not None else None


def _compare(text: StoredText, parts: Mapping[str, object], plan: StoredPlan) -> Iterator[Problem]:
    snapshot = {name: read_part(name, value) for name, value in parts.items()}
    wrong = [name for name, part in snapshot.items() if part and part != read_part(name, getattr(plan, name))]
    if wrong:
        yield _fault("snapshot_differs", version=text.version, columns=wrong)
