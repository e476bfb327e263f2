"""`/v1/…`: what planning asks about teachers, schools, accounts, and what changed since it last asked."""

from __future__ import annotations

import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.accounts.queries import answer_account
from services.identity.api.answer import respond_with_etag
from services.identity.api.auth import Guard
from services.identity.people.queries import answer_changes, answer_school, answer_teacher, resolve_teachers
from services.identity.people.views import MAX_KEYS, parse_keys
from services.identity.registry.json_input import read_json
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, problem_response
from services.kit.problems import Messages, Problem, RequestRefused

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NPSN = re.compile(r"[0-9P][0-9A-Z]{7}")
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 500, 1000
# seq is a bigint
MAX_SEQ = 2**63 - 1
MAX_KEYS_BYTES = 16 * 1024


def registry_routes(messages: Messages, clock: Clock, guard: Guard, database: Database) -> list[Route]:
    """The routes, for services of the house only; a malformed id or number is 400, an unknown thing 404."""
    services_only = guard.require_scope("registry:read")

    @services_only
    async def teacher(request: Request) -> Response:
        ptk_id = request.path_params["ptk_id"]
        if not _UUID.fullmatch(ptk_id):
            return problem_response(request, messages, [Problem("teacher.bad_id", path=("ptk_id",))], 400)
        try:
            return respond_with_etag(
                request, await answer_teacher(UUID(ptk_id), clock.now(), database.connection)
            )
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 404)

    @services_only
    async def school(request: Request) -> Response:
        npsn = request.path_params["npsn"].upper()
        if not _NPSN.fullmatch(npsn):
            return problem_response(request, messages, [Problem("school.bad_npsn", path=("npsn",))], 400)
        try:
            return respond_with_etag(request, await answer_school(npsn, clock.now(), database.connection))
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 404)

    @services_only
    async def resolve(request: Request) -> Response:
        try:
            keys = parse_keys(read_json(await request.body()))
        except RequestRefused:
            problem = Problem("teacher.bad_keys", {"most": MAX_KEYS}, ("keys",))
            return problem_response(request, messages, [problem], 400)
        return JSONResponse(await resolve_teachers(keys, database.connection), headers=NO_STORE)

    @services_only
    async def account(request: Request) -> Response:
        account_id = request.path_params["account_id"]
        if not _UUID.fullmatch(account_id):
            return problem_response(request, messages, [Problem("account.bad_id", path=("account_id",))], 400)
        try:
            return respond_with_etag(request, await answer_account(UUID(account_id), database.connection))
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 404)

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
        Route("/v1/teachers/{ptk_id}", teacher),
        Route("/v1/schools/{npsn}", school),
        Route("/v1/accounts/{account_id}", account),
        Route("/v1/changes", changes),
    ]


def _parse_number(request: Request, name: str, *, default: int, minimum: int, maximum: int) -> int:
    text = request.query_params.get(name, str(default))
    if re.fullmatch(r"[0-9]{1,19}", text) and minimum <= int(text) <= maximum:
        return int(text)
    raise RequestRefused(
        Problem("changes.bad_number", {"name": name, "least": minimum, "most": maximum}, (name,))
    )
