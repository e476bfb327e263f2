"""Nobody decides on their own plan, and a person who may no longer plan cannot submit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.identity.accounts.commands import grant_scope
from services.kit.database import Database
from tests.identity_samples import gtk
from tests.integration.planning.environment import (
    JANUARY,
    PROBLEM_FIELDS,
    Client,
    Environment,
    environment_at,
    join_payload,
    payload_document,
    problem_codes,
)
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.small_registry import (
    ADMIN,
    HEAD_OF_SD,
    OF_SMA,
    OF_SMP,
    OTHER_ACCOUNT,
    PNS,
    SD,
    SMA,
    appoint_plt,
    email_of,
    import_one_school,
)

CONFIRMATION_OPEN = datetime(2024, 2, 16, 2, tzinfo=UTC)
HEAD_ROW = {"jenis_ptk_id": "20", "jenis_ptk_id_str": "Kepala Sekolah", "jabatan_ptk_id": "2"}
BUTTONS = """query Q($id: ID!) { plan(id: $id) {
  availableTransitions { trigger isAllowed refusals { code } }
} }"""
ACTORS = (
    """query Q($id: ID!) { plan(id: $id) { history(first: 50) { nodes { sentence actor { role } } } } }"""
)
TIMERS = "query Q($id: ID!) { plan(id: $id) { timers { id } } }"
ASSIGNEE = "query Q($id: ID!) { plan(id: $id) { turn { assignee } } }"
CONFIRM = """mutation M($input: ConfirmAsPltInput!) { answer: confirmAsPlt(input: $input) { __typename } }"""

Step = Callable[[Environment, Database], Awaitable[object]]


async def record_plt(environment: Environment, changing: Database) -> None:
    """Record the teacher of the SMA as its Plt."""
    with changing.active():
        await appoint_plt(OF_SMA, SMA, at=environment.now)


async def another_is_plt(environment: Environment, changing: Database) -> None:
    """Record a teacher of the SMP as the only Plt of the SMA."""
    with changing.active():
        await appoint_plt(OF_SMA, SMA, at=environment.now, until="2024-01-02")
        await appoint_plt(OF_SMP, SMA, at=environment.now)


async def submit_own_plan(environment: Environment, changing: Database) -> None:
    await submit_plan(environment, OF_SMA)


async def confirm_plt(environment: Environment, changing: Database) -> None:
    answer = await (await environment.sign_in(OF_SMA)).execute(CONFIRM, input={"npsn": SMA})
    assert answer["answer"]["__typename"] == "ConfirmAsPltPayload"


async def buttons(person: Client, plan: str) -> list[tuple[str, bool, list[str]]]:
    transitions = (await person.execute(BUTTONS, id=plan))["plan"]["availableTransitions"]
    return [(row["trigger"], row["isAllowed"], [no["code"] for no in row["refusals"]]) for row in transitions]


async def test_own_plan_of_a_plt_waits_for_the_dinas(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        await record_plt(environment, own_registry)
        teacher = await submit_plan(environment, OF_SMA)
        plan = await teacher.load_plan()
        assert (plan["state"]["phase"], plan["version"]) == ("SUBMITTED", 7)
        assert await buttons(teacher, teacher.plan_id) == []
        for mutation, arguments in (("approvePlan", {}), ("returnPlan", {"note": "Sudah baik."})):
            assert await teacher.expect_refusal(mutation, 7, **arguments) == ["actor.own_plan"]
        assert await teacher.load_plan() == plan
        admin = await environment.sign_in(ADMIN)
        assert await buttons(admin, teacher.plan_id) == [
            ("moveToSekolahInduk", False, ["move.same_school"]), ("approve", True, []), ("return", True, []),
        ]  # fmt: skip
        assert (await decide_as_head(environment, ADMIN, teacher, "approvePlan"))["state"][
            "phase"
        ] == "APPROVED"
        assert await teacher.expect_refusal("reopenPlan", 8, reason="Salah.") == ["actor.not_admin"]
        assert (await teacher.mutate_plan("beginImplementation", 8))["state"]["phase"] == "IN_IMPLEMENTATION"
        events = (await teacher.execute(ACTORS, id=teacher.plan_id))["plan"]["history"]["nodes"]
        (approval,) = (event for event in events if event["actor"]["role"] == "DINAS")
        assert "Dinas pendidikan menyetujui" in approval["sentence"]


async def test_dinas_returns_the_plan_of_a_plt(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        await record_plt(environment, own_registry)
        teacher = await submit_plan(environment, OF_SMA)
        plan = await decide_as_head(environment, ADMIN, teacher, "returnPlan", note="Mohon lengkapi.")
        assert plan["state"]["phase"] == "DRAFT"
        with own_registry.active():
            await appoint_plt(OF_SMA, SMA, at=environment.now, until="2024-01-02")
        assert (await teacher.mutate_plan("submitPlan", 8))["state"]["phase"] == "SUBMITTED"
        stranger = await environment.sign_in(ADMIN)
        arguments = {"planId": teacher.plan_id, "expectedVersion": 9}
        assert problem_codes(await stranger.mutate("approvePlan", arguments)) == ["head.vacant"]
        assert (await teacher.load_plan())["version"] == 9


async def test_next_head_decides_on_the_plan_of_the_plt(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        await record_plt(environment, own_registry)
        teacher = await submit_plan(environment, OF_SMA)
        await another_is_plt(environment, own_registry)
        assert await buttons(await environment.sign_in(OF_SMP), teacher.plan_id) == [
            ("approve", True, []), ("return", True, []),
        ]  # fmt: skip
        assert (await decide_as_head(environment, OF_SMP, teacher, "approvePlan"))["state"][
            "phase"
        ] == "APPROVED"


@pytest.mark.parametrize(
    "steps",
    [
        (record_plt, submit_own_plan, confirm_plt),
        (record_plt, confirm_plt, submit_own_plan),
        (submit_own_plan, record_plt, confirm_plt),
    ],
    ids=lambda steps: "-".join(step.__name__ for step in steps),
)
async def test_confirmation_of_a_plt_does_not_begin_their_own_plan(
    own_registry: Database, empty_planning_database: Database, steps: tuple[Step, ...]
) -> None:
    async with environment_at(own_registry, empty_planning_database, CONFIRMATION_OPEN) as environment:
        for step in steps:
            await step(environment, own_registry)
        teacher = await environment.sign_in(OF_SMA)
        assert await teacher.expect_refusal("beginImplementation", 7) == ["transition.not_from_here"]
        assert (await teacher.load_plan())["state"]["phase"] == "SUBMITTED"
        assert await buttons(teacher, teacher.plan_id) == []


async def test_teacher_who_became_principal_cannot_submit(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        teacher = await environment.sign_in(OF_SMA)
        await complete_plan(teacher)
        with own_registry.active():
            await import_one_school(SMA, JANUARY, p41=HEAD_ROW)
        assert await buttons(teacher, teacher.plan_id) == [("submit", False, ["access.kepala_sekolah"])]
        assert await teacher.expect_refusal("submitPlan", 6) == ["access.kepala_sekolah"]
        assert (await teacher.load_plan())["version"] == 6


async def test_admin_who_teaches_decides_nothing_on_the_own_plan(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        with own_registry.active():
            await grant_scope(email_of(PNS), "admin", "test", JANUARY)
        teacher = await submit_plan(environment, PNS)
        timer = (await teacher.execute(TIMERS, id=teacher.plan_id))["plan"]["timers"][0]["id"]
        before = await environment.dump_tables()
        for mutation in ("skipTimer", "retryTimer"):
            query = payload_document(mutation, "timer { id }") + PROBLEM_FIELDS
            answer = await teacher.execute(
                query, input={"timerId": timer, "expectedFiringCount": 0, "reason": "…"}
            )
            assert problem_codes(join_payload(answer["answer"])) == ["actor.own_plan"]
        assert await environment.dump_tables() == before
        await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
        before = await environment.dump_tables()
        for mutation in ("reopenPlan", "movePlan"):
            assert await teacher.expect_refusal(mutation, 8, reason="Salah pilih.") == ["actor.own_plan"]
        assert await environment.dump_tables() == before
        assert await buttons(teacher, teacher.plan_id) == [("beginImplementation", True, [])]


async def test_head_with_another_record_of_the_owner_cannot_decide(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        teacher = await submit_plan(environment, PNS)
        nip = {"nip": gtk(PNS)["nip"], "tanggal_lahir": gtk(PNS)["tanggal_lahir"]}
        with own_registry.active():
            await import_one_school(SD, JANUARY, **{f"p{HEAD_OF_SD}": nip})
        head = await environment.sign_in(HEAD_OF_SD)
        before = await environment.dump_tables()
        arguments: dict[str, Any] = {"planId": teacher.plan_id, "expectedVersion": 7}
        assert problem_codes(await head.mutate("approvePlan", arguments)) == ["actor.own_plan"]
        assert await environment.dump_tables() == before
        turn = (await head.execute(ASSIGNEE, id=teacher.plan_id))["plan"]["turn"]
        assert turn == {"assignee": "DINAS"}
        assert (await decide_as_head(environment, ADMIN, teacher, "approvePlan"))["state"][
            "phase"
        ] == "APPROVED"


async def test_account_of_another_school_cannot_submit(environment: Environment) -> None:
    teacher, by_other_account = await environment.sign_in(PNS), await environment.sign_in(OTHER_ACCOUNT)
    await complete_plan(teacher)
    arguments: dict[str, Any] = {"planId": teacher.plan_id, "expectedVersion": 6}
    answer = await by_other_account.mutate("submitPlan", arguments)
    assert problem_codes(answer) == ["access.account_of_other_school"]
    assert "SD NEGERI CONTOH 01" in answer["problems"][0]["message"]
    assert await buttons(by_other_account, teacher.plan_id) == [
        ("submit", False, ["access.account_of_other_school"])
    ]
    assert (await teacher.mutate_plan("submitPlan", 6))["state"]["phase"] == "SUBMITTED"


async def test_confirmation_by_the_owner_does_not_begin_a_plan_approved_under_another_plt(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, CONFIRMATION_OPEN) as environment:
        await another_is_plt(environment, own_registry)
        teacher = await submit_plan(environment, OF_SMA)
        assert (await teacher.load_plan())["state"]["phase"] == "AUTO_APPROVED"
        with own_registry.active():
            await appoint_plt(OF_SMP, SMA, at=environment.now, until="2024-02-01")
            await appoint_plt(OF_SMA, SMA, at=environment.now)
        await confirm_plt(environment, own_registry)
        assert await teacher.expect_refusal("beginImplementation", 8) == ["head.is_owner"]
        assert (await teacher.load_plan())["state"]["phase"] == "AUTO_APPROVED"
        assert (await decide_as_head(environment, ADMIN, teacher, "approvePlan"))["state"][
            "phase"
        ] == "APPROVED"
        assert (await teacher.mutate_plan("beginImplementation", 9))["state"]["phase"] == "IN_IMPLEMENTATION"
