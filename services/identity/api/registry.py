"""Endpoints for planning, `/v1/…`: teachers, schools, accounts, ptk_ids by NIP or NUPTK, and the change feed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.api.auth import Guard
from services.identity.api.etag import respond_with_etag
from services.identity.people.queries import (
    answer_account,
    answer_changes,
    answer_school,
    answer_teacher,
    resolve_teachers,
)
from services.identity.people.views import MAX_KEYS, View, parse_keys
from services.identity.registry.json_input import read_json
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, problem_response
from services.kit.problems import Messages, Problem, RequestRefused

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NPSN = re.compile(r"[0-9P][0-9A-Z]{7}")
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 500, 1000
MAX_SEQ = 2**63 - 1  # bigint
MAX_KEYS_BYTES = 16 * 1024


def registry_routes(messages: Messages, clock: Clock, guard: Guard, database: Database) -> list[Route]:
    """Return the routes, for clients with `registry:read`. A malformed id or number is 400, an unknown one 404."""
    services_only = guard.require_scope("registry:read")

    def entity_route(
        path: str,
        name: str,
        pattern: re.Pattern[str],
        error_code: str,
        find: Callable[[str], Awaitable[View]],
    ) -> Route:
        @services_only
        async def endpoint(request: Request) -> Response:
            key = request.path_params[name].upper()
            if not pattern.fullmatch(key):
                return problem_response(request, messages, [Problem(error_code, path=(name,))], 400)
            try:
                return respond_with_etag(request, await find(key))
            except RequestRefused as refusal:
                return problem_response(request, messages, refusal.problems, 404)

        return Route(f"{path}/{{{name}}}", endpoint)

    async def find_teacher(ptk_id: str) -> View:
        return await answer_teacher(UUID(ptk_id), clock.now(), database.connection)

    async def find_school(npsn: str) -> View:
        return await answer_school(npsn, clock.now(), database.connection)

    async def find_account(account_id: str) -> View:
        return await answer_account(UUID(account_id), database.connection)

    @services_only
    async def resolve(request: Request) -> Response:
        try:
            keys = parse_keys(read_json(await request.body()))
        except RequestRefused:
            problem = Problem("teacher.bad_keys", {"most": MAX_KEYS}, ("keys",))
            return problem_response(request, messages, [problem], 400)
        return JSONResponse(await resolve_teachers(keys, database.connection), headers=NO_STORE)

    @services_only
    async def changes(request: Request) -> Response:
        try:
            after = _parse_number(request, "after", default=0, minimum=0, maximum=MAX_SEQ)
            limit = _parse_number(
                request, "limit", default=DEFAULT_PAGE_SIZE, minimum=1, maximum=MAX_PAGE_SIZE
            )
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 400)
        return respond_with_etag(request, await answer_changes(after, limit, database.connection))

    return [
        Route("/v1/teachers/resolve", resolve, methods=["POST"], max_body_size=MAX_KEYS_BYTES),
        entity_route("/v1/teachers", "ptk_id", _UUID, "teacher.bad_id", find_teacher),
        entity_route("/v1/schools", "npsn", _NPSN, "school.bad_npsn", find_school),
        entity_route("/v1/accounts", "account_id", _UUID, "account.bad_id", find_account),
        Route("/v1/changes", changes),
    ]


def _parse_number(request: Request, name: str, *, default: int, minimum: int, maximum: int) -> int:
    text = request.query_params.get(name, str(default))
    if re.fullmatch(r"[0-9]{1,19}", text) and minimum <= int(text) <= maximum:
        return int(text)
    params = {"name": name, "least": minimum, "most": maximum}
    raise RequestRefused(Problem("changes.bad_number", params, (name,)))
