"""Dry runs: which living plans could move to a version, and where it would lead recorded commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.database import Database
from services.planning.plan_migration.dry_run import commands
from tests.conftest import Fresh
from tests.integration.planning.composing import TOO_FEW, WARNED, complete, decided, submitted
from tests.integration.planning.house import PROBLEMS, House, codes, connected, house_at
from tests.integration.planning.migrating import moved, undone, work_off
from tests.integration.planning.publishing import SHIPPED, approved, did, shipped_with
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, OF_TK, PNS, PPPK, import_registry
from tests.unit.workflows.renamed import renamed

TRIAL = """
fragment Tried on Trial {
  id number sha256 period states { from to } by { isViewer }
  progress { plans done same different unknown endedAt }
  touched { workflow state plans samples to problem { code message } }
  commands { trigger from to outcome would reasons commands samples { planId version refusals } }
}
"""
AUTOMATIC = shipped_with(
    "all: [{head_is: {kind: plt}}, {not: head_is_owner}]", "not: {head_is: {kind: kosong}}"
)
STRICT = shipped_with("    warn:\n      points_at_least: {minimum: {param: minimum_points}}\n", "").replace(
    "        - profile_confirmed\n", "        - profile_confirmed\n        - points_at_least: {minimum: 20}\n"
)


@pytest.fixture(scope="module")
async def admins(fresh_url: Fresh) -> AsyncIterator[Database]:
    """The small registry with two admins."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry()
        yield database


@pytest.fixture
async def house(admins: Database, own: Database) -> AsyncIterator[House]:
    async with house_at(admins, own) as house:
        yield house


async def ask(house: House, who: int | str, **given: object) -> dict[str, Any]:
    """The answer to `tryWorkflow`: the trial, or Refused."""
    fields = "{ __typename ...Tried ...Told }"
    document = f"mutation M($input: TryWorkflowInput!) {{ answer: tryWorkflow(input: $input) {fields} }}"
    given = {"period": "2024-1"} | given
    answer: dict[str, Any] = (await (await house.person(who)).ask(document + TRIAL + PROBLEMS, input=given))[
        "answer"
    ]
    return answer


async def draft_of(house: House, text: str) -> str:
    return str((await did(house, ADMIN, "draftWorkflow", yaml=text))["sha256"])


async def tried(house: House, text: str, **given: object) -> dict[str, Any]:
    """A trial of a draft that the worker has finished."""
    begun = await ask(house, ADMIN, sha256=await draft_of(house, text), **given)
    assert begun["__typename"] == "Trial", begun
    await work_off(house)
    admin = await house.person(ADMIN)
    query = "query Q($id: ID!) { trial(id: $id) { ...Tried } }"
    found = dict((await admin.ask(query + TRIAL, "en", id=begun["id"]))["trial"])
    assert found["progress"]["endedAt"]
    return found


def counts(trial: dict[str, Any]) -> dict[str, int]:
    """The number of commands by outcome."""
    return {
        name: trial["progress"][name] for name in ("same", "different", "unknown") if trial["progress"][name]
    }


def groups(trial: dict[str, Any], outcome: str) -> list[tuple[Any, ...]]:
    """The groups of commands with an outcome, without samples."""
    names = ("trigger", "from", "to", "would", "reasons", "commands")
    return [tuple(one[name] for name in names) for one in trial["commands"] if one["outcome"] == outcome]


async def compose_plans(house: House) -> None:
    """A plan that the head approved, one below 32 points that waits, one that the system approved, and a draft."""
    teacher = await submitted(house, PNS)
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    few = await house.person(COLLEAGUE)
    await complete(few, rhk=TOO_FEW)
    await few.done("submitPlan", 6, **WARNED)
    await submitted(house, OF_TK, indikator={"indikator": "PAUD-PPE"})
    await (await house.person(PPPK)).start()


async def test_a_version_with_other_words_leads_every_command_to_the_same_state(house: House) -> None:
    await compose_plans(house)
    before = await house.everything()

    trial = await tried(house, shipped_with("id: Diajukan,", "id: Sudah diajukan,"))

    assert (trial["progress"]["plans"], trial["progress"]["done"]) == (4, 4)
    assert counts(trial) == {"same": 4}
    assert sorted(groups(trial, "SAME")) == [
        ("approve", "submitted", "approved", "approved", [], 1),
        ("submit", "draft", "auto_approved", "auto_approved", [], 1),
        ("submit", "draft", "submitted", "submitted", [], 2),
    ]
    assert await house.everything() == before


