"""The plans in planning's tables, read with SQL and checked against the rules of the store; copies of the tables."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import asyncpg

from tests.integration.planning.environment import TABLES
from tests.until import PATIENCE

_PLANS = """
SELECT p.ptk_id, p.npsn, p.state, p.version, p.last_hash, p.content->'praktik_kinerja'->>'indikator' AS indikator,
  EXISTS (SELECT FROM plt_confirmation c WHERE (c.npsn, c.period) = (p.npsn, p.period)) AS confirmed,
  (SELECT coalesce(json_agg(json_build_array(e.version, e.hash, e.body, e.kind, e.to_state) ORDER BY e.version), '[]')
   FROM plan_event e WHERE (e.ptk_id, e.period) = (p.ptk_id, p.period)) AS events,
  (SELECT coalesce(json_agg(json_build_array(t.version, t.name, t.salt, t.value)), '[]')
   FROM plan_text t WHERE (t.ptk_id, t.period) = (p.ptk_id, p.period)) AS texts,
  (SELECT coalesce(json_object_agg(k.key, k.version), '{}')
   FROM command_key k WHERE (k.ptk_id, k.period) = (p.ptk_id, p.period)) AS keys
FROM plan p WHERE p.ptk_id = ANY($1)
"""
_IDLE = """SELECT NOT EXISTS (SELECT FROM pg_stat_activity
WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid())"""

# the names that the oracle gives to events
_EVENT_NAMES = {"tab_saved": "save", "beginImplementation": "begin", "@entered(submitted)": "automatically"}


@dataclass(frozen=True)
class PlanRows:
    """The rows of a plan."""

    ptk_id: str
    state: str
    version: int
    last_hash: str
    indikator: str
    confirmed: bool
    events: tuple[tuple[int, str, str, str, str], ...]
    texts: tuple[tuple[int, str, str, str], ...]
    keys: dict[str, int]

    def event_names(self, after_version: int) -> tuple[str, ...]:
        """Return the events after a version, by the oracle's names."""
        events = [json.loads(body) for _, _, body, *_ in self.events[after_version:]]
        names = [str(event["trigger"] or event["kind"]) for event in events]
        return tuple(_EVENT_NAMES.get(name, name) for name in names)

    def find_faults(self) -> Iterator[str]:
        """Describe every broken rule.

        Events are complete and without repetition, their hashes form a chain, the state is that of the last event,
        the texts match the digests of the events, and no key belongs to a version that does not exist.
        """
        if len(self.events) != self.version:
            yield f"version {self.version} with {len(self.events)} events"
        previous, state = "0" * 64, None
        for number, (version, digest, body, kind, target) in enumerate(self.events, 1):
            event = json.loads(body)
            if hashlib.sha256(body.encode()).hexdigest() != digest:
                yield f"event {number}: the hash is not that of the body"
            if (event["prev_hash"], event["from"]) != (previous, state):
                yield f"event {number}: does not follow the event before"
            if (event["version"], event["kind"], event["to"]) != (version, kind, target) or version != number:
                yield f"event {number}: the columns differ from the body"
            previous, state = digest, target
            digests = {name: _digest(*text) for at, name, *text in self.texts if at == version}
            if digests != event["digests"]:
                yield f"event {version}: texts {sorted(digests)} for digests {sorted(event['digests'])}"
        if (previous, state) != (self.last_hash, self.state):
            yield f"state {self.state} or its hash is not that of the last event, which leads to {state}"
        if unknown_keys := {key for key, version in self.keys.items() if version > self.version}:
            yield f"keys of versions that do not exist: {unknown_keys}"


async def read_plans(connection: asyncpg.Connection, ptk_ids: Sequence[str]) -> dict[str, PlanRows]:
    """Read the plans of these teachers with all their rows, in one statement and so at one instant."""
    plans = {}
    for row in await connection.fetch(_PLANS, ptk_ids):
        ptk_id = str(row["ptk_id"])
        plans[ptk_id] = PlanRows(
            ptk_id, row["state"], row["version"], row["last_hash"], row["indikator"], row["confirmed"],
            tuple(map(tuple, json.loads(row["events"]))), tuple(map(tuple, json.loads(row["texts"]))),
            json.loads(row["keys"]),
        )  # fmt: skip
    return plans


async def copy_tables(connection: asyncpg.Connection, schema: str) -> None:
    """Copy the tables of all plans into a new schema."""
    copies = [f"CREATE TABLE {schema}.{table} AS TABLE public.{table}" for table in TABLES]
    await connection.execute("; ".join([f"CREATE SCHEMA {schema}", *copies]))


async def restore_tables(connection: asyncpg.Connection, schema: str) -> None:
    """Replace all plans by the copies in a schema, in one transaction."""
    deletes = [f"DELETE FROM public.{table}" for table in reversed(TABLES)]
    inserts = [f"INSERT INTO public.{table} SELECT * FROM {schema}.{table}" for table in TABLES]
    await connection.execute("; ".join([*deletes, *inserts]))


async def wait_until_idle(connection: asyncpg.Connection) -> None:
    """Wait until no statement runs: the server still executes the last statement of a killed process."""
    async with asyncio.timeout(PATIENCE):
        while not await connection.fetchval(_IDLE):
            await connection.execute("SELECT pg_sleep(0.005)")


def _digest(salt: str, value: str) -> str:
    return hashlib.sha256(f"{salt}\n{value}".encode()).hexdigest()
