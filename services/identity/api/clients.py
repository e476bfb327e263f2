"""`/admin/clients`: admins register machines, give them new secrets, end them. A secret is shown once."""

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
    Actor,
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
from services.kit.http import NO_STORE, problem_response
from services.kit.problems import Messages, Problem, RequestRefused

MAX_BODY_BYTES = 16 * 1024
DEFAULT_OVERLAP_HOURS = 24
NOT_FOUND_CODES = (["client.unknown"], ["change_request.unknown"])

Endpoint = Callable[[Request], Awaitable[Response]]


def client_routes(messages: Messages, clock: Clock, guard: Guard, database: Database) -> list[Route]:
    """The routes, for admins; what is refused is 422 with every reason, an id that is none 404."""
    admins_only = guard.require_scope("admin")

    def refusing(work: Endpoint) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                return await work(request)
            except RequestRefused as refused:
                unknown = [problem.code for problem in refused.problems] in NOT_FOUND_CODES
                return problem_response(request, messages, refused.problems, 404 if unknown else 422)

        return admins_only(endpoint)

    @refusing
    async def every(request: Request) -> Response:
        told = [
            _render_client(client, secrets)
            for client, secrets in await list_clients(clock.now(), database.connection)
        ]
        return JSONResponse({"clients": told}, headers=NO_STORE)

    @refusing
    async def registered(request: Request) -> Response:
        body, now = await _read_json_body(request), clock.now()
        wanted = parse_registration(body)
        if wanted.territory.needs_approval:
            return _respond_with_request(
                await propose_registration(wanted, _get_actor(request), _read_reason(body), now), now
            )
        return _respond_with_secret(await register(wanted, _get_actor_name(request), now), 201)

    @refusing
    async def rotated(request: Request) -> Response:
        body, now, actor = await _read_json_body(request), clock.now(), _get_actor(request)
        client_id, overlap = _id(request), timedelta(hours=_read_overlap_hours(body))
        if await is_own(client_id, actor, database.connection):
            return _respond_with_secret(await rotate(client_id, overlap, actor.name, now), 200)
        return _respond_with_request(
            await propose_rotation(client_id, overlap, actor, _read_reason(body), now), now
        )

    @refusing
    async def proposed(_: Request) -> Response:
        now = clock.now()
        found = [_render_request(one, now) for one in await list_requests(database.connection)]
        return JSONResponse({"requests": found}, headers=NO_STORE)

    def deciding(decision: Decision) -> Endpoint:
        @refusing
        async def decided(request: Request) -> Response:
            body, now = await _read_json_body(request), clock.now()
            request_ = await decide(
                _request_id(request), decision, _get_actor(request), _read_reason(body), now
            )
            return JSONResponse({"request": _render_request(request_, now)}, headers=NO_STORE)

        return decided

    @refusing
    async def executed(request: Request) -> Response:
        return _respond_with_secret(
            await execute(_request_id(request), _get_actor(request), clock.now()), 201
        )

    @refusing
    async def revoked(request: Request) -> Response:
        await revoke(_id(request), _get_actor_name(request), clock.now())
        return Response(status_code=204)

    return [
        Route("/admin/clients", every),
        Route("/admin/clients", registered, methods=["POST"], max_body_size=MAX_BODY_BYTES),
        Route("/admin/clients/requests", proposed),
        Route("/admin/clients/requests/{id}/execute", executed, methods=["POST"]),
        *(
            Route(
                f"/admin/clients/requests/{{id}}/{decision}",
                deciding(decision),
                methods=["POST"],
                max_body_size=MAX_BODY_BYTES,
            )
            for decision in Decision
        ),
        Route("/admin/clients/{id}/rotate", rotated, methods=["POST"], max_body_size=MAX_BODY_BYTES),
        Route("/admin/clients/{id}/revoke", revoked, methods=["POST"], max_body_size=MAX_BODY_BYTES),
    ]


async def _read_json_body(request: Request) -> object:
    """The body; a browser asks before it sends JSON across origins, so no form of another site gets here."""
    body = await request.body()
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            return read_json(body)
    except RequestRefused:
        pass
    raise RequestRefused(Problem("client.not_json"))


def _read_overlap_hours(body: object) -> int:
    hours = body.get("overlap_hours", DEFAULT_OVERLAP_HOURS) if isinstance(body, dict) else None
    if not isinstance(hours, int) or isinstance(hours, bool) or abs(hours) > 10_000:
        return -1  # refused like any other that is out of bounds
    return hours


def _get_actor_name(request: Request) -> str:
    return f"account:{get_principal(request).account}"


def _get_actor(request: Request) -> Actor:
    bearer = get_principal(request)
    return Actor(_get_actor_name(request), UUID(bearer.id) if bearer.kind == "ptk" else None)


def _read_reason(body: object) -> str:
    reason = body.get("reason") if isinstance(body, dict) else None
    return reason if isinstance(reason, str) else ""


def _request_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise RequestRefused(Problem("change_request.unknown")) from None


def _respond_with_request(request: ClientRequest, now: datetime) -> Response:
    return JSONResponse({"request": _render_request(request, now)}, 202, headers=NO_STORE)


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


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise RequestRefused(Problem("client.unknown")) from None


def _respond_with_secret(issued: IssuedSecret, status: int) -> Response:
    body = {
        "client_id": str(issued.client_id),
        "client_secret": issued.secret,
        "older_secret_ends_at": _format_instant(issued.previous_ends_at),
    }
    return JSONResponse(body, status, headers=NO_STORE)


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
            {"created_at": format_instant(one.created_at), "ends_at": _format_instant(one.ends_at)}
            for one in secrets
        ],
    }


def _format_instant(at: datetime | None) -> str | None:
    return format_instant(at) if at else None
