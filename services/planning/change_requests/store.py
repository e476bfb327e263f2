"""Storage of change requests and admin acts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from services.kit.change_request import State
from services.kit.database import Connection
from services.kit.sql import load_statements
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.change_requests.model import AdminAct, ChangeRequest

_SQL = load_statements(Path(__file__).with_name("store.sql"))


async def lock_subject(subject: str, connection: Connection) -> None:
    """Wait until no other transaction changes this subject, and keep others out until this one ends."""
    await _SQL["lock_subject"].fetch(connection, subject=subject)


async def insert_change_request(
    request: ChangeRequest, proposal: AdminAct, connection: Connection
) -> ChangeRequest:
    """Store a proposed change with the act that proposes it. Returns it with its id."""
    id = await _SQL["insert_change_request"].fetch_value(
        connection,
        kind=request.kind,
        kind_version=request.kind_version,
        subject=request.subject,
        before=json.dumps(request.before),
        after=json.dumps(request.after),
        expires_at=request.expires_at,
        **_actor_columns(proposal.actor),
        reason=proposal.reason,
        at=proposal.at,
    )
    return replace(request, id=id, acts=(replace(proposal, change_request=id),))


async def update_state(
    request: ChangeRequest, state: State, act: AdminAct, connection: Connection
) -> ChangeRequest | None:
    """Move a request to its next state and record the act. Returns None if it has left its state meanwhile."""
    rows = await _SQL["update_state"].fetch(
        connection,
        id=request.id,
        former=request.state.value,
        state=state.value,
        **_actor_columns(act.actor),
        reason=act.reason,
        at=act.at,
        detail=json.dumps(act.detail),
    )
    return replace(request, state=state, acts=(*request.acts, act)) if rows else None


async def insert_admin_acts(acts: Sequence[AdminAct], connection: Connection) -> None:
    """Record acts that need no second person, in their order."""
    rows = [
        {
            "change_request": act.change_request,
            "subject": act.subject,
            "act": act.act,
            **_actor_columns(act.actor),
            "reason": act.reason,
            "at": act.at.isoformat(),
            "detail": act.detail,
        }
        for act in acts
    ]
    await _SQL["insert_admin_acts"].fetch(connection, acts=json.dumps(rows))


async def load_change_request(id: int, connection: Connection) -> ChangeRequest | None:
    """Load a change request with its acts."""
    return (await load_change_requests([id], connection)).get(id)


async def load_change_requests(ids: Collection[int], connection: Connection) -> Mapping[int, ChangeRequest]:
    """Load the change requests of these ids that exist. Takes one statement."""
    rows = await _SQL["select_by_ids"].fetch(connection, ids=list(ids))
    requests = map(_read_request, rows)
    return {request.id: request for request in requests}


async def list_change_requests(
    kinds: Collection[str], subject: str | None, before_id: int | None, size: int, connection: Connection
) -> list[ChangeRequest]:
    """List up to `size` requests of these kinds, about one subject or all, newest first."""
    rows = await _SQL["select_page"].fetch(
        connection, kinds=list(kinds), subject=subject, before_id=before_id, size=size
    )
    return [_read_request(row) for row in rows]


async def list_open(kind: str, subject: str, now: datetime, connection: Connection) -> list[ChangeRequest]:
    """List the requests of a kind that wait for a decision about a subject, oldest first."""
    rows = await _SQL["select_open"].fetch(connection, kind=kind, subject=subject, now=now)
    return [_read_request(row) for row in rows]


async def list_admin_acts(subject: str, connection: Connection) -> list[AdminAct]:
    """List everything that was done to a subject, oldest first."""
    rows = await _SQL["select_admin_acts"].fetch(connection, subject=subject)
    return [read_act(json.loads(row["act"])) for row in rows]


async def count_reasons(subject: str, connection: Connection) -> int:
    """Count the reasons of acts on a subject that are not erased."""
    return int(await _SQL["count_reasons"].fetch_value(connection, subject=subject))


async def erase_reasons(subject: str, connection: Connection) -> None:
    """Erase the reasons of acts on a subject, which may name a person. The acts stay."""
    await _SQL["erase_reasons"].fetch(connection, subject=subject)


def _read_request(row: Mapping[str, Any]) -> ChangeRequest:
    columns, acts = json.loads(row["request"]), json.loads(row["acts"])
    return ChangeRequest(
        id=columns["id"],
        kind=columns["kind"],
        kind_version=columns["kind_version"],
        subject=columns["subject"],
        before=columns["before"],
        after=columns["after"],
        reason=columns["reason"],
        state=State(columns["state"]),
        expires_at=datetime.fromisoformat(columns["expires_at"]),
        acts=tuple(map(read_act, acts)),
    )


def read_act(columns: Mapping[str, Any]) -> AdminAct:
    """Read an act from its row as JSON."""
    return AdminAct(
        subject=columns["subject"],
        act=columns["act"],
        actor=AdminActor(ActorKind(columns["actor_kind"]), columns["account"], columns["ptk_id"]),
        reason=columns["reason"] or "",  # an erased reason is null
        at=datetime.fromisoformat(columns["at"]),
        detail=columns["detail"],
        change_request=columns["change_request"],
    )


def _actor_columns(actor: AdminActor) -> dict[str, Any]:
    return {"actor_kind": actor.kind.value, "account": actor.account, "ptk_id": actor.ptk_id}
