"""`PUT /v1/schools/{npsn}/dapodik`: a school pushes its Dapodik bundle and receives the report of the import."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school, may_push, record_wrong_push_token
from services.identity.registry.json_input import read_json
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, get_request_id, has_json_body, problem_response
from services.kit.problems import Messages, Problem, RequestRefused, negotiate_language
from services.kit.rate_limit import RateLimit, RateLimitExceeded, get_client_network

log = logging.getLogger(__name__)

# The largest schools have some 300 GTK of about 4 KB each, and getPengguna may contain every pupil.
MAX_BUNDLE_BYTES = 8 * 1024 * 1024
MAX_PROBLEMS = 100  # of a report; `refused_rows` counts all

# A school pushes once a day, and some push after each correction.
PUSHES_PER_MINUTE = 10
# A wrong token costs as much of an address's limit as this many requests, so that guessing ends soon. The limit is
# generous, because a dinas may push for all its schools from one address.
WRONG_TOKEN_COST = 20


class PushLimits:
    """The rate limits of pushes: by address, before the token is looked up, and by school."""

    def __init__(self, address: RateLimit) -> None:
        self.address, self.school = address, RateLimit("school", PUSHES_PER_MINUTE)
        self.audit = RateLimit("push_audit", 1)  # one event a minute for each address with wrong tokens


def push_routes(messages: Messages, clock: Clock, limits: PushLimits, database: Database) -> list[Route]:
    """Return the route.

    401 without a valid token, 413 for a body over 8 MB, 415 without JSON, 422 for a refusal, 429 for too many.
    """

    async def push(request: Request) -> Response:
        npsn = request.path_params["npsn"].upper()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        network = get_client_network(request.scope)
        limits.address.hit(network)
        if scheme.lower() != "bearer" or not await may_push(token.strip(), npsn, database.connection):
            await _record_wrong_token(request, network, limits, clock.now(), database)
            refusal = problem_response(request, messages, [Problem("push.credential")], 401)
            refusal.headers["www-authenticate"] = "Bearer"
            return refusal
        if not has_json_body(request):
            return problem_response(request, messages, [Problem("push.not_json")], 415)
        limits.school.hit(npsn)
        body = await _read_body(request)
        if body is None:
            return problem_response(request, messages, [Problem("push.too_large")], 413)
        try:
            # in a thread: a large body takes a second, and others wait only for the interpreter's lock meanwhile
            bundle = await asyncio.to_thread(lambda: read_bundle(read_json(body)))
            if bundle.school.npsn != npsn:
                raise RequestRefused(Problem("push.other_school", {"npsn": npsn}, ("getSekolah", "npsn")))
            report = await import_school(bundle, clock.now(), is_push=True)
        except RequestRefused as refusal:
            log.info("push of %s refused: %s", npsn, refusal)
            return problem_response(request, messages, refusal.problems, 422)
        language = negotiate_language(request.headers.get("accept-language"))
        content = report.as_json(lambda problem: messages.text(problem, language), MAX_PROBLEMS)
        return JSONResponse(content, headers={"content-language": language, **NO_STORE})

    return [Route("/v1/schools/{npsn}/dapodik", push, methods=["PUT"], name="push")]


async def _record_wrong_token(
    request: Request, network: str, limits: PushLimits, now: datetime, database: Database
) -> None:
    """Count a wrong token against its address, and write the first of a minute to the audit log."""
    with suppress(RateLimitExceeded):
        limits.audit.hit(network)
        await record_wrong_push_token(network, get_request_id(request), now, database.connection)
    limits.address.hit(network, WRONG_TOKEN_COST - 1)


async def _read_body(request: Request) -> bytes | None:
    """Return the body, or None if it is too large. Starlette's own limit would respond in plain text."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BUNDLE_BYTES:
            return None
    return bytes(body)
