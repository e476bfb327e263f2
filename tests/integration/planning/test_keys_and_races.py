"""Repeats and races of commands: an acknowledged change is stored exactly once."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from services.planning.people.identity.answers import IdentityUnavailable
from services.planning.people.identity.client import IdentityClient
from services.planning.plan.event_kinds import TabSaved
from services.planning.plan.events import EventActor
from services.planning.plan.model import Change, CommandKey
from services.planning.plan.store import Commit, CommitOutcome, commit_change, load_plan
from services.planning.plan.tabs import Tab
from tests.identity_samples import ptk
from tests.integration.planning.environment import PERIOD_CODE, Client, Environment, problem_codes
from tests.integration.planning.plans import INDIKATOR, NOTE, complete_plan, submit_plan
from tests.integration.planning.review import approve_plans
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS

KEY = "0190f0a0-7b1e-7000-8000-000000000001"


async def confirm(environment: Environment) -> Client:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("confirmProfile", 1)
    return person


def saving(person: Client, **arguments: Any) -> dict[str, Any]:
    return {"planId": person.plan_id, "expectedVersion": 2, **INDIKATOR, **arguments}


async def test_repeat_returns_the_current_plan(
    environment: Environment,
) -> None:
    person = await confirm(environment)
    arguments = saving(person, idempotencyKey=KEY)
    first = await person.mutate("savePraktikKinerja", arguments)
    assert (first["replayed"], first["version"]) == (False, 3)
    await person.mutate_plan("savePraktikKinerja", 3, indikator="PK-PDP")
    before = await environment.dump_tables()
    repeat = await person.mutate("savePraktikKinerja", arguments)
    assert (repeat["replayed"], repeat["version"]) == (True, 4)
    assert repeat["content"]["praktikKinerja"] == "PK-PDP"
    assert await environment.dump_tables() == before


async def test_repeat_is_replayed_if_the_command_is_no_longer_possible(
    environment: Environment,
) -> None:
    person = await environment.sign_in(PNS)
    await complete_plan(person)
    arguments = {"planId": person.plan_id, "expectedVersion": 6, "idempotencyKey": KEY}
    assert (await person.mutate("submitPlan", arguments))["replayed"] is False
    again = await person.mutate("submitPlan", arguments)
    assert (again["replayed"], again["state"]["phase"]) == (True, "SUBMITTED")


async def test_refused_command_does_not_use_its_key(environment: Environment) -> None:
    person = await confirm(environment)
    wrong = saving(person, idempotencyKey=KEY, indikator="PK-XYZ")
    assert problem_codes(await person.mutate("savePraktikKinerja", wrong)) == ["choice.not_offered"]
    assert (await person.mutate("savePraktikKinerja", saving(person, idempotencyKey=KEY)))[
        "replayed"
    ] is False


async def test_key_belongs_to_one_mutation_of_one_person(environment: Environment) -> None:
    person, colleague = await confirm(environment), await environment.sign_in(COLLEAGUE)
    await person.mutate_plan("savePraktikKinerja", 2, **INDIKATOR, idempotencyKey=KEY)
    await person.mutate_plan("savePengembanganKompetensi", 3, rhk=["RHK-01"], idempotencyKey=KEY)
    await colleague.start_plan()
    await colleague.mutate_plan("confirmProfile", 1, idempotencyKey=KEY)
    await colleague.mutate_plan("savePraktikKinerja", 2, **INDIKATOR, idempotencyKey=KEY)
    assert len(await environment.sql("SELECT FROM command_key WHERE key = $1", KEY)) == 4


async def test_twenty_concurrent_repeats_are_one_event(environment: Environment) -> None:
    person = await confirm(environment)
    arguments = saving(person, idempotencyKey=KEY)
    answers = await asyncio.gather(*(person.mutate("savePraktikKinerja", arguments) for _ in range(20)))
    assert {answer["__typename"] for answer in answers} == {"SavePraktikKinerjaPayload"}
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assert {answer["version"] for answer in answers} == {3}
    assert len(await environment.sql("SELECT FROM plan_event WHERE version = 3")) == 1
    assert len(await environment.sql("SELECT FROM command_key")) == 1


async def test_twenty_concurrent_starts_are_one_plan(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    answers = await asyncio.gather(*(person.mutate("startPlan", {}) for _ in range(20)))
    assert {answer["__typename"] for answer in answers} == {"StartPlanPayload"}
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assert (
        len(await environment.sql("SELECT FROM plan_event"))
        == len(await environment.sql("SELECT FROM plan"))
        == 1
    )


async def test_one_of_several_commands_on_a_version_is_stored(environment: Environment) -> None:
    person = await confirm(environment)
    mine = [
        person.mutate("savePraktikKinerja", saving(person, indikator=indikator, idempotencyKey=f"{KEY}-{indikator}"))
        for indikator in ("PK-KSK", "PK-PDP", "PK-UBK", "PK-PDK", "PK-EPD", "PK-AIN", "PK-IAD", "PK-IPB")
    ]  # fmt: skip
    answers = await asyncio.gather(*mine)
    (winner,) = (answer for answer in answers if "replayed" in answer)
    losers = [answer for answer in answers if answer is not winner]
    assert {code for answer in losers for code in problem_codes(answer)} == {"version.conflict"}
    assert {answer["currentPlan"]["version"] for answer in losers} == {3}
    conflict = losers[0]["problems"][0]
    assert (conflict["expectedVersion"], conflict["currentVersion"]) == (2, 3)
    plan = await person.load_plan()
    assert plan["content"]["praktikKinerja"] == winner["content"]["praktikKinerja"]
    assert len(await environment.sql("SELECT FROM plan_event")) == 3
    assert len(await environment.sql("SELECT FROM command_key")) == 1


async def test_concurrent_approval_and_return_have_one_outcome(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    arguments = {"planId": teacher.plan_id, "expectedVersion": 7}
    answers = await asyncio.gather(
        *(head.mutate("approvePlan", arguments) for _ in range(4)),
        *(head.mutate("returnPlan", arguments | {"note": NOTE}) for _ in range(4)),
    )
    assert ["replayed" in answer for answer in answers].count(True) == 1
    assert (await teacher.load_plan())["version"] == 8


async def test_key_sent_for_two_plans_is_used_for_one(environment: Environment) -> None:
    teachers = [await submit_plan(environment, PNS), await submit_plan(environment, COLLEAGUE)]
    head = await environment.sign_in(HEAD_OF_SD)
    answers = await asyncio.gather(*(
        head.mutate("approvePlan", {"planId": teacher.plan_id, "expectedVersion": 7, "idempotencyKey": KEY})
        for teacher in teachers
    ))  # fmt: skip
    (refusal,) = (answer for answer in answers if "problems" in answer)
    assert problem_codes(refusal) == ["key.reused"]
    versions = sorted([(await teacher.load_plan())["version"] for teacher in teachers])
    assert versions == [7, 8]
    assert len(await environment.sql("SELECT FROM plan_event")) == 15


async def _prepare_commit(environment: Environment) -> Change:
    person = await confirm(environment)
    assert person.ptk_id is not None
    with environment.database.active():
        plan = await load_plan(person.ptk_id, PERIOD_CODE, get_connection("default"))
    assert plan is not None
    return Change(plan, ()).with_event(
        TabSaved(Tab.PRAKTIK_KINERJA), EventActor(person.ptk_id, "account"), environment.now
    )


async def test_key_conflict_at_commit_leaves_neither_state_nor_event(
    environment: Environment,
) -> None:
    change = await _prepare_commit(environment)
    await environment.sql(
        "INSERT INTO command_key VALUES ($1, 'approvePlan', $2, 'x', $3, '2024-1', 8, $4)",
        f"ptk:{ptk(HEAD_OF_SD)}", KEY, ptk(COLLEAGUE), environment.now,
    )  # fmt: skip
    before = await environment.dump_tables()
    key = CommandKey(f"ptk:{ptk(HEAD_OF_SD)}", "approvePlan", KEY, "y", environment.now)
    with environment.database.active():
        outcome = await commit_change(Commit(change, 2, key), get_connection("default"))
    assert outcome is CommitOutcome.KEY_CONFLICT
    assert await environment.dump_tables() == before


async def test_event_that_cannot_be_stored_leaves_no_state(environment: Environment) -> None:
    change = await _prepare_commit(environment)
    event = change.events[0]
    repeated_event = Change(change.plan, (event, event))
    before = await environment.dump_tables()
    with environment.database.active(), pytest.raises(IntegrityError) as failed:
        await commit_change(Commit(repeated_event, 2), get_connection("default"))
    assert isinstance(failed.value.__cause__, asyncpg.UniqueViolationError)
    assert await environment.dump_tables() == before


@pytest.mark.parametrize("mutation", ["approvePlan", "approvePlans"])
async def test_repeat_without_identity_is_replayed_if_the_original_was_stored(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)

    async def approve_plan() -> dict[str, Any]:
        plan = {"planId": teacher.plan_id, "expectedVersion": 7}
        if mutation == "approvePlan":
            return await head.mutate("approvePlan", {**plan, "idempotencyKey": KEY})
        answer = await approve_plans(head, (teacher.plan_id, 7), idempotencyKey=KEY)
        return dict(answer["results"][0])

    load_teacher = IdentityClient.teacher

    async def lose_identity(client: IdentityClient, ptk_id: str) -> Any:
        if ptk_id != teacher.ptk_id:
            return await load_teacher(client, ptk_id)
        monkeypatch.setattr(IdentityClient, "teacher", load_teacher)
        originals.append(await approve_plan())
        raise IdentityUnavailable

    originals: list[dict[str, Any]] = []
    monkeypatch.setattr(IdentityClient, "teacher", lose_identity)
    repeat = await approve_plan()
    assert [original["replayed"] for original in originals] == [False]
    assert (repeat.get("replayed"), repeat["state"]["phase"]) == (True, "APPROVED"), repeat
