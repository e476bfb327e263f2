"""Counting the plans of a period, each statement by an index alone (decision 14 says which, and what they cost)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

from services.planning.domain.plan_numbers import Kind
from workflows import HeadKind

# Some hundred thousand ages are sorted in memory, and no statement takes long enough to be worth compiling.
_ONE_INSTANT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)",
)
_LED = "plan p LEFT JOIN school_head h USING (npsn) LEFT JOIN plt_confirmation c USING (npsn, period)"
_OWN = "coalesce(h.ptk_id = p.ptk_id, false)"
_KINDS = f"""
SELECT p.workflow, p.state, h.kind AS head, {_OWN} AS own, c.npsn IS NOT NULL AS confirmed,
  count(*)::int AS plans, min(p.state_since) AS since
FROM {_LED} WHERE %s GROUP BY 1, 2, 3, 4, 5
"""
_GOING_ON = """
SELECT p.state, count(p.state_since)::int AS stays,
  percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY p.state_since DESC) AS since
FROM plan p WHERE {where} AND p.state = ANY({states}::text[]) GROUP BY 1
"""
_ENDED = """
SELECT e.ended AS state, count(*)::int AS stays,
  percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY e.lasted) AS lasted
FROM plan_event e WHERE e.period = $1 AND e.ended IS NOT NULL
"""
# Stays and plans are joined as wholes: to look up one plan after the other, in their hundred thousands, takes seconds.
_AS_WHOLES = "SELECT set_config('enable_nestloop', 'off', true)"
_OF_CHOSEN = "AND e.ptk_id IN (SELECT p.ptk_id FROM plan p WHERE %s)"
_PARTS = """
SELECT q.*, (SELECT n.school ->> 'nama' FROM plan n WHERE n.period = $1 AND n.npsn = q.npsn LIMIT 1) AS nama
FROM (
  SELECT {columns}, min({place}) AS place, count(*)::int AS plans, count(w.state)::int AS waiting,
    min(p.state_since) FILTER (WHERE w.state IS NOT NULL) AS since, {rank} AS rank
  FROM {led} LEFT JOIN jsonb_to_recordset({waiting}::jsonb)
      AS w(workflow text, state text, head text, own bool, confirmed bool)
    ON (w.workflow, w.state, coalesce(w.head, '')) = (p.workflow, p.state, coalesce(h.kind, ''))
    AND w.own = {own} AND w.confirmed = (c.npsn IS NOT NULL)
  WHERE {where} GROUP BY {group}) q
