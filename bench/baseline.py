"""A minimal handler for one plan: one query reads it, one transaction saves a tab.

It verifies the token and guards the version, and has no schema, rules, problems, idempotency keys or hash chain. It is
the lower bound that the services are compared with, and runs in its own process like them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

READ = "SELECT version, state, tab, content, profile, school FROM plan WHERE ptk_id = $1 AND period = $2"
SAVE = (
    "UPDATE plan SET content = $1, version = version + 1 WHERE ptk_id = $2 AND period = $3 AND version = $4"
)
EVENT = """INSERT INTO plan_event (ptk_id, period, version, id, kind, to_state, at, hash, body)
VALUES ($1, $2, $3, $4, 'tab_saved', 'draft', $5, '', '{}')"""


def create_app(url: str, keys: KeySet) -> Starlette:
    """Return an app with `GET /plan` and `POST /plan` for the plan of the token's subject."""

    def owner(request: Request) -> str:
        token = request.headers["authorization"].removeprefix("Bearer ")
        return str(jwt.decode(token, keys, algorithms=["ES256"]).claims["sub"]).removeprefix("ptk:")

    async def read(request: Request) -> JSONResponse:
        row = await request.app.state.pool.fetchrow(READ, owner(request), "2024-1")
        return JSONResponse({name: row[name] for name in ("version", "state", "tab", "content")})

    async def save(request: Request) -> JSONResponse:
        ptk_id, payload = owner(request), await request.json()
        async with request.app.state.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(READ, ptk_id, "2024-1")
            content = {**json.loads(row["content"]), "praktik_kinerja": {"indikator": payload["indikator"]}}
            version = row["version"]
            update = await connection.execute(SAVE, json.dumps(content), ptk_id, "2024-1", version)
            await connection.execute(EVENT, ptk_id, "2024-1", version + 1, uuid4(), datetime.now(UTC))
        return JSONResponse({"saved": update == "UPDATE 1", "version": version + 1})

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.pool = await asyncpg.create_pool(
            url.replace("asyncpg", "postgresql", 1), min_size=1, max_size=20
        )
        yield
        await app.state.pool.close()

    return Starlette(routes=[Route("/plan", read), Route("/plan", save, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    keys = KeySet.import_key_set(json.loads(os.environ["BENCH_JWKS"]))
    app = create_app(os.environ["RENCANA_PLANNING_DATABASE_URL"], keys)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
