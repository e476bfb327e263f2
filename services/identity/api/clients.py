"""`/admin/clients`: admins register API clients, rotate their secrets and revoke them. A secret is shown once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.identity.api.auth import Guard, get_principal
from services.identity.clients.commands import IssuedSecret, register, revoke, rotate
from services.identity.clients.model import Client, ClientRequest, Secret, parse_registration
from services.identity.clients.queries import list_clients
from services.identity.clients.requests import (
    AdminActor,
    decide,
    execute,
    is_own,
    list_requests,
    propose_registration,
    propose_rotation,
    state_at,
)
from services.identity.people.views import format_instant
from services.identity.registry.json_input import read_json
from services.kit.change_request import Decision
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.http import NO_STORE, has_json_body, problem_response
from services.kit.problems import Messages, Problem, RequestRefused
from services.kit.text import clean_text

MAX_BODY_BYTES = 16 * 1024
DEFAULT_OVERLAP_HOURS = 24
NOT_FOUND_CODES = (["client.unknown"], ["change_request.unknown"])

Endpoint = Callable[[Request], Awaitable[Response]]


def client_routes(messages: Messages, clock: Clock, guard: Guard, database: Database) -> list[Route]:
    """Return the routes, for admins. A refusal is 422 with every reason, an unknown id 404."""
    guards = {fresh: guard.require_scope("admin", fresh=fresh) for fresh in (False, True)}

    def route(path: str, endpoint: Endpoint, method: str = "POST", *, fresh: bool = False) -> Route:
        async def respond(request: Request) -> Response:
            try:
                return await endpoint(request)
            except RequestRefused as refusal:
                is_unknown = [problem.code for problem in refusal.problems] in NOT_FOUND_CODES
                return problem_response(request, messages, refusal.problems, 404 if is_unknown else 422)

        return Route(
            f"/admin/clients{path}", guards[fresh](respond), methods=[method], max_body_size=MAX_BODY_BYTES
        )

    async def list_all(_: Request) -> Response:
        clients = await list_clients(clock.now(), database.connection)
        return _respond({"clients": [_render_client(client, secrets) for client, secrets in clients]})

    async def register_client(request: Request) -> Response:
        body, now, actor = await _read_json_body(request), clock.now(), _get_actor(request)
        registration = parse_registration(body)
        if registration.territory.needs_approval:
            proposal = await propose_registration(registration, actor, _read_reason(body), now)
            return _respond({"request": _render_request(proposal, now)}, 202)
        return _respond(_render_secret(await register(registration, actor.name, now)), 201)

    async def rotate_secret(request: Request) -> Response:
        body, now, actor = await _read_json_body(request), clock.now(), _get_actor(request)
        client_id = _parse_id(request, "client.unknown")
        overlap = timedelta(hours=_read_overlap_hours(body))
        if await is_own(client_id, actor, database.connection):
            return _respond(_render_secret(await rotate(client_id, overlap, actor.name, now)))
        proposal = await propose_rotation(client_id, overlap, actor, _read_reason(body), now)
        return _respond({"request": _render_request(proposal, now)}, 202)

    async def revoke_client(request: Request) -> Response:
        client_id = _parse_id(request, "client.unknown")
        await revoke(client_id, _get_actor(request).name, clock.now())
        return Response(status_code=204)

    async def list_change_requests(_: Request) -> Response:
        now = clock.now()
        requests = await list_requests(database.connection)
        return _respond({"requests": [_render_request(change, now) for change in requests]})

    def decide_request(decision: Decision) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            body, now = await _read_json_body(request), clock.now()
            id = _parse_id(request, "change_request.unknown")
            change = await decide(id, decision, _get_actor(request), _read_reason(body), now)
            return _respond({"request": _render_request(change, now)})

        return endpoint

    async def execute_request(request: Request) -> Response:
        id = _parse_id(request, "change_request.unknown")
        secret = await execute(id, _get_actor(request), clock.now())
        return _respond(_render_secret(secret), 201) if secret else Response(status_code=204)

    return [
        route("", list_all, "GET"),
        route("", register_client, fresh=True),
        route("/requests", list_change_requests, "GET"),
        route("/requests/{id}/execute", execute_request, fresh=True),
        *(
            route(f"/requests/{{id}}/{one}", decide_request(one), fresh=one is Decision.APPROVE)
            for one in Decision
        ),
        route("/{id}/rotate", rotate_secret, fresh=True),
        route("/{id}/revoke", revoke_client),
    ]


async def _read_json_body(request: Request) -> object:
    """Read a JSON body. A form of another site cannot send this content type without a CORS preflight."""
    body = await request.body()
    try:
        if has_json_body(request):
            return read_json(body)
    except RequestRefused:
        pass
    raise RequestRefused(Problem("client.not_json"))


def _read_overlap_hours(body: object) -> int:
    hours = body.get("overlap_hours", DEFAULT_OVERLAP_HOURS) if isinstance(body, dict) else None
    if not isinstance(hours, int) or isinstance(hours, bool) or abs(hours) > 10_000:
        return -1  # the command refuses it as out of bounds
    return hours


def _read_reason(body: object) -> str:
    reason = body.get("reason") if isinstance(body, dict) else None
    return clean_text(reason) if isinstance(reason, str) else ""


def _parse_id(request: Request, code: str) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise RequestRefused(Problem(code)) from None


def _get_actor(request: Request) -> AdminActor:
    principal = get_principal(request)
    ptk_id = UUID(principal.id) if principal.kind == "ptk" else None
    return AdminActor(f"account:{principal.account}", ptk_id)


def _respond(body: dict[str, object], status: int = 200) -> Response:
    return JSONResponse(body, status, headers=NO_STORE)


def _render_request(request: ClientRequest, now: datetime) -> dict[str, object]:
    return {
        "id": str(request.id),
        "kind": request.kind,
        "client_id": str(request.client_id),
        "values": dict(request.values),
        "reason": request.reason,
        "state": state_at(request, now).value,
        "expires_at": format_instant(request.expires_at),
        "proposed_by": request.proposed_by,
        "proposed_at": format_instant(request.proposed_at),
        "decided_by": request.decided_by,
        "decided_at": _format_instant(request.decided_at),
        "decision_reason": request.decision_reason,
    }


def _render_secret(secret: IssuedSecret) -> dict[str, object]:
    return {
        "client_id": str(secret.client_id),
        "client_secret": secret.secret,
        "older_secret_ends_at": _format_instant(secret.previous_ends_at),
    }


def _render_client(client: Client, secrets: list[Secret]) -> dict[str, object]:
    return {
        "client_id": str(client.id),
        "name": client.name,
        "contact": client.contact,
        "scopes": list(client.scopes),
        "within": client.territory.as_json(),
        "registered_at": format_instant(client.registered_at),
        "registered_by": client.registered_by,
        "revoked_at": _format_instant(client.revoked_at),
        "secrets": [
            {"created_at": format_instant(secret.created_at), "ends_at": _format_instant(secret.ends_at)}
            for secret in secrets
        ],
    }


def _format_instant(at: datetime | None) -> str | None:
    return format_instant(at) if at else None
