"""Change requests of a kind for tests: decided once, executed once, or failed with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.change_request import EXPIRES_AFTER, Decision, State
from services.kit.database import Connection, Database, run_in_transaction
from services.kit.problems import Problem, RequestRefused
from services.planning.callers.model import ActorKind, AdminActor
from services.planning.change_requests import commands
from services.planning.change_requests import store as change_requests_store
from services.planning.change_requests.commands import ChangeKind
from services.planning.change_requests.model import AdminAct, Attribution, ChangeRequest, is_repeat
from tests.integration.planning.environment import sql

NOW = datetime(2024, 1, 15, 2, tzinfo=UTC)
PTK = "33333333-3333-4333-8333-000000000001"
AUTHOR = AdminActor(ActorKind.ADMIN, "akun-1", PTK)
AUTHOR_AGAIN = AdminActor(ActorKind.ADMIN, "akun-2", PTK)
SECOND = AdminActor(ActorKind.ADMIN, "akun-3")
THIRD = AdminActor(ActorKind.ADMIN, "akun-4")
OPERATOR = AdminActor(ActorKind.OPERATOR, "budi")
SUBJECT = "lamp lobby"


@dataclass
class Lamp:
    """A subject in memory and the kind of its changes."""

    problems: list[Problem] = field(default_factory=list)
    stale: list[Problem] = field(default_factory=list)
    refusal: Problem | None = None
    executions: int = 0

    def kind(self, version: int = 1) -> ChangeKind:
        async def validate(_: ChangeRequest, __: datetime, ___: Connection) -> None:
            if self.problems:
                raise RequestRefused(self.problems)

        async def find_staleness(_: ChangeRequest, __: datetime, ___: Connection) -> list[Problem]:
            return self.stale

        async def execute(
            request: ChangeRequest, actor: AdminActor, now: datetime, connection: Connection
        ) -> Mapping[str, Any]:
            self.executions += 1
            act = AdminAct(request.subject, "switched", actor, "", now)
            await change_requests_store.insert_admin_acts([act], connection)
            if self.refusal:
                raise RequestRefused(self.refusal)
            return {"lamp": request.after["lamp"]}

        return ChangeKind("lamp", version, execute, validate, find_staleness)


@pytest.fixture
def lamp() -> Lamp:
    return Lamp()


async def propose(own: Database, lamp: Lamp, actor: AdminActor = AUTHOR) -> ChangeRequest:
    async def work(connection: Connection) -> ChangeRequest:
        await change_requests_store.lock_subject(SUBJECT, connection)
        before, after = {"lamp": "off"}, {"lamp": "on"}
        request, _ = await commands.propose(
            lamp.kind(), SUBJECT, before, after, Attribution(actor, "Gelap.", NOW), connection
        )
        return request

    with own.active():
        return await run_in_transaction(work)


async def decide(
    own: Database,
    lamp: Lamp,
    id: int,
    decision: Decision = Decision.APPROVE,
    actor: AdminActor = SECOND,
    now: datetime = NOW,
    version: int = 1,
    reason: str = "Benar.",
) -> ChangeRequest:
    kind = lamp.kind(version)

    async def work(connection: Connection) -> ChangeRequest:
        request = await commands.load_locked(id, {"lamp": kind}, ("id",), connection)
        attribution = Attribution(actor, reason, now, ("id",))
        request, _ = await commands.decide(request, kind, decision, attribution, connection)
        return request

    with own.active():
        return await run_in_transaction(work)


async def acts(own: Database) -> list[tuple[str, str]]:
    rows = await sql(own, "SELECT act, account FROM admin_act WHERE subject = $1 ORDER BY id", SUBJECT)
    return [(row["act"], row["account"]) for row in rows]


async def refusal(own: Database, lamp: Lamp, id: int, **arguments: Any) -> list[str]:
    """Return the codes of a refused decision. Checks that it records no act."""
    before = await acts(own)
    with pytest.raises(RequestRefused) as error:
        await decide(own, lamp, id, **arguments)
    assert await acts(own) == before
    return [problem.code for problem in error.value.problems]


async def test_an_approved_change_is_executed_and_recorded(
    own_planning_database: Database, lamp: Lamp
) -> None:
    request = await propose(own_planning_database, lamp, OPERATOR)

    result = await decide(own_planning_database, lamp, request.id)

    assert (result.state, lamp.executions) == (State.EXECUTED, 1)
    assert (result.acts[-1].act, result.acts[-1].detail) == ("executed", {"lamp": "on"})
    assert await acts(own_planning_database) == [
        ("proposed", "budi"), ("approved", "akun-3"), ("switched", "akun-3"), ("executed", "akun-3"),
    ]  # fmt: skip
    assert (is_repeat(result, Decision.APPROVE, SECOND), is_repeat(result, Decision.APPROVE, THIRD)) == (
        True,
        False,
    )


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.REJECT])
@pytest.mark.parametrize("actor", [AUTHOR, AUTHOR_AGAIN, replace(AUTHOR, ptk_id=None)])
async def test_nobody_decides_on_their_own_change(
    own_planning_database: Database, lamp: Lamp, actor: AdminActor, decision: Decision
) -> None:
    request = await propose(own_planning_database, lamp)

    assert await refusal(own_planning_database, lamp, request.id, actor=actor, decision=decision) == [
        "change_request.is_yours"
    ]

    assert (
        await decide(own_planning_database, lamp, request.id, Decision.WITHDRAW, actor)
    ).state is State.WITHDRAWN
    assert lamp.executions == 0


@pytest.mark.parametrize("decision", list(Decision))
async def test_decided_change_cannot_be_decided_again(
    own_planning_database: Database, lamp: Lamp, decision: Decision
) -> None:
    for first in Decision:
        request = await propose(own_planning_database, lamp)
        result = await decide(own_planning_database, lamp, request.id, first)
        codes = await refusal(own_planning_database, lamp, request.id, decision=decision, actor=THIRD)
        assert codes == [f"change_request.{result.state}"]
    assert lamp.executions == 1


async def test_a_change_that_is_stale_or_invalid_is_not_approved(
    own_planning_database: Database, lamp: Lamp
) -> None:
    request = await propose(own_planning_database, lamp)
    lamp.problems = [Problem("lamp.broken")]
    lamp.stale = [Problem("lamp.stale")]
    assert await refusal(own_planning_database, lamp, request.id) == ["lamp.stale"]
    lamp.stale = []
    assert await refusal(own_planning_database, lamp, request.id) == ["lamp.broken"]
    assert await refusal(own_planning_database, lamp, request.id, version=2) == [
        "change_request.other_release"
    ]
    assert lamp.executions == 0
    assert (await decide(own_planning_database, lamp, request.id, Decision.REJECT)).state is State.REJECTED


async def test_refused_execution_is_rolled_back_and_its_reason_recorded(
    own_planning_database: Database, lamp: Lamp
) -> None:
    request = await propose(own_planning_database, lamp)
    lamp.refusal = Problem("lamp.broken")

    result = await decide(own_planning_database, lamp, request.id)

    assert (result.state, result.acts[-1].detail) == (State.FAILED, {"problems": "lamp.broken"})
    assert await acts(own_planning_database) == [
        ("proposed", "akun-1"),
        ("approved", "akun-3"),
        ("failed", "akun-3"),
    ]
    codes = await refusal(own_planning_database, lamp, request.id, actor=THIRD)
    assert codes == ["change_request.failed"]


async def test_change_cannot_be_decided_after_it_expires(own_planning_database: Database, lamp: Lamp) -> None:
    request = await propose(own_planning_database, lamp)
    for decision in Decision:
        arguments = {"decision": decision, "now": NOW + EXPIRES_AFTER}
        assert await refusal(own_planning_database, lamp, request.id, **arguments) == [
            "change_request.expired"
        ]
    result = await decide(
        own_planning_database, lamp, request.id, now=NOW + EXPIRES_AFTER - timedelta(microseconds=1)
    )
    assert result.state is State.EXECUTED


async def test_a_reason_is_required_and_unknown_requests_are_refused(
    own_planning_database: Database, lamp: Lamp
) -> None:
    request = await propose(own_planning_database, lamp)
    for decision in Decision:
        assert await refusal(own_planning_database, lamp, request.id, decision=decision, reason=" ") == [
            "reason.missing"
        ]
    assert await refusal(own_planning_database, lamp, request.id + 1) == ["change_request.unknown"]


async def test_one_of_many_concurrent_decisions_is_made(own_planning_database: Database, lamp: Lamp) -> None:
    request = await propose(own_planning_database, lamp)
    deciders = [AdminActor(ActorKind.ADMIN, f"akun-{number}") for number in range(10, 20)]

    outcomes = await asyncio.gather(
        *(
            decide(
                own_planning_database,
                lamp,
                request.id,
                Decision.APPROVE if index % 2 else Decision.REJECT,
                actor,
            )
            for index, actor in enumerate(deciders)
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(one, ChangeRequest) for one in outcomes) == 1
    assert sum(isinstance(one, RequestRefused) for one in outcomes) == 9
    assert len(await acts(own_planning_database)) in {2, 4}


async def test_repeated_proposal_of_the_same_person_is_stored_once(
    own_planning_database: Database, lamp: Lamp
) -> None:
    first = await propose(own_planning_database, lamp)
    assert (await propose(own_planning_database, lamp, AUTHOR_AGAIN)).id == first.id
    assert (await propose(own_planning_database, lamp, SECOND)).id != first.id
