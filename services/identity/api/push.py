"""`PUT /v1/schools/{npsn}/dapodik`: a school pushes its Dapodik bundle and receives the report of the import."""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school, may_push
from services.identity.registry.json_input import read_json
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, has_json_body, problem_response
from services.kit.problems import Messages, Problem, RequestRefused, negotiate_language

log = logging.getLogger(__name__)

# The largest schools have some 300 GTK of about 4 KB each, and getPengguna may contain every pupil.
MAX_BUNDLE_BYTES = 8 * 1024 * 1024


def push_routes(messages: Messages, clock: Clock, database: Database) -> list[Route]:
    """Return the route: 401 without a valid token, 413 for a body over 8 MB, 415 without JSON, 422 for a refusal."""

    async def push(request: Request) -> Response:
        npsn = request.path_params["npsn"].upper()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not await may_push(token.strip(), npsn, database.connection):
            refusal = problem_response(request, messages, [Problem("push.credential")], 401)
            refusal.headers["www-authenticate"] = "Bearer"
            return refusal
        if not has_json_body(request):
            return problem_response(request, messages, [Problem("push.not_json")], 415)
        body = await _read_body(request)
        if body is None:
            return problem_response(request, messages, [Problem("push.too_large")], 413)
        try:
            bundle = read_bundle(read_json(body))
            if bundle.school.npsn != npsn:
                raise RequestRefused(Problem("push.other_school", {"npsn": npsn}, ("getSekolah", "npsn")))
            report = await import_school(bundle, clock.now(), is_push=True)
        except RequestRefused as refusal:
            log.info("push of %s refused: %s", npsn, refusal)
            return problem_response(request, messages, refusal.problems, 422)
        language = negotiate_language(request.headers.get("accept-language"))
        content = report.as_json(lambda problem: messages.text(problem, language))
        return JSONResponse(content, headers={"content-language": language, **NO_STORE})

    return [Route("/v1/schools/{npsn}/dapodik", push, methods=["PUT"], name="push")]


async def _read_body(request: Request) -> bytes | None:
    """Return the body, or None if it is too large. Starlette's own limit would respond in plain text."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BUNDLE_BYTES:
            return None
    return bytes(body)
