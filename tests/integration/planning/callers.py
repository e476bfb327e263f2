"""Every kind of caller, each with a token signed by identity, and the outcome of a request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from services.identity.clients.model import Territory
from services.identity.settings import DEV_KEY_SECRET
from services.identity.sign_in.commands import admit
from services.identity.tokens.keys import Keyring
from services.identity.tokens.model import ClientSubject, build_claims, sign_token
from services.kit.database import Database
from services.kit.tokens import PLANNING_AUDIENCE
from tests.credentials import authorization
from tests.integration.planning.environment import ISSUER, Environment
from tests.integration.planning.partners import partner_client
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, PLT_OF_TK, PNS, email_of

Headers = Mapping[str, str]

# Tables that a request may change for any caller: cached answers of identity.
NOT_OF_A_REQUEST = {"identity_answer", "audit"}


async def sign_in_callers(environment: Environment, registry: Database) -> dict[str, Headers]:
    """Return the headers of each kind of caller."""
    people: dict[str, int | str] = {
        "teacher": PNS, "other teacher": COLLEAGUE, "head": HEAD_OF_SD, "Plt": PLT_OF_TK, "admin": ADMIN,
    }  # fmt: skip
    headers_by_caller: dict[str, Headers] = {"nobody": {}}
    headers_by_caller |= {kind: (await environment.sign_in(user)).headers for kind, user in people.items()}
    headers_by_caller["partner"] = (await partner_client(environment)).headers
    headers_by_caller["partner without scope"] = await _sign_in(environment, registry, "partner")
    headers_by_caller["service"] = await authorization(environment.identity)
    headers_by_caller["expired"] = await _sign_in(environment, registry, "expired")
    headers_by_caller["foreign key"] = _forge(headers_by_caller["teacher"])
    return headers_by_caller


async def _sign_in(environment: Environment, registry: Database, kind: str) -> Headers:
    """Sign a token that is wrong in one claim, with the key of identity."""
    ring, now = Keyring(DEV_KEY_SECRET), environment.now
    with registry.active():
        key = await ring.load_signing_key(now, registry.connection)
        if kind == "expired":
            claims = build_claims(
                await admit(email_of(PNS), now, registry.connection), ISSUER, now - timedelta(hours=1)
            )
        else:
            bearer = ClientSubject(UUID(int=7), frozenset(), PLANNING_AUDIENCE, Territory(nationwide=True))
            claims = build_claims(bearer, ISSUER, now)
    return {"authorization": f"Bearer {sign_token(claims, key)}"}


def _forge(headers: Headers) -> Headers:
    """Sign the same token with another key under the same id."""
    token = headers["authorization"].removeprefix("Bearer ")
    compact = jws.extract_compact(token.encode())
    header, claims = compact.headers(), json.loads(compact.payload)
    key = ECKey.generate_key("P-256", {"kid": header["kid"]})
    return {"authorization": f"Bearer {jwt.encode(dict(header), claims, key, ['ES256'])}"}


@asynccontextmanager
async def open_snapshot(database: Database) -> AsyncIterator[DatabaseSnapshot]:
    """A connection to the database of a service."""
    connection = await asyncpg.connect(database.dsn)
    try:
        yield DatabaseSnapshot(connection)
    finally:
        await connection.close()


@dataclass
class DatabaseSnapshot:
    """Saves all rows in another schema (`keep`) and restores them (`put_back`)."""

    connection: asyncpg.Connection
    tables: list[str] = field(default_factory=list)

    async def save(self, name: str) -> None:
        """Save all rows."""
        rows = await self.connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        self.tables = sorted({row["tablename"] for row in rows} - NOT_OF_A_REQUEST)
        copies = (f'CREATE TABLE {name}."{table}" AS TABLE public."{table}"' for table in self.tables)
        await self._run(f"DROP SCHEMA IF EXISTS {name} CASCADE", f"CREATE SCHEMA {name}", *copies)

    async def digest(self) -> list[tuple[Any, ...]]:
        """Return the number of rows and a digest by table."""
        each = [
            f"SELECT '{table}' AS name, count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) "
            f'FROM public."{table}" t'
            for table in self.tables
        ]
        return [tuple(row) for row in await self.connection.fetch(" UNION ALL ".join(each))]

    async def restore(self, name: str) -> None:
        """Restore all rows without checks of foreign keys."""
        names = ", ".join(f'public."{table}"' for table in self.tables)
        copies = (
            f'INSERT INTO public."{table}" OVERRIDING SYSTEM VALUE TABLE {name}."{table}"'
            for table in self.tables
        )
        await self._run("SET session_replication_role = replica", f"TRUNCATE {names}", *copies)

    async def _run(self, *statements: str) -> None:
        await self.connection.execute("; ".join(statements))


def outcome_code(status: int, answer: Mapping[str, Any]) -> str:
    """Return `ok`, `nothing` for null, or the first code of a refusal."""
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["problem"]["code"])
    result = answer["data"]["answer"]
    if isinstance(result, list):
        (result,) = result
    if isinstance(result, dict) and "results" in result:
        result = result["results"][0]
    if result is None:
        return "nothing"
    if isinstance(result, dict) and "problems" in result:
        return str(result["problems"][0]["code"])
    assert status == 200
    return "ok"


def format_table(title: str, rows: Mapping[str, Mapping[str, str]]) -> str:
    """Format the outcomes as a table of requests by callers."""
    kinds = list(next(iter(rows.values())))
    widths = [max(len(kind), *(len(row[kind]) for row in rows.values())) for kind in kinds]
    first = max(map(len, [title, *rows]))
    lines = [
        f"{title:{first}}  " + "  ".join(f"{kind:{width}}" for kind, width in zip(kinds, widths, strict=True))
    ]
    lines += [
        f"{name:{first}}  "
        + "  ".join(f"{row[kind]:{width}}" for kind, width in zip(kinds, widths, strict=True))
        for name, row in rows.items()
    ]
    return "\n".join(lines)
