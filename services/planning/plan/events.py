"""Events of a plan and their hash chain. docs/events.md describes the format.

An event is stored as canonical JSON, and the hash is that of the stored bytes. Each event names the hash of the event
before it, so that a changed or missing event is detected. An event holds a salted digest of each personal text. The
text is in a separate row, which can be erased while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.planning.callers.model import Caller
from services.planning.plan.event_kinds import EventData, UnknownEvent, dump_event_data, read_event_data
from workflows.model.facts import HeadKind

FORMAT = 1
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class OnBehalfOf:
    """The school that its head acted for, and the kind of head."""

    npsn: str
    head: HeadKind


@dataclass(frozen=True, slots=True)
class EventActor:
    """The actor of an event: a person through an account, or the system; and the school that a head acted for."""

    ptk_id: str | None = None
    account: str | None = None
    on_behalf_of: OnBehalfOf | None = None

    @property
    def is_system(self) -> bool:
        """Whether the system acted."""
        return not self.account

    @classmethod
    def of(cls, caller: Caller, on_behalf_of: OnBehalfOf | None = None) -> EventActor:
        """Return the caller as the actor of an event."""
        return cls(caller.ptk_id, caller.account, on_behalf_of)


SYSTEM = EventActor()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of a plan. `version` is its position in the chain. `digests` are those of its texts, by name."""

    id: str
    ptk_id: str
    period: str
    version: int
    npsn: str
    at: datetime
    actor: EventActor
    from_state: str | None
    to_state: str
    workflow: str
    catalog: str
    data: EventData | UnknownEvent
    digests: Mapping[str, str] = field(default_factory=dict)
    prev_hash: str = GENESIS

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return self.data.kind if isinstance(self.data, UnknownEvent) else self.data.KIND


def dump_event(event: Event) -> dict[str, Any]:
    """Return an event as the JSON object that is hashed. Raises ValueError for an unknown kind."""
    behalf = event.actor.on_behalf_of
    return {
        **dump_event_data(event.data),
        "format": FORMAT,
        "id": event.id,
        "kind": event.kind,
        "ptk_id": event.ptk_id,
        "period": event.period,
        "version": event.version,
        "npsn": event.npsn,
        "at": event.at.isoformat(),
        "actor": {
            "kind": "system" if event.actor.is_system else "person",
            "ptk_id": event.actor.ptk_id,
            "account": event.actor.account,
        },
        "on_behalf_of": {"npsn": behalf.npsn, "head": behalf.head.value} if behalf else None,
        "from": event.from_state,
        "to": event.to_state,
        "workflow": event.workflow,
        "catalog": event.catalog,
        "digests": dict(event.digests),
        "prev_hash": event.prev_hash,
    }


def read_event(fields: Mapping[str, Any]) -> Event:
    """Return the event in a JSON object. Raises KeyError or ValueError if it does not hold one."""
    actor, behalf = fields["actor"], fields["on_behalf_of"]
    return Event(
        id=fields["id"],
        ptk_id=fields["ptk_id"],
        period=fields["period"],
        version=fields["version"],
        npsn=fields["npsn"],
        at=datetime.fromisoformat(fields["at"]),
        actor=EventActor(
            actor["ptk_id"],
            actor["account"],
            OnBehalfOf(behalf["npsn"], HeadKind(behalf["head"])) if behalf else None,
        ),
        from_state=fields["from"],
        to_state=fields["to"],
        workflow=fields["workflow"],
        catalog=fields["catalog"],
        data=read_event_data(fields),
        digests=fields["digests"],
        prev_hash=fields["prev_hash"],
    )


@dataclass(frozen=True, slots=True)
class ErasableText:
    """A personal text that can be erased. The event stores its `digest`."""

    name: str
    value: str
    salt: str

    @classmethod
    def of(cls, name: str, value: str) -> ErasableText:
        """Return the text with a new salt. Without a salt a short text could be guessed from its digest."""
        return cls(name, value, secrets.token_hex(16))

    @property
    def digest(self) -> str:
        """The SHA-256 of salt and text."""
        return hashlib.sha256(f"{self.salt}\n{self.value}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stay:
    """The state that an event ended, and its duration. It is not hashed: it follows from the events before."""

    state: str
    seconds: int


@dataclass(frozen=True, slots=True)
class HashedEvent:
    """An event with its canonical JSON, the hash of the JSON, and its texts."""

    event: Event
    body: str
    hash: str
    texts: tuple[ErasableText, ...] = ()
    stay: Stay | None = None


def hash_event(previous_hash: str, event: Event, texts: tuple[ErasableText, ...] = ()) -> HashedEvent:
    """Return the event hashed behind `previous_hash`, which is GENESIS for the first event of a plan."""
    event = replace(event, prev_hash=previous_hash, digests={text.name: text.digest for text in texts})
    body = canonical_json(dump_event(event))
    return HashedEvent(event, body, sha256(body), texts)


def canonical_json(value: object) -> str:
    """Return JSON in its only spelling: sorted keys, no spaces, characters unescaped. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
