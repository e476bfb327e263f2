"""What a stranger can check who has a plan's rows and docs/events.md: nothing was changed, added or lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.kit.problems import Problem
from services.planning.plan.erasable_text import read_part
from services.planning.plan.event_kinds import TabSaved, TextsErased, TransitionFired, read_event_data
from services.planning.plan.events import GENESIS, ErasableText, sha256

TextKey = tuple[int, str]  # a text: the version of its event, and its name


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as its row has it; the columns beside `body` repeat what it says."""

    version: int
    id: str
    kind: str
    to: str
    at: datetime
    hash: str
    body: str
    left_state: str | None
    stay_seconds: int | None


@dataclass(frozen=True, slots=True)
class StoredText:
    """A personal text as its row has it."""

    version: int
    name: str
    salt: str | None
    value: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan's row as far as its events say the same, with these in the order of their versions."""

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


def check_chain(plan: StoredPlan) -> Iterator[Problem]:
    """Everything that is wrong with a plan; `version` among the values of each finding is its place."""
    place, previous, since = 0, GENESIS, None
    bodies: dict[int, Mapping[str, Any]] = {}
    for event in plan.events:
        if event.version != place + 1:
            yield _found("gap", version=event.version, before=place)
        if sha256(event.body) != event.hash:
            yield _found("body_changed", version=event.version)
        body = _read(event.body)
        if body is None:
            yield _found("unreadable", version=event.version)
        else:
            if body.get("prev_hash") != previous:
                yield _found("link_broken", version=event.version)
            yield from _of_columns(event, {**body, **_stay(body, since)}, plan)
            bodies[event.version] = body
            since = _at(body) if _moved(body) else since
        place, previous = event.version, event.hash
    yield from _of_row(plan, bodies.get(place, {}))
    yield from _of_texts(plan.texts, bodies)


def _stay(body: Mapping[str, Any], since: datetime | None) -> Mapping[str, Any]:
    """Which stay an event ended, that had begun `since`, and how long it had lasted: as its row says it."""
    before, at = body.get("from"), _at(body)
    if before is None or not _moved(body) or at is None or since is None:
        return {"left_state": None, "stay_seconds": None}
    return {"left_state": before, "stay_seconds": int((at - since).total_seconds())}


def _moved(body: Mapping[str, Any]) -> bool:
    return bool(body.get("from") != body.get("to"))


def _at(body: Mapping[str, Any]) -> datetime | None:
    """When it happened; None where nobody of ours wrote it."""
    try:
        at = datetime.fromisoformat(body["at"])
    except (KeyError, TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _of_columns(event: StoredEvent, body: Mapping[str, Any], plan: StoredPlan) -> Iterator[Problem]:
    said = {
        "version": event.version,
        "id": event.id,
        "kind": event.kind,
        "to": event.to,
        "at": event.at.astimezone(UTC).isoformat(),  # a row is told in the zone of the database's session
        "left_state": event.left_state,
        "stay_seconds": event.stay_seconds,
        "ptk_id": plan.ptk_id,
        "period": plan.period,
    }
    if wrong := [name for name, value in said.items() if body.get(name) != value]:
        yield _found("columns_differ", version=event.version, columns=wrong)


def _of_row(plan: StoredPlan, last: Mapping[str, Any]) -> Iterator[Problem]:
    version = plan.events[-1].version if plan.events else 0
    if plan.version > version:
        yield _found("tail_lost", version=plan.version, before=version)
    elif plan.version < version:
        yield _found("events_added", version=version, before=plan.version)
    elif plan.events and plan.events[-1].hash != plan.last_hash:
        yield _found("last_hash_differs", version=version)
    else:
        same = {"state": "to", "npsn": "npsn", "workflow": "workflow", "catalog": "catalog"}
        if wrong := [name for name, said in same.items() if last and last.get(said) != getattr(plan, name)]:
            yield _found("row_differs", version=version, columns=wrong)


def _of_texts(texts: Sequence[StoredText], bodies: Mapping[int, Mapping[str, Any]]) -> Iterator[Problem]:
    digests = {
        (version, name): digest for version, body in bodies.items() for name, digest in _map(body, "digests")
    }
    erased = {place for body in bodies.values() for place in _erased_by(body)}
    rows = {(text.version, text.name): text for text in texts}
    for place in sorted(digests.keys() | rows.keys()):
        yield from _of_text(place, digests.get(place), rows.get(place), told=place in erased)


def _of_text(place: TextKey, digest: str | None, text: StoredText | None, *, told: bool) -> Iterator[Problem]:
    """What is wrong with a text. `told`: an event says that it was erased."""
    version, name = place
    if digest is None:
        yield _found("text_unknown", version=version, name=name)
    elif text is None:
        yield _found("text_lost", version=version, name=name)
    elif text.value is None or text.salt is None:
        if not told:
            yield _found("text_erased_untold", version=version, name=name)
    elif told:
        yield _found("text_not_erased", version=version, name=name)
    elif ErasableText(name, text.value, text.salt).digest != digest:
        yield _found("text_changed", version=version, name=name)


def _erased_by(body: Mapping[str, Any]) -> set[TextKey]:
    """Return the texts that an event says it erased."""
    match read_event_data(body):
        case TextsErased(texts=texts):
            return {(version, name) for version, names in texts.items() for name in names}
    return set()


def _map(body: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    value = body.get(name)
    return list(value.items()) if isinstance(value, dict) else []


def _read(body: str) -> Mapping[str, Any] | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _found(fault: str, **params: object) -> Problem:
    return Problem(f"verify.{fault}", params)


def check_snapshots(plan: StoredPlan) -> Iterator[Problem]:
    """One finding for each snapshot that the row differs from; none for a text that is erased or cannot be read.

    Choices that were saved since they were handed in stand in no text; nor does the school, once the plan was moved.
    """
    handed_in, seen = _last(plan, "content"), _last(plan, "profile")
    if handed_in and not any(
        event.kind == TabSaved.KIND and event.version > handed_in.version for event in plan.events
    ):
        yield from _difference(handed_in, {"content": _snapshot_read(handed_in)}, plan)
    if seen:
        told = _snapshot_read(seen)
        parts = {name: told.get(name) for name in ("profile", "school")} if isinstance(told, dict) else {}
        if any(event.version >= seen.version and _moved_school(event) for event in plan.events):
            parts.pop("school", None)
        yield from _difference(seen, parts, plan)


def _moved_school(event: StoredEvent) -> bool:
    if event.kind != TransitionFired.KIND:
        return False
    data = read_event_data(_read(event.body) or {})
    return isinstance(data, TransitionFired) and data.moved_from is not None


def _last(plan: StoredPlan, name: str) -> StoredText | None:
    named = (text for text in plan.texts if text.name == name)
    last = max(named, key=lambda text: text.version, default=None)
    return last if last and last.value is not None else None


def _difference(text: StoredText, parts: Mapping[str, object], plan: StoredPlan) -> Iterator[Problem]:
    kept = {name: read_part(name, value) for name, value in parts.items()}
    wrong = [name for name, part in kept.items() if part and part != read_part(name, getattr(plan, name))]
    if wrong:
        yield Problem("verify.snapshot_differs", {"version": text.version, "columns": wrong})


def _snapshot_read(text: StoredText) -> Any:
    try:
        return json.loads(text.value or "")
    except (ValueError, RecursionError):
        return None
