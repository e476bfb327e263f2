"""What stands in planning's tables after a proof: read past the service, and held against the rules of the store."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import asyncpg

from tests.until import PATIENCE

TABLES = (
    "plt_confirmation",
    "command_key",
    "plan_comment",
    "plan_text",
    "plan_event",
    "notification",
    "notification_read",
    "plan_timer",
    "moved_teacher",
    "plan",
)

_READ = """
SELECT p.ptk_id, p.npsn, p.state, p.version, p.last_hash, p.content->'praktik_kinerja'->>'indikator' AS indikator,
  EXISTS (SELECT FROM plt_confirmation c WHERE (c.npsn, c.period) = (p.npsn, p.period)) AS confirmed,
  (SELECT coalesce(json_agg(json_build_array(e.version, e.hash, e.body, e.kind, e."to") ORDER BY e.version), '[]')
   FROM plan_event e WHERE (e.ptk_id, e.period) = (p.ptk_id, p.period)) AS events,
  (SELECT coalesce(json_agg(json_build_array(t.version, t.name, t.salt, t.value)), '[]')
   FROM plan_text t WHERE (t.ptk_id, t.period) = (p.ptk_id, p.period)) AS texts,
  (SELECT coalesce(json_object_agg(k.key, k.version), '{}')
   FROM command_key k WHERE (k.ptk_id, k.period) = (p.ptk_id, p.period)) AS keys
FROM plan p WHERE p.ptk_id = ANY($1)
"""
_IDLE = """SELECT NOT EXISTS (SELECT FROM pg_stat_activity
WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid())"""

_NAMES = {"tab_saved": "save", "beginImplementation": "begin", "@entered(submitted)": "automatically"}


@dataclass(frozen=True)
class Stored:
    """A plan's rows."""

    ptk_id: str
    state: str
    version: int
    last_hash: str
    indikator: str
    confirmed: bool
    events: tuple[tuple[int, str, str, str, str], ...]
    texts: tuple[tuple[int, str, str, str], ...]
    keys: dict[str, int]

    def trail(self, since: int) -> tuple[str, ...]:
        """What happened after a version, in the oracle's words."""
        told = [json.loads(body) for _, _, body, *_ in self.events[since:]]
        names = [str(event["trigger"] or event["kind"]) for event in told]
        return tuple(_NAMES.get(name, name) for name in names)

    def faults(self) -> Iterator[str]:
        """What must never be: an event lost or doubled, a broken chain, a state that is not the last event's, a text
        that is missing or another's, a key of a version that is not there.
        """
        if len(self.events) != self.version:
            yield f"version {self.version} with {len(self.events)} events"
        previous, state = "0" * 64, None
        for place, (version, digest, body, kind, to) in enumerate(self.events, 1):
            told = json.loads(body)
            if hashlib.sha256(body.encode()).hexdigest() != digest:
                yield f"{place}: not what was hashed"
            if (told["prev_hash"], told["from"]) != (previous, state):
                yield f"{place}: does not follow from the event before"
            if (told["version"], told["kind"], told["to"]) != (version, kind, to) or version != place:
                yield f"{place}: the columns say otherwise than the body"
            previous, state = digest, to
            given = {name: digest for place, name, *digest in self.texts if place == version}
            found = {name: _digest(*text) for name, text in given.items()}
            if found != told["digests"]:
                yield f"{version}: texts {sorted(found)} for digests {sorted(told['digests'])}"
        if (previous, state) != (self.last_hash, self.state):
            yield f"state {self.state}, and the last event leads to {state}, or is another"
        if beyond := {key for key, version in self.keys.items() if version > self.version}:
            yield f"keys beyond the plan: {beyond}"


async def read(connection: asyncpg.Connection, ptk_ids: Sequence[str]) -> dict[str, Stored]:
    """The plans of these teachers, each with all its rows. One statement, so one instant."""
    found = {}
    for row in await connection.fetch(_READ, ptk_ids):
        ptk_id = str(row["ptk_id"])
        found[ptk_id] = Stored(
            ptk_id, row["state"], row["version"], row["last_hash"], row["indikator"], row["confirmed"],
            tuple(map(tuple, json.loads(row["events"]))), tuple(map(tuple, json.loads(row["texts"]))),
            json.loads(row["keys"]),
        )  # fmt: skip
    return found


async def keep(connection: asyncpg.Connection, name: str) -> None:
    """Remember all plans as they are now, as a start."""
    copies = [f"CREATE TABLE {name}.{table} AS TABLE public.{table}" for table in TABLES]
    await connection.execute("; ".join([f"CREATE SCHEMA {name}", *copies]))


async def restore(connection: asyncpg.Connection, name: str) -> None:
    """All plans as they were kept; one transaction."""
    away = [f"DELETE FROM public.{table}" for table in TABLES]
    back = [f"INSERT INTO public.{table} SELECT * FROM {name}.{table}" for table in reversed(TABLES)]
    await connection.execute("; ".join([*away, *back]))


async def settled(connection: asyncpg.Connection) -> None:
    """Wait until no statement runs: a killed process leaves the one that it had sent to the server."""
    async with asyncio.timeout(PATIENCE):
        while not await connection.fetchval(_IDLE):
            await connection.execute("SELECT pg_sleep(0.005)")


def _digest(salt: str, value: str) -> str:
    return hashlib.sha256(f"{salt}\n{value}".encode()).hexdigest()
