"""Credentials of wide reach take two persons: nationwide clients, and a secret for somebody else's client.

One person proposes, another admin approves, then the proposer executes the request and is shown the secret, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.identity.audit import store as audit_store
from services.identity.audit.model import Audited, AuditEvent
from services.identity.clients import store
from services.identity.clients.commands import (
    Shown,
    check_overlap,
    find_living,
    insert_client,
    insert_secret,
    place,
)
from services.identity.clients.model import Client, ClientRequest, Registration, within_of
from services.kit.change_request import Decision, State, find_refusal, find_state
from services.kit.database import Connection, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.kit.text import find_text_problems

REGISTER, ROTATE = "register", "rotate"
LONGEST_REASON = 2_000
_AUDITED = {
    Decision.APPROVE: Audited.CLIENT_APPROVED,
    Decision.REJECT: Audited.CLIENT_REJECTED,
    Decision.WITHDRAW: Audited.CLIENT_WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `by` is `account:` with an id, or the user of the machine; `ptk_id` is the person behind an account."""

    by: str
    ptk_id: UUID | None = None

    def is_same_person(self, by: str, ptk_id: UUID | None) -> bool:
        """By account or by person: somebody with two accounts is still one."""
        return self.by == by or (self.ptk_id is not None and self.ptk_id == ptk_id)


async def is_own(client_id: UUID, actor: Actor, connection: Connection) -> bool:
    """Tell whether a client was registered by this person. Raises RequestRefused `client.unknown`."""
    client = await store.find(client_id, connection)
    if client is None:
        raise RequestRefused(Problem("client.unknown"))
    return actor.is_same_person(
        client.registered_by, await store.find_person(client.registered_by, connection)
    )


async def propose_registration(
    wanted: Registration, actor: Actor, reason: str, now: datetime
) -> ClientRequest:
    """Propose a client. Raises RequestRefused where the registry does not know a place that it names."""

    async def work(connection: Connection) -> ClientRequest:
        within = await place(wanted.within, connection)
        values = {
            "name": wanted.name, "contact": wanted.contact, "scopes": list(wanted.scopes), "within": within.as_json()
        }  # fmt: skip
        request = ClientRequest.of(uuid4(), REGISTER, uuid4(), values, reason, now)
        return await _insert(request, actor, connection)

    return await run_in_transaction(work)


async def propose_rotation(
    client_id: UUID, overlap: timedelta, actor: Actor, reason: str, now: datetime
) -> ClientRequest:
    """Propose a new secret for a client that somebody else registered. Raises RequestRefused for one that has ended."""
    check_overlap(overlap)
    values = {"overlap_hours": overlap.total_seconds() / 3600}

    async def work(connection: Connection) -> ClientRequest:
        await find_living(client_id, connection)
        request = ClientRequest.of(uuid4(), ROTATE, client_id, values, reason, now)
        return await _insert(request, actor, connection)

    return await run_in_transaction(work)


async def _insert(request: ClientRequest, actor: Actor, connection: Connection) -> ClientRequest:
    _check_reason(request.reason)
    proposed = replace(request, proposed_by=actor.by, proposed_ptk_id=actor.ptk_id)
    await store.add_request(proposed, connection)
    await _record(proposed, Audited.CLIENT_PROPOSED, actor, proposed.proposed_at, connection)
    return proposed


async def decide(id: UUID, decision: Decision, actor: Actor, reason: str, now: datetime) -> ClientRequest:
    """Approve, reject or withdraw a request. Raises Refused for its proposer, and for what is decided already."""
    _check_reason(reason)

    async def work(connection: Connection) -> ClientRequest:
        request = await _find(id, connection)
        is_proposer = actor.is_same_person(request.proposed_by, request.proposed_ptk_id)
        if code := find_refusal(state_at(request, now), decision, is_proposer=is_proposer):
            raise RequestRefused(Problem(code))
        decided = replace(
            request, state=decision.state, decided_by=actor.by, decided_at=now, decision_reason=reason
        )
        await _update(request, decided, connection)
        await _record(decided, _AUDITED[decision], actor, now, connection)
        return decided

    return await run_in_transaction(work)


async def execute(id: UUID, actor: Actor, now: datetime) -> Shown:
    """Register the client or give it a new secret, once. Returns the secret, which nobody is shown again.

    Raises RequestRefused for everybody but the proposer, and before a second person has approved.
    """

    async def work(connection: Connection) -> Shown:
        request = await _find(id, connection)
        if not actor.is_same_person(request.proposed_by, request.proposed_ptk_id):
            raise RequestRefused(Problem("client.not_proposer"))
        if (state := state_at(request, now)) is not State.APPROVED:
            raise RequestRefused(Problem(f"change_request.{state}"))
        await _update(request, replace(request, state=State.EXECUTED), connection)
        if request.kind == ROTATE:
            await find_living(request.client_id, connection)
            secrets = await store.live_secrets(now, request.client_id, connection)
            if any(secret.created_at > request.proposed_at for secret in secrets):
                raise RequestRefused(Problem("client.rotated_since"))
            overlap = timedelta(hours=float(request.values["overlap_hours"]))
            return await insert_secret(request.client_id, overlap, actor.by, now, connection)
        return await insert_client(_client(request, now), connection)

    return await run_in_transaction(work)


async def list_requests(connection: Connection) -> list[ClientRequest]:
    """List the last 100 requests, newest first."""
    return await store.list_requests(100, connection)


def state_at(request: ClientRequest, now: datetime) -> State:
    """Return the state at an instant. An approval nobody used expires like a proposal nobody decided."""
    if request.state is State.APPROVED and now >= request.expires_at:
        return State.EXPIRED
    return find_state(request.state, request.expires_at, now)


def _client(request: ClientRequest, now: datetime) -> Client:
    values: Mapping[str, Any] = request.values
    within = within_of(values["within"])
    scopes = tuple(values["scopes"])
    return Client(
        request.client_id, values["name"], values["contact"], scopes, within, now, request.proposed_by
    )


def _check_reason(reason: str) -> None:
    # Blank, too long, or with characters that PostgreSQL or a screen cannot hold.
    if not reason.strip() or any(find_text_problems(reason, LONGEST_REASON, ("reason",))):
        raise RequestRefused(Problem("client.reason", {"most": LONGEST_REASON}, ("reason",)))


async def _find(id: UUID, connection: Connection) -> ClientRequest:
    request = await store.find_request(id, connection)
    if request is None:
        raise RequestRefused(Problem("change_request.unknown"))
    return request


async def _update(former: ClientRequest, request: ClientRequest, connection: Connection) -> None:
    """Of two that change a request at once, one counts."""
    if not await store.update_request(former.state, request, connection):
        raise RequestRefused(Problem("change_request.decided"))


async def _record(
    request: ClientRequest, what: Audited, actor: Actor, at: datetime, connection: Connection
) -> None:
    scope = " ".join(request.values.get("scopes", ())) or None
    await audit_store.record(
        AuditEvent(at, what, client=request.client_id, by=actor.by, scope=scope, request=str(request.id)),
        connection,
    )
