"""A plan from submission to implementation: approval, return, and automatic approval."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    environment_at,
    problem_codes,
)
from tests.integration.planning.imports import import_period
from tests.integration.planning.plans import (
    ACKNOWLEDGED_POINTS,
    NOTE,
    SUB_INDIKATOR,
    TOO_FEW,
    complete_plan,
    decide_as_head,
    store_plt_confirmation,
    submit_plan,
)
from tests.integration.planning.viewer import load_viewer
from tests.small_registry import (
    COLLEAGUE,
    HEAD_OF_SD,
    OF_SMA,
    OF_TK,
    PLT_OF_TK,
    PNS,
    PPPK,
    TK,
)
from tests.unit.planning.reference import PERIOD, dump_changed

FEBRUARY = datetime(2024, 2, 1, 2, tzinfo=UTC)
MID_FEBRUARY = datetime(2024, 2, 16, 2, tzinfo=UTC)
BUTTONS = """query Q($id: ID!) { plan(id: $id) {
  availableTransitions { trigger label isAllowed isExceptional requires refusals { code } warnings { code } }
} }"""


async def test_a_definitif_principal_approves_and_the_teacher_begins(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    assert (await teacher.load_plan())["state"] == {
        "name": "submitted",
        "label": "Diajukan",
        "phase": "SUBMITTED",
    }
    assert (await load_viewer(environment, PNS))["banners"] == []
    approved = await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert approved["state"]["phase"] == "APPROVED"
    assert [banner["code"] for banner in (await load_viewer(environment, PNS))["banners"]] == [
        "banner.may_begin"
    ]
    begun_plan = await teacher.mutate_plan("beginImplementation")
    assert (begun_plan["state"]["phase"], begun_plan["version"]) == ("IN_IMPLEMENTATION", 9)


async def test_a_returned_plan_has_a_note_and_a_due_date_and_is_submitted_again(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    returned = await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert (returned["state"]["phase"], returned["note"], returned["revisionDueOn"]) == (
        "DRAFT",
        NOTE,
        "2024-01-29",
    )
    assert [banner["code"] for banner in (await load_viewer(environment, PNS))["banners"]] == [
        "banner.returned"
    ]
    await teacher.mutate_plan("savePraktikKinerja", 8, indikator="PK-PDP")
    again = await teacher.mutate_plan("submitPlan", 9)
    assert (again["state"]["phase"], again["content"]["praktikKinerja"]) == ("SUBMITTED", "PK-PDP")
    assert (await load_viewer(environment, PNS))["banners"] == []


async def test_a_plan_returned_on_the_last_day_is_submitted_after_it(
    registry: Database, empty_planning_database: Database
) -> None:
    last_day, later = datetime(2024, 3, 31, 9, tzinfo=UTC), datetime(2024, 4, 14, 16, 59, tzinfo=UTC)
    async with environment_at(registry, empty_planning_database, last_day) as environment:
        teacher = await submit_plan(environment, PNS)
        returned = await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
        assert returned["revisionDueOn"] == "2024-04-14"
    async with environment_at(registry, empty_planning_database, later) as environment:
        assert (await (await environment.sign_in(PNS)).mutate_plan("submitPlan"))["state"][
            "phase"
        ] == "SUBMITTED"


async def test_under_a_plt_the_system_approves_at_once(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    plan = await teacher.load_plan()
    assert (plan["state"]["phase"], plan["version"]) == ("AUTO_APPROVED", 8)
    events = await environment.sql("SELECT kind, to_state, body::jsonb -> 'actor' ->> 'kind' AS by FROM plan_event "
                             "WHERE version > 6 ORDER BY version")  # fmt: skip
    assert [tuple(row.values()) for row in events] == [
        ("transition", "submitted", "person"),
        ("transition", "auto_approved", "system"),
    ]


async def test_plan_of_a_school_without_head_stays_submitted(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_SMA)
    assert (await teacher.load_plan())["state"]["phase"] == "SUBMITTED"


async def test_automatic_approval_of_the_period_approves_at_once(
    registry: Database, own_planning_database: Database
) -> None:
    def switched_on(data: Any) -> None:
        revision = dict(data["revisions"][-1])
        revision |= {"number": 3, "effective_from": "2024-02-10T00:00:00Z", "reason": "Sesuai FAQ."}
        revision["values"] = revision["values"] | {"approve_automatically": True}
        data["revisions"].append(revision)

    with own_planning_database.active():
        await import_period(dump_changed(PERIOD, switched_on))
    async with environment_at(registry, own_planning_database, FEBRUARY) as environment:
        assert (await (await submit_plan(environment, PNS)).load_plan())["state"]["phase"] == "SUBMITTED"
    async with environment_at(registry, own_planning_database, MID_FEBRUARY) as environment:
        teacher = await submit_plan(environment, COLLEAGUE)
        assert (await teacher.load_plan())["state"]["phase"] == "AUTO_APPROVED"
        body = (
            await environment.sql(
                "SELECT body::jsonb ->> 'parameters' AS p FROM plan_event WHERE version = 8"
            )
        )[0]
        assert body["p"] == "3"
        assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_under_a_plt_a_banner_comes_in_february_and_the_plan_waits_for_the_confirmation(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database) as environment:
        await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
        assert (await load_viewer(environment, OF_TK))["banners"] == []
    async with environment_at(registry, empty_planning_database, FEBRUARY) as environment:
        banner = (await load_viewer(environment, OF_TK))["banners"][0]
        assert banner["code"] == "banner.tell_plt"
        assert "16 Februari 2024" in banner["message"]
        assert "TK CONTOH 02" in banner["message"]
        teacher = await environment.sign_in(OF_TK)
        assert await teacher.expect_refusal("beginImplementation", 8) == ["plt.confirmation_not_open"]
    async with environment_at(registry, empty_planning_database, MID_FEBRUARY) as environment:
        teacher = await environment.sign_in(OF_TK)
        assert await teacher.expect_refusal("beginImplementation", 8) == ["plt.not_confirmed"]
        await store_plt_confirmation(environment, TK, ptk(PLT_OF_TK))
        assert [banner["code"] for banner in (await load_viewer(environment, OF_TK))["banners"]] == [
            "banner.may_begin"
        ]
        assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"
        assert (await load_viewer(environment, OF_TK))["banners"] == []


async def test_acknowledged_warning_about_points_is_recorded(environment: Environment) -> None:
    person = await environment.sign_in(PPPK)
    await complete_plan(person, rhk=TOO_FEW)
    answer = await person.mutate("submitPlan", {"planId": person.plan_id, "expectedVersion": 6})
    (warning,) = answer["problems"]
    assert (warning["isAcknowledgeable"], warning["code"]) == (True, "points.below_minimum")
    plan = await person.mutate_plan("submitPlan", 6, **ACKNOWLEDGED_POINTS)
    assert plan["state"]["phase"] == "SUBMITTED"
    event = (await environment.sql("SELECT body::jsonb -> 'acknowledged_warnings' ->> 0 AS code FROM plan_event "
                             "WHERE version = 7"))[0]  # fmt: skip
    assert event["code"] == "points.below_minimum"


async def test_available_transitions_have_reasons_for_refusals(environment: Environment) -> None:
    teacher, head = await environment.sign_in(PNS), await environment.sign_in(HEAD_OF_SD)
    await teacher.start_plan()

    async def buttons(person: Any) -> list[tuple[str, bool, list[str]]]:
        result = (await person.execute(BUTTONS, id=teacher.plan_id))["plan"]["availableTransitions"]
        return [(row["trigger"], row["isAllowed"], [no["code"] for no in row["refusals"]]) for row in result]

    (button,) = await buttons(teacher)
    assert button[:2] == ("submit", False)
    assert {"profile.not_confirmed", "praktik_kinerja.missing", "perilaku_kerja.missing"} <= set(button[2])
    assert await buttons(head) == []
    await submit_plan(environment, PNS)
    assert await buttons(teacher) == []
    assert await buttons(head) == [("approve", True, []), ("return", True, [])]


async def test_fire_plan_transition_has_the_same_checks(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    fields = {"planId": teacher.plan_id, "expectedVersion": 7, "trigger": "return"}
    assert problem_codes(await head.mutate("firePlanTransition", fields)) == ["reason.missing"]
    assert problem_codes(await teacher.mutate("firePlanTransition", fields | {"reason": NOTE})) == [
        "actor.own_plan"
    ]
    plan = await head.mutate("firePlanTransition", fields | {"reason": NOTE})
    assert (plan["state"]["phase"], plan["note"]) == ("DRAFT", NOTE)