async def test_plans_that_could_move_are_counted_by_state_with_samples(house: House) -> None:
    await compose_plans(house)

    trial = await tried(house, shipped_with("id: Diajukan,", "id: Sudah diajukan,"))

    assert {(one["state"], one["plans"], one["to"]) for one in trial["touched"]} == {
        ("approved", 1, "approved"), ("auto_approved", 1, "auto_approved"), ("draft", 1, "draft"),
        ("submitted", 1, "submitted"),
    }  # fmt: skip
    few = await house.person(COLLEAGUE)
    assert [one["samples"] for one in trial["touched"] if one["state"] == "submitted"] == [[few.plan_id]]


async def test_a_submission_that_the_draft_refuses_comes_with_its_reason(house: House) -> None:
    await compose_plans(house)

    trial = await tried(house, STRICT)

    assert counts(trial) == {"same": 3, "different": 1}
    assert groups(trial, "DIFFERENT") == [("submit", "draft", "submitted", None, ["points.below_minimum"], 1)]
    (sample,) = next(one["samples"] for one in trial["commands"] if one["outcome"] == "DIFFERENT")
    few = await house.person(COLLEAGUE)
    assert (sample["planId"], sample["version"]) == (few.plan_id, 7)
    assert "8" in sample["refusals"][0]


async def test_an_unrecorded_fact_makes_the_result_unknown(house: House) -> None:
    await compose_plans(house)

    trial = await tried(house, AUTOMATIC)

    assert counts(trial) == {"same": 2, "unknown": 2}
    assert groups(trial, "UNKNOWN") == [("submit", "draft", "submitted", "auto_approved", ["head"], 2)]


async def test_a_map_of_states_applies_to_plans_and_commands(house: House) -> None:
    await compose_plans(house)

    without = await tried(house, renamed())
    mapped = await tried(house, renamed(), states=[{"from": "submitted", "to": "handed_in"}])

    stuck = [one for one in without["touched"] if one["to"] is None]
    assert [(one["state"], one["plans"], one["problem"]["code"]) for one in stuck] == [
        ("submitted", 1, "moving.state_gone")
    ]
    assert counts(without)["same"] == 1
    assert counts(mapped) == {"same": 4}
    assert all(one["to"] for one in mapped["touched"])


async def test_each_command_is_read_by_the_version_of_its_event(house: House) -> None:
    await compose_plans(house)
    migration = await moved(house, SHIPPED, await approved(house))
    await decided(house, HEAD_OF_SD, await house.person(COLLEAGUE), "returnPlan", note="Lagi.")
    await undone(house, migration["id"])

    trial = await tried(house, shipped_with("id: Disetujui,", "id: Telah disetujui,"))

    assert counts(trial) == {"same": 5}


async def test_batches_add_up_to_one_finding_with_five_samples(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PLANS", 1)
    await compose_plans(house)

    trial = await tried(house, AUTOMATIC)

    (group,) = [one for one in trial["commands"] if one["outcome"] == "UNKNOWN"]
    assert (group["commands"], len(group["samples"])) == (2, 2)
    assert counts(trial) == {"same": 2, "unknown": 2}


async def test_only_an_admin_may_start_and_read_a_trial(house: House) -> None:
    for who in (PNS, HEAD_OF_SD):
        assert codes(await ask(house, who, sha256=SHIPPED)) == ["actor.not_admin"]
    assert await house.sql("SELECT FROM trial") == []

    begun = await ask(house, ADMIN, sha256=SHIPPED)

    teacher = await house.person(PNS)
    _, answer = await teacher.send({"query": f'{{ trial(id: "{begun["id"]}") {{ id }} }}'})
    assert answer["errors"]
    assert not any((answer.get("data") or {}).values())


async def test_a_version_that_does_not_fit_the_period_is_refused(house: House) -> None:
    stars = "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
    without_value = await draft_of(house, shipped_with("params:\n", stars))
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"sha256": "x"}, ["workflow.unknown"]),
        ({"sha256": SHIPPED, "period": "2099-1"}, ["period.unknown"]),
        ({"sha256": without_value}, ["workflow.parameter_missing"]),
        ({"sha256": SHIPPED, "states": [{"from": "draft", "to": "approved"}, {"from": "draft", "to": "x"}]},
         ["map.onward", "map.to_unknown", "map.twice"]),
    ]  # fmt: skip

    for given, expected in cases:
        assert codes(await ask(house, ADMIN, **given)) == expected

    assert await house.sql("SELECT FROM trial") == []


async def test_the_number_of_statements_does_not_grow_with_plans(house: House) -> None:
    await compose_plans(house)
    begun = await ask(house, ADMIN, sha256=SHIPPED)

    with counting_queries() as queries:
        await work_off(house)
    with counting_queries() as reading:
        query = "query Q($id: ID!) { trial(id: $id) { ...Tried } }" + TRIAL
        await (await house.person(ADMIN)).ask(query, id=begun["id"])

    assert (len(queries), len(reading)) == (10, 3)
