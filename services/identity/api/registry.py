"""`/v1/…`: what planning asks about teachers, schools, accounts, and what changed since it last asked."""

from __future__ import annotations

import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.accounts.queries import answer_account
from services.identity.api.answer import answer
from services.identity.api.auth import Guard
from services.identity.people.queries import answer_changes, answer_school, answer_teacher, resolve_teachers
from services.identity.people.views import MOST, read_keys
from services.identity.registry.json_input import read_json
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, problem_response
from services.kit.problems import Messages, Problem, RequestRefused

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NPSN = re.compile(r"[0-9P][0-9A-Z]{7}")
PAGE, LARGEST_PAGE = 500, 1000
# seq is a bigint
LARGEST_SEQ = 2**63 - 1
LARGEST_KEYS = 16 * 1024


def registry_routes(messages: Messages, clock: Clock, guard: Guard, database: Database) -> list[Route]:
    """The routes, for services of the house only; a malformed id or number is 400, an unknown thing 404."""
    services_only = guard.needs("registry:read")

    @services_only
    async def teacher(request: Request) -> Response:
        ptk_id = request.path_params["ptk_id"]
        if not _UUID.fullmatch(ptk_id):
            return problem_response(request, messages, [Problem("teacher.bad_id", path=("ptk_id",))], 400)
        try:
            return answer(request, await answer_teacher(UUID(ptk_id), clock.now(), database.connection))
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 404)

    @services_only
    async def school(request: Request) -> Response:
        npsn = request.path_params["npsn"].upper()
        if not _NPSN.fullmatch(npsn):
            return problem_response(request, messages, [Problem("school.bad_npsn", path=("npsn",))], 400)
        try:
            return answer(request, await answer_school(npsn, clock.now(), database.connection))
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 404)

    @services_only
    async def meant(request: Request) -> Response:
        try:
            keys = read_keys(read_json(await request.body()))
        except RequestRefused:
            problem = Problem("teacher.bad_keys", {"most": MOST}, ("keys",))
            return problem_response(request, messages, [problem], 400)
        return JSONResponse(await resolve_teachers(keys, database.connection), headers=NO_STORE)

    @services_only
    async def account(request: Request) -> Response:
        account_id = request.path_params["account_id"]
        if not _UUID.fullmatch(account_id):
            return problem_response(request, messages, [Problem("account.bad_id", path=("account_id",))], 400)
        try:
            return answer(request, await answer_account(UUID(account_id), database.connection))
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 404)

    @services_only
    async def changes(request: Request) -> Response:
        try:
            after = _number(request, "after", default=0, least=0, most=LARGEST_SEQ)
            limit = _number(request, "limit", default=PAGE, least=1, most=LARGEST_PAGE)
        except RequestRefused as refusal:
            return problem_response(request, messages, refusal.problems, 400)
        return answer(request, await answer_changes(after, limit, database.connection))

    return [
        Route("/v1/teachers/resolve", meant, methods=["POST"], max_body_size=LARGEST_KEYS),
        Route("/v1/teachers/{ptk_id}", teacher),
        Route("/v1/schools/{npsn}", school),
        Route("/v1/accounts/{account_id}", account),
        Route("/v1/changes", changes),
    ]


def _number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if re.fullmatch(r"[0-9]{1,19}", text) and least <= int(text) <= most:
        return int(text)
    raise RequestRefused(Problem("changes.bad_number", {"name": name, "least": least, "most": most}, (name,)))
