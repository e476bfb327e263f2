"""Nobody decides on their own plan, and whoever may not plan any more hands nothing in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.composing import complete, decided, submitted
from tests.integration.planning.house import JANUARY, House, Person, codes, house_at
from tests.small_registry import OF_SMA, OF_SMP, OTHER_ACCOUNT, PNS, SMA, appoint_plt, import_one_school

CONFIRMATION_OPEN = datetime(2024, 2, 16, 2, tzinfo=UTC)
HEAD_ROW = {"jenis_ptk_id": "20", "jenis_ptk_id_str": "Kepala Sekolah", "jabatan_ptk_id": "2"}
BUTTONS = """query Q($id: ID!) { plan(id: $id) {
  availableTransitions { trigger allowed refusals { code } }
} }"""
CONFIRM = """mutation M($input: ConfirmAsPltInput!) { answer: confirmAsPlt(input: $input) { __typename } }"""

Step = Callable[[House, Database], Awaitable[object]]


async def becomes_plt(house: House, changing: Database) -> None:
    """The teacher of the SMA leads it, as an operator would record it."""
    with changing.active():
        await appoint_plt(OF_SMA, SMA, at=house.now)


async def another_is_plt(house: House, changing: Database) -> None:
    """Somebody of the SMP leads the SMA, and its teacher no longer does, if they did."""
    with changing.active():
        await appoint_plt(OF_SMA, SMA, at=house.now, until="2024-01-02")
        await appoint_plt(OF_SMP, SMA, at=house.now)


async def submits(house: House, changing: Database) -> None:
    await submitted(house, OF_SMA)


async def confirms(house: House, changing: Database) -> None:
    answer = await (await house.person(OF_SMA)).ask(CONFIRM, input={"npsn": SMA})
    assert answer["answer"]["__typename"] == "PltConfirmation"


async def buttons(person: Person, plan: str) -> list[tuple[str, bool, list[str]]]:
    told = (await person.ask(BUTTONS, id=plan))["plan"]["availableTransitions"]
    return [(row["trigger"], row["allowed"], [no["code"] for no in row["refusals"]]) for row in told]


async def test_the_plan_of_a_plt_at_the_own_school_stays_submitted_and_waits_for_another(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning) as house:
        await becomes_plt(house, changing)
        teacher = await submitted(house, OF_SMA)
        plan = await teacher.plan()
        assert (plan["state"]["phase"], plan["version"]) == ("SUBMITTED", 7)
        assert await buttons(teacher, teacher.plan_id) == []
        for mutation, given in (("approvePlan", {}), ("returnPlan", {"note": "Sudah baik."})):
            assert await teacher.refused(mutation, 7, **given) == ["actor.own_plan"]
        assert await teacher.plan() == plan


async def test_whoever_leads_the_school_next_decides_on_the_plan_of_the_plt(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning) as house:
        await becomes_plt(house, changing)
        teacher = await submitted(house, OF_SMA)
        await another_is_plt(house, changing)
        assert await buttons(await house.person(OF_SMP), teacher.plan_id) == [
            ("approve", True, []), ("return", True, []),
        ]  # fmt: skip
        assert (await decided(house, OF_SMP, teacher, "approvePlan"))["state"]["phase"] == "APPROVED"


@pytest.mark.parametrize(
    "steps",
    [
        (becomes_plt, submits, confirms),
        (becomes_plt, confirms, submits),
        (submits, becomes_plt, confirms),
    ],
    ids=lambda steps: "-".join(step.__name__ for step in steps),
)
async def test_the_own_confirmation_of_a_plt_does_not_begin_the_own_plan(
    changing: Database, planning: Database, steps: tuple[Step, ...]
) -> None:
    async with house_at(changing, planning, CONFIRMATION_OPEN) as house:
        for step in steps:
            await step(house, changing)
        teacher = await house.person(OF_SMA)
        assert await teacher.refused("beginImplementation", 7) == ["transition.not_from_here"]
        assert (await teacher.plan())["state"]["phase"] == "SUBMITTED"
        assert await buttons(teacher, teacher.plan_id) == []


async def test_a_teacher_who_became_principal_after_mulai_hands_nothing_in(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning) as house:
        teacher = await house.person(OF_SMA)
        await complete(teacher)
        with changing.active():
            await import_one_school(SMA, JANUARY, p41=HEAD_ROW)
        assert await buttons(teacher, teacher.plan_id) == [("submit", False, ["access.kepala_sekolah"])]
        assert await teacher.refused("submitPlan", 6) == ["access.kepala_sekolah"]
        assert (await teacher.plan())["version"] == 6


async def test_an_account_of_the_other_school_hands_nothing_in(house: House) -> None:
    teacher, by_other_account = await house.person(PNS), await house.person(OTHER_ACCOUNT)
    await complete(teacher)
    given: dict[str, Any] = {"planId": teacher.plan_id, "expectedVersion": 6}
    answer = await by_other_account.do("submitPlan", given)
    assert codes(answer) == ["access.account_of_other_school"]
    assert "SD NEGERI CONTOH 01" in answer["problems"][0]["message"]
    assert await buttons(by_other_account, teacher.plan_id) == [
        ("submit", False, ["access.account_of_other_school"])
    ]
    assert (await teacher.done("submitPlan", 6))["state"]["phase"] == "SUBMITTED"


async def test_a_plan_approved_under_another_plt_does_not_begin_by_the_owners_own_confirmation(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning, CONFIRMATION_OPEN) as house:
        await another_is_plt(house, changing)
        teacher = await submitted(house, OF_SMA)
        assert (await teacher.plan())["state"]["phase"] == "AUTO_APPROVED"
        with changing.active():
            await appoint_plt(OF_SMP, SMA, at=house.now, until="2024-02-01")
            await appoint_plt(OF_SMA, SMA, at=house.now)
        await confirms(house, changing)
        assert await teacher.refused("beginImplementation", 8) == ["head.is_owner"]
        assert (await teacher.plan())["state"]["phase"] == "AUTO_APPROVED"