WHERE (q.rank, q.place) > ({after_rank}, {after_place}) ORDER BY q.rank, q.place LIMIT {size}
"""
_STATES = """
SELECT {place} AS place, p.workflow, p.state, count(*)::int AS plans
FROM plan p WHERE {where} AND {place} = ANY({places}) GROUP BY 1, 2, 3
"""


class By(StrEnum):
    """What plans are counted by."""

    PROVINSI = "provinsi"
    KABUPATEN_KOTA = "kabupaten_kota"
    SCHOOL = "school"


class Order(StrEnum):
    """In which order the parts come."""

    NAME = "name"
    MOST_WAITING = "most_waiting"
    LONGEST_WAITING = "longest_waiting"


_PLACE = {
    By.PROVINSI: "coalesce(p.provinsi, '')",
    By.KABUPATEN_KOTA: "coalesce(p.provinsi, '') || ' / ' || coalesce(p.kabupaten_kota, '')",
    By.SCHOOL: "p.npsn",
}
_COLUMNS = {
    By.PROVINSI: "p.provinsi, NULL AS kabupaten_kota, NULL::text AS npsn",
    By.KABUPATEN_KOTA: "p.provinsi, p.kabupaten_kota, NULL::text AS npsn",
    By.SCHOOL: "max(p.provinsi) AS provinsi, max(p.kabupaten_kota) AS kabupaten_kota, p.npsn",
}
_GROUP = {
    By.PROVINSI: "p.provinsi",
    By.KABUPATEN_KOTA: "p.provinsi, p.kabupaten_kota",
    By.SCHOOL: "p.npsn",
}
_NEVER = 2**62  # microseconds
_RANK = {
    Order.NAME: "0::bigint",
    Order.MOST_WAITING: "-count(w.state)",
    Order.LONGEST_WAITING: "coalesce((extract(epoch FROM min(p.state_since) FILTER (WHERE w.state IS NOT NULL)) "
    f"* 1000000)::bigint, {_NEVER})",
}
FIRST = (-(2**63), "")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which plans are counted: those of a period, and, where told, of a version, a region, a school."""

    period: str
    workflow: str | None = None
    provinsi: str | None = None
    kabupaten_kota: str | None = None
    npsn: str | None = None

    def where(self) -> tuple[str, list[Any]]:
        """The condition on plans `p`, with the values of its parameters; the period is the first."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return " AND ".join(f"p.{name} = ${n}" for n, name in enumerate(given, 1)), list(given.values())


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `size` regions or schools in an order, after a rank and place."""

    by: By
    order: Order
    after: tuple[int, str]
    size: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How many plans there are of a kind, and since when the first of them is in its state."""

    kind: Kind
    plans: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Stays:
    """How many stays in a state, and how many seconds half of them and 95 of 100 lasted at most."""

    stays: int
    p50: int
    p95: int


@dataclass(frozen=True, slots=True)
class Part:
    """A region (None: unknown) or a school: its plans, those that wait, and since when the first of these does."""

    place: str
    rank: int
    provinsi: str | None
    kabupaten_kota: str | None
    npsn: str | None
    nama: str | None
    plans: int
    waiting: int
    since: datetime | None


async def at_one_instant(connection: BaseDBAsyncClient) -> None:
    """All that this transaction counts is counted at the instant of its next statement."""
    for statement in _ONE_INSTANT:
        await connection.execute_query(statement)


async def kinds(chosen: Chosen, connection: BaseDBAsyncClient) -> list[Counted]:
    """The plans of each kind."""
    where, values = chosen.where()
    rows = await connection.execute_query_dict(_KINDS % where, values)
    return [Counted(_kind(row), row["plans"], row["since"]) for row in rows]


async def going_on(
    chosen: Chosen, states: Sequence[str], now: datetime, connection: BaseDBAsyncClient
) -> dict[str, Stays]:
    """By state, of these: for how long plans are in it that are there now."""
    where, values = chosen.where()
    statement = _GOING_ON.format(where=where, states=f"${len(values) + 1}")
    rows = await connection.execute_query_dict(statement, [*values, list(states)])
    return {
        row["state"]: Stays(row["stays"], *(int((now - since).total_seconds()) for since in row["since"]))
        for row in rows
        if row["stays"]
    }


async def ended(chosen: Chosen, connection: BaseDBAsyncClient) -> dict[str, Stays]:
    """By state: for how long plans were in it that have left it. The last thing to be asked in its transaction."""
    where, values = chosen.where()
    await connection.execute_query(_AS_WHOLES)
    some = _OF_CHOSEN % where if len(values) > 1 else ""
    rows = await connection.execute_query_dict(f"{_ENDED} {some} GROUP BY 1", values)
    return {row["state"]: Stays(row["stays"], *row["lasted"]) for row in rows}


async def parts(
    chosen: Chosen, page: Page, waiting: Collection[Kind], connection: BaseDBAsyncClient
) -> list[Part]:
    """A page of regions or schools; `waiting` are the kinds of plans that are told to wait there."""
    where, values = chosen.where()
    n = len(values)
    statement = _PARTS.format(
        columns=_COLUMNS[page.by], place=_PLACE[page.by], rank=_RANK[page.order], group=_GROUP[page.by],
        led=_LED, own=_OWN, where=where,
        waiting=f"${n + 1}", after_rank=f"${n + 2}", after_place=f"${n + 3}", size=f"${n + 4}",
    )  # fmt: skip
    given = json.dumps([asdict(kind) for kind in waiting])
    rows = await connection.execute_query_dict(statement, [*values, given, *page.after, page.size])
    return [Part(**row) for row in rows]


async def states_of(
    chosen: Chosen, by: By, places: Sequence[str], connection: BaseDBAsyncClient
) -> Mapping[str, list[tuple[str, str, int]]]:
    """By place: version of the workflow, state, and how many plans."""
    where, values = chosen.where()
    statement = _STATES.format(place=_PLACE[by], where=where, places=f"${len(values) + 1}::text[]")
    found: dict[str, list[tuple[str, str, int]]] = {place: [] for place in places}
    for row in await connection.execute_query_dict(statement, [*values, list(places)]):
        found[row["place"]].append((row["workflow"], row["state"], row["plans"]))
    return found


def _kind(row: Mapping[str, Any]) -> Kind:
    head = HeadKind(row["head"]) if row["head"] else None
    return Kind(row["workflow"], row["state"], head, row["own"], row["confirmed"])
