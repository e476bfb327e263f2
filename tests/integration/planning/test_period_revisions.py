"""Approved revisions of a period take effect for every plan. Each event names its revision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import (
    Environment,
    environment_at,
)
from tests.integration.planning.imports import import_period
from tests.integration.planning.plans import complete_plan, submit_plan
from tests.integration.planning.reconciliation import load_last_event, load_states, reconcile
from tests.integration.planning.revisions import (
    DAY,
    OFF,
    ON,
    PERIOD_QUERY,
    REASON,
    SECOND_ADMIN,
    SWITCH,
    change_values,
    close_proposal,
    dump_records,
    list_revisions,
    mutate_proposal,
    propose,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    PNS,
)
from tests.unit.planning.reference import PERIOD as FILE

APRIL = datetime(2024, 4, 2, 3, tzinfo=UTC)  # the window closed on 31 March, and no later revision exists


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


async def test_a_switch_is_proposed_by_one_admin_and_approved_by_another(environment: Environment) -> None:
    author, approver = await environment.sign_in(ADMIN), await environment.sign_in(SECOND_ADMIN)
    await submit_plan(environment, PNS)
    proposal = await propose(author, "en", **{SWITCH: ON})
    assert (proposal["state"], proposal["replayed"], proposal["author"]["isViewer"]) == (
        "PROPOSED",
        False,
        True,
    )
    assert proposal["revision"]["waitingPlanCount"] == 1
    sentence = "Approve every plan automatically: from off to on."
    assert [change["sentence"] for change in proposal["revision"]["changes"]] == [sentence]
    approved = await close_proposal(approver, "approveChangeRequest", proposal)
    assert (
        approved["state"],
        approved["author"]["isViewer"],
        approved["revision"]["waitingPlanCount"],
    ) == ("EXECUTED", False, None)
    revisions = (await (await environment.sign_in(COLLEAGUE)).execute(PERIOD_QUERY))["period"]
    assert revisions["changeRequests"] is None, "no admin"
    (third,) = (one for one in revisions["revisions"]["nodes"] if one["number"] == 3)
    assert (third["number"], third["reason"]) == (3, REASON)
    assert datetime.fromisoformat(third["effectiveFrom"]) == environment.now
    assert third["author"] == third["approver"] == {"role": "ADMIN", "nama": None, "account": None}
    words = [(one["before"], one["after"]) for one in third["changes"]]
    assert words == [("tidak aktif", "aktif")]
    period = (await author.execute(PERIOD_QUERY))["period"]
    (third,) = (one for one in period["revisions"]["nodes"] if one["number"] == 3)
    assert third["author"]["account"] == proposal["author"]["account"] != third["approver"]["account"]
    assert [request["state"] for request in period["changeRequests"]["nodes"]] == ["EXECUTED"]


async def test_waiting_plans_are_approved_while_the_switch_is_on(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await reconcile(environment)
    assert set((await load_states(environment)).values()) == {"submitted"}
    number = await change_values(environment, **{SWITCH: ON})
    await reconcile(environment)
    teacher = await environment.sign_in(PNS)
    assert (await load_states(environment))[str(teacher.ptk_id)] == "auto_approved"
    event = await load_last_event(environment, str(teacher.ptk_id))
    assert (event["parameters"], event["detail"]) == (number, {"cause": {"parameters": number}})
    await change_values(environment, **{SWITCH: OFF})
    colleague = await submit_plan(environment, COLLEAGUE)
    await reconcile(environment)
    assert (await load_states(environment))[str(colleague.ptk_id)] == "submitted"


async def test_extension_applies_in_every_process_at_the_next_request(
    registry_with_admins: Database, own_planning_database: Database
) -> None:
    async with environment_at(registry_with_admins, own_planning_database) as january:
        await complete_plan(await january.sign_in(PNS))
    async with (
        environment_at(registry_with_admins, own_planning_database, APRIL) as first_process,
        environment_at(
            registry_with_admins, own_planning_database, APRIL + timedelta(minutes=1)
        ) as second_process,
    ):
        teacher = await second_process.sign_in(PNS)
        assert await teacher.expect_refusal("submitPlan", 6) == ["window.closed"]
        number = await change_values(first_process, planning_closes={"date": "2024-04-15"})
        assert (await teacher.mutate_plan("submitPlan", 6))["state"]["phase"] == "SUBMITTED"
        assert (await load_last_event(second_process, str(teacher.ptk_id)))["parameters"] == number


async def test_later_revision_does_not_undo_a_change(
    environment: Environment, own_planning_database: Database
) -> None:
    """On 15 January the extension of the 30th is stored already, with the switch off."""
    proposal = await propose(
        await environment.sign_in(ADMIN), **{SWITCH: ON, "planning_closes": {"date": "2024-02-10"}}
    )
    answer = await close_proposal(await environment.sign_in(SECOND_ADMIN), "approveChangeRequest", proposal)
    assert list_revisions(answer) == [3, 4]
    period = (await (await environment.sign_in(PNS)).execute(PERIOD_QUERY))["period"]
    fourth, third, *_ = period["revisions"]["nodes"]
    assert {one["name"]: one["after"] for one in third["changes"]} == {
        SWITCH: "aktif", "planning_closes": "10 Februari 2024",
    }  # fmt: skip
    assert fourth["effectiveFrom"] == "2024-01-30T15:00:00+00:00"
    assert [(one["name"], one["after"]) for one in fourth["changes"]] == [(SWITCH, "aktif")]


async def test_revision_is_effective_at_its_instant_or_at_approval_if_that_is_later(
    registry_with_admins: Database, own_planning_database: Database
) -> None:
    instants = [APRIL + DAY, APRIL + 2 * DAY]
    async with environment_at(registry_with_admins, own_planning_database, APRIL) as environment:
        author = await environment.sign_in(ADMIN)
        proposals = [
            await mutate_proposal(
                author, "proposePeriodRevision", period="2024-1", effectiveFrom=instant.isoformat(),
                values=[{"name": name, "value": {"int": 20}}],
            )
            for name, instant in zip(("minimum_points", "revision_days"), instants, strict=True)
        ]  # fmt: skip
    async with environment_at(
        registry_with_admins, own_planning_database, APRIL + DAY + timedelta(hours=1)
    ) as later:
        for proposal in proposals:
            await close_proposal(await later.sign_in(SECOND_ADMIN), "approveChangeRequest", proposal)
        rows = await later.sql("SELECT effective_from AS at FROM period_revision WHERE number > 2 ORDER BY 1")
        assert [row["at"] for row in rows] == [later.now, instants[1]]


async def test_period_file_can_be_imported_beside_approved_revisions(
    environment: Environment, own_planning_database: Database
) -> None:
    await change_values(environment, **{SWITCH: ON})
    before = await dump_records(environment)
    with own_planning_database.active():
        await import_period(FILE.read_bytes())
    assert await dump_records(environment) == before
