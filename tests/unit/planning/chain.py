"""A chain of events read back: what a stranger, who has the rows and this page, can check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """An event as its row has it."""

    version: int
    hash: str
    body: str


def faults_of_chain(chain: Sequence[Stored], last_hash: str) -> list[str]:
    """What is wrong with a plan's events in the order of their versions; `last_hash` stands with the plan."""
    faults, previous = [], "0" * 64
    for place, stored in enumerate(chain, 1):
        if hashlib.sha256(stored.body.encode()).hexdigest() != stored.hash:
            faults.append(f"{place}: not what was hashed")
            return faults
        told = json.loads(stored.body)
        spelled = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if spelled != stored.body:
            faults.append(f"{place}: not canonical")
        if (told["version"], stored.version) != (place, place):
            faults.append(f"{place}: another version")
        if told["prev_hash"] != previous:
            faults.append(f"{place}: follows another event")
        previous = stored.hash
    return faults if previous == last_hash else [*faults, "the last event is another"]
