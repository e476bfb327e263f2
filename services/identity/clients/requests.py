"""Change requests for credentials of wide reach: nationwide clients, wide limits, a secret for somebody else's client.

One person proposes and another admin approves. Then the proposer executes the request and sees the secret, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.identity.audit import store as audit_store
from services.identity.audit.model import AuditEvent, AuditKind
from services.identity.clients import store
from services.identity.clients.commands import (
    IssuedSecret,
    check_limits,
    check_overlap,
    check_territory,
    insert_client,
    insert_secret,
    lock_active_client,
    write_limits,
)
from services.identity.clients.model import Client, ClientRequest, Registration, parse_territory
from services.kit.change_request import Decision, State, find_refusal, find_state
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems, is_blank

REGISTER, ROTATE, LIMIT = "register", "rotate", "limit"
MAX_REASON_LENGTH = 2_000
_AUDIT_KINDS = {
    Decision.APPROVE: AuditKind.CLIENT_APPROVED,
    Decision.REJECT: AuditKind.CLIENT_REJECTED,
    Decision.WITHDRAW: AuditKind.CLIENT_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class AdminActor:
    """The person who acts. `name` is `account:` with an id, or a user of the operating system."""

    name: str
    ptk_id: UUID | None = None

    def is_same_person(self, name: str, ptk_id: UUID | None) -> bool:
        """Return whether an account or its person is this actor. One person may have two accounts."""
        return self.name == name or (self.ptk_id is not None and self.ptk_id == ptk_id)


async def is_own(client_id: UUID, actor: AdminActor, connection: Connection) -> bool:
    """Return whether this person registered the client. Raises RequestRefused `client.unknown`."""
    client = await store.find_client(client_id, connection)
    if client is None:
        raise RequestRefused(Problem("client.unknown"))
    return actor.is_same_person(
        client.registered_by, await store.find_ptk_id(client.registered_by, connection)
    )


async def propose_registration(
    registration: Registration, actor: AdminActor, reason: str, now: datetime
) -> ClientRequest:
    """Propose a client. Raises RequestRefused `client.place_unknown` or `client.reason`."""

    async def work(connection: Connection) -> ClientRequest:
        within = await check_territory(registration.territory, connection)
        values = {
            "name": registration.name, "contact": registration.contact, "scopes": list(registration.scopes),
            "within": within.as_json(),
        }  # fmt: skip
        request = ClientRequest.propose(uuid4(), REGISTER, uuid4(), values, reason, now)
        return await _insert_request(request, actor, connection)

    return await run_in_transaction(work)


async def propose_rotation(
    client_id: UUID, overlap: timedelta, actor: AdminActor, reason: str, now: datetime
) -> ClientRequest:
    """Propose a new secret for a client that somebody else registered. Raises RequestRefused `client.*`."""
    check_overlap(overlap)
    values = {"overlap_hours": overlap.total_seconds() / 3600}

    async def work(connection: Connection) -> ClientRequest:
        await lock_active_client(client_id, connection)
        request = ClientRequest.propose(uuid4(), ROTATE, client_id, values, reason, now)
        return await _insert_request(request, actor, connection)

    return await run_in_transaction(work)


async def propose_limits(
    client_id: UUID, within: object, actor: AdminActor, reason: str, now: datetime
) -> ClientRequest:
    """Propose other limits for a client. Raises RequestRefused `client.*`."""

    async def work(connection: Connection) -> ClientRequest:
        territory = await check_limits(client_id, within, connection)
        values = {"within": territory.as_json()}
        request = ClientRequest.propose(uuid4(), LIMIT, client_id, values, reason, now)
        return await _insert_request(request, actor, connection)

    return await run_in_transaction(work)


async def _insert_request(request: ClientRequest, actor: AdminActor, connection: Connection) -> ClientRequest:
    _check_reason(request.reason)
    proposal = replace(request, proposed_by=actor.name, proposed_ptk_id=actor.ptk_id)
    await store.insert_request(proposal, connection)
    await _record_event(proposal, AuditKind.CLIENT_PROPOSED, actor, proposal.proposed_at, connection)
    return proposal


async def decide(
    id: UUID, decision: Decision, actor: AdminActor, reason: str, now: datetime
) -> ClientRequest:
    """Approve, reject or withdraw a request. Raises RequestRefused `change_request.*` or `client.reason`."""
    _check_reason(reason)

    async def work(connection: Connection) -> ClientRequest:
        request = await _find_request(id, connection)
        is_proposer = actor.is_same_person(request.proposed_by, request.proposed_ptk_id)
        if code := find_refusal(state_at(request, now), decision, is_proposer=is_proposer):
            raise RequestRefused(Problem(code))
        decision_record = replace(
            request, state=decision.state, decided_by=actor.name, decided_at=now, decision_reason=reason
        )
        await _update_request(request, decision_record, connection)
        await _record_event(decision_record, _AUDIT_KINDS[decision], actor, now, connection)
        return decision_record

    return await run_in_transaction(work)


async def execute(id: UUID, actor: AdminActor, now: datetime) -> IssuedSecret | None:
    """Register the client, issue its new secret or change its limits, once.

    Returns the secret, which is never shown again; None for limits.
    Raises RequestRefused `client.not_proposer`, or `change_request.*` unless a second person has approved.
    """

    async def work(connection: Connection) -> IssuedSecret | None:
        request = await _find_request(id, connection)
        if not actor.is_same_person(request.proposed_by, request.proposed_ptk_id):
            raise RequestRefused(Problem("client.not_proposer"))
        if (state := state_at(request, now)) is not State.APPROVED:
            raise RequestRefused(Problem(f"change_request.{state}"))
        await _update_request(request, replace(request, state=State.EXECUTED), connection)
        if request.kind == LIMIT:
            territory = await check_limits(request.client_id, request.values["within"], connection)
            await write_limits(request.client_id, territory, actor.name, now, connection)
            return None
        if request.kind == ROTATE:
            await lock_active_client(request.client_id, connection)
            secrets = await store.load_valid_secrets(now, request.client_id, connection)
            if any(secret.created_at > request.proposed_at for secret in secrets):
                raise RequestRefused(Problem("client.rotated_since"))
            overlap = timedelta(hours=float(request.values["overlap_hours"]))
            return await insert_secret(request.client_id, overlap, actor.name, now, connection)
        return await insert_client(_build_client(request, now), connection)

    return await run_in_transaction(work)


async def list_requests(connection: Connection) -> list[ClientRequest]:
    """Return the last 100 requests, newest first."""
    return await store.list_requests(100, connection)


def state_at(request: ClientRequest, now: datetime) -> State:
    """Return the state at an instant. An approval expires like a proposal."""
    if request.state is State.APPROVED and now >= request.expires_at:
        return State.EXPIRED
    return find_state(request.state, request.expires_at, now)


def _build_client(request: ClientRequest, now: datetime) -> Client:
    values: Mapping[str, Any] = request.values
    within = parse_territory(values["within"])
    scopes = tuple(values["scopes"])
    return Client(
        request.client_id, values["name"], values["contact"], scopes, within, now, request.proposed_by
    )


def _check_reason(reason: str) -> None:
    # Blank, too long, or with characters that PostgreSQL or a screen cannot hold.
    if is_blank(reason) or any(find_text_problems(reason, MAX_REASON_LENGTH, ("reason",))):
        raise RequestRefused(Problem("client.reason", {"most": MAX_REASON_LENGTH}, ("reason",)))


async def _find_request(id: UUID, connection: Connection) -> ClientRequest:
    request = await store.find_request(id, connection)
    if request is None:
        raise RequestRefused(Problem("change_request.unknown"))
    return request


async def _update_request(former: ClientRequest, request: ClientRequest, connection: Connection) -> None:
    """Store a changed request. Raises RequestRefused if somebody else changed it first."""
    if not await store.update_request(former.state, request, connection):
        raise RequestRefused(Problem("change_request.decided"))


async def _record_event(
    request: ClientRequest, kind: AuditKind, actor: AdminActor, at: datetime, connection: Connection
) -> None:
    scope = " ".join(request.values.get("scopes", ())) or None
    await audit_store.insert_event(
        AuditEvent(
            at, kind, client_id=request.client_id, actor=actor.name, scope=scope, request_id=str(request.id)
        ),
        connection,
    )
