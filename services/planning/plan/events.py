"""The event: what happened to a plan, once and for all. Its format is final (docs/events.md).

The bytes that are hashed are the bytes that are stored: canonical JSON, each event naming the hash of the one before
it, so that a changed or a missing event shows. Personal free text is not in it: it stands as a salted digest, and
the text itself in a row that can be erased while the chain still verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = 1
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class ErasableText:
    """A text that may have to be forgotten; `digest` is what the event keeps of it."""

    name: str
    value: str
    salt: str

    @classmethod
    def of(cls, name: str, value: str) -> ErasableText:
        """The text with a fresh salt, without which a short text could be guessed from its digest."""
        return cls(name, value, secrets.token_hex(16))

    @property
    def digest(self) -> str:
        """SHA-256 of salt and text."""
        return hashlib.sha256(f"{self.salt}\n{self.value}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay of a plan in a state that an event ended; no part of its body, for the chain says it already."""

    state: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Event:
    """A link of a plan's chain: the canonical JSON as stored, its hash, and the texts that belong to it."""

    fields: Mapping[str, Any]
    body: str
    hash: str
    texts: tuple[ErasableText, ...] = ()
    stay: Stay | None = None


def link(previous_hash: str, fields: Mapping[str, Any], texts: tuple[ErasableText, ...] = ()) -> Event:
    """The event that follows `previous_hash` (GENESIS for the first one of a plan)."""
    whole = {
        **fields,
        "format": FORMAT,
        "digests": {text.name: text.digest for text in texts},
        "prev_hash": previous_hash,
    }
    body = canonical(whole)
    return Event(whole, body, sha256(body), texts)


def canonical(value: object) -> str:
    """JSON with one spelling only: sorted keys, no spaces, UTF-8, no floats that round."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256(text: str) -> str:
    """Hexadecimal SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
