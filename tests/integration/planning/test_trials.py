"""A version is tried on what really happened: what would move, what would have gone otherwise; nothing is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.composing import TOO_FEW, WARNED, complete, decided, submitted
from tests.integration.planning.house import PROBLEMS, House, codes, connected, house_at
from tests.integration.planning.migrating import moved, undone, work_off
from tests.integration.planning.publishing import SHIPPED, approved, did, import_second_admin, shipped_with
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, OF_TK, PNS, PPPK, SD, import_registry
from tests.unit.workflows.renamed import renamed

TRIAL = """
fragment Tried on Trial {
  id number sha256 period states { from to } by { isViewer }
  progress { plans done same otherwise untold sameToday otherwiseToday endedAt }
  touched { workflow state plans to problem { code message } }
}
"""
NAMED = """
query Q($id: ID!, $outcome: TrialOutcome!) { trial(id: $id) { named(outcome: $outcome, first: 50) { edges { node {
  planId satuanPendidikan { npsn } version trigger from to would refusals { code message } unknown
} } } } }
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
            await import_second_admin()
        yield database


@pytest.fixture
async def house(admins: Database, own: Database) -> AsyncIterator[House]:
    async with house_at(admins, own) as house:
        yield house


async def asked(house: House, who: int | str, **given: object) -> dict[str, Any]:
    """What a wish to try a version was answered: the trial, or Refused."""
    fields = "{ __typename ...Tried ...Told }"
    document = f"mutation M($input: TryWorkflowInput!) {{ answer: tryWorkflow(input: $input) {fields} }}"
    given = {"period": "2024-1"} | given
    answer: dict[str, Any] = (await (await house.person(who)).ask(document + TRIAL + PROBLEMS, input=given))[
        "answer"
    ]
    return answer


async def tried(house: House, text: str, **given: object) -> dict[str, Any]:
    """A draft that was tried to the end."""
    sha = str((await did(house, ADMIN, "draftWorkflow", yaml=text))["sha256"])
    begun = await asked(house, ADMIN, sha256=sha, **given)
    assert begun["__typename"] == "Trial", begun
    await work_off(house)
    admin = await house.person(ADMIN)
    found = (await admin.ask("query Q($id: ID!) { trial(id: $id) { ...Tried } }" + TRIAL, id=begun["id"]))[
        "trial"
    ]
    assert found["progress"]["endedAt"]
    return dict(found)


async def named(house: House, trial: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    """The plans that a trial names."""
    admin = await house.person(ADMIN)
    told = await admin.ask(NAMED, "en", id=trial["id"], outcome=outcome)
    return [edge["node"] for edge in told["trial"]["named"]["edges"]]


async def heard(house: House, body: str) -> None:
    """What identity last said of the SD; nothing that planning still has to write down comes after it."""
    await house.sql(
        "INSERT INTO registry_answer (path, body, as_of) VALUES ($1, $2, '2100-01-01Z') "
        "ON CONFLICT (path) DO UPDATE SET (body, as_of) = (excluded.body, excluded.as_of)",
        f"/v1/schools/{SD}", body,
    )  # fmt: skip


def counts(trial: dict[str, Any]) -> dict[str, int]:
    told = trial["progress"]
    names = ("same", "otherwise", "untold", "sameToday", "otherwiseToday")
    return {name: told[name] for name in names if told[name]}


async def lives(house: House) -> None:
    """A plan that the head approved, one below 32 points that waits, one that the system approved, and a draft."""
    teacher = await submitted(house, PNS)
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    few = await house.person(COLLEAGUE)
    await complete(few, rhk=TOO_FEW)
    await few.done("submitPlan", 6, **WARNED)
    await submitted(house, OF_TK, indikator={"indikator": "PAUD-PPE"})
    await (await house.person(PPPK)).start()


async def test_a_version_that_changes_only_words_leaves_every_history_as_it_was(house: House) -> None:
    await lives(house)
    before = await house.everything()
    trial = await tried(house, shipped_with("id: Diajukan,", "id: Sudah diajukan,"))
    assert counts(trial) == {"same": 4}
    assert {(one["state"], one["plans"], one["to"]) for one in trial["touched"]} == {
        ("approved", 1, "approved"), ("auto_approved", 1, "auto_approved"), ("draft", 1, "draft"),
        ("submitted", 1, "submitted"),
    }  # fmt: skip
    assert await house.everything() == before


async def test_what_would_have_been_refused_is_named_with_its_reason_out_of_what_was_handed_in(
    house: House,
) -> None:
    await lives(house)
    trial = await tried(house, STRICT)
    assert counts(trial) == {"same": 3, "otherwise": 1}
    (plan,) = await named(house, trial, "OTHERWISE")
    few = await house.person(COLLEAGUE)
    assert (plan["planId"], plan["satuanPendidikan"], plan["version"]) == (few.plan_id, {"npsn": SD}, 7)
    assert (plan["trigger"], plan["from"], plan["to"], plan["would"]) == (
        "submit",
        "draft",
        "submitted",
        None,
    )
    assert [no["code"] for no in plan["refusals"]] == ["points.below_minimum"]
    assert "8" in plan["refusals"][0]["message"]


async def test_how_a_school_was_led_is_told_by_today_where_that_is_marked_or_not_at_all(house: House) -> None:
    await lives(house)
    await heard(house, "{}")
    trial = await tried(house, AUTOMATIC)
    assert counts(trial) == {"same": 2, "untold": 2}
    (first, _) = await named(house, trial, "UNTOLD")
    assert (first["would"], first["unknown"]) == ("auto_approved", ["head"])
    await heard(house, f'{{"npsn": "{SD}", "headships": [{{"kind": "definitif", "ptk_id": null}}]}}')
    again = await tried(house, AUTOMATIC)
    assert counts(again) == {"same": 2, "otherwiseToday": 2}


async def test_a_map_of_states_and_plans_that_could_not_move(house: House) -> None:
    await lives(house)
    without = await tried(house, renamed())
    stuck = [one for one in without["touched"] if one["to"] is None]
    assert [(one["state"], one["plans"], one["problem"]["code"]) for one in stuck] == [
        ("submitted", 1, "moving.state_gone")
    ]
    assert counts(without)["otherwise"] == 3
    mapped = await tried(house, renamed(), states=[{"from": "submitted", "to": "handed_in"}])
    assert counts(mapped) == {"same": 4}
    assert all(one["to"] for one in mapped["touched"])


async def test_a_plan_that_was_moved_is_held_against_the_version_of_each_of_its_events(house: House) -> None:
    await lives(house)
    migration = await moved(house, SHIPPED, await approved(house))
    await decided(house, HEAD_OF_SD, await house.person(COLLEAGUE), "returnPlan", note="Lagi.")
    await undone(house, migration["id"])
    trial = await tried(house, shipped_with("id: Disetujui,", "id: Telah disetujui,"))
    assert counts(trial) == {"same": 4}


async def test_only_an_admin_may_and_else_nothing_happens(house: House) -> None:
    for who in (PNS, HEAD_OF_SD):
        assert codes(await asked(house, who, sha256=SHIPPED)) == ["actor.not_admin"]
    assert await house.sql("SELECT FROM trial") == []
    begun = await asked(house, ADMIN, sha256=SHIPPED)
    teacher = await house.person(PNS)
    _, answer = await teacher.send({"query": f'{{ trial(id: "{begun["id"]}") {{ id }} }}'})
    assert answer["errors"]
    assert not any((answer.get("data") or {}).values())


async def test_what_cannot_be_tried_is_refused(house: House) -> None:
    needs = shipped_with(
        "params:\n", "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
    )
    needy = str((await did(house, ADMIN, "draftWorkflow", yaml=needs))["sha256"])
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"sha256": "x"}, ["workflow.unknown"]),
        ({"sha256": SHIPPED, "period": "2099-1"}, ["period.unknown"]),
        ({"sha256": needy}, ["workflow.parameter_missing"]),
        ({"sha256": SHIPPED, "states": [{"from": "draft", "to": "approved"}, {"from": "draft", "to": "x"}]},
         ["map.onward", "map.to_unknown", "map.twice"]),
    ]  # fmt: skip
    for given, expected in cases:
        assert codes(await asked(house, ADMIN, **given)) == expected
    assert await house.sql("SELECT FROM trial") == []


async def test_how_many_statements_it_takes(house: House) -> None:
    await lives(house)
    begun = await asked(house, ADMIN, sha256=SHIPPED)
    with counting_queries() as queries:
        await work_off(house)
    assert (
        len(queries) == 9
    )  # what the batches of a trial have in common, and four for the one batch there is
    with counting_queries() as queries:
        await (await house.person(ADMIN)).ask(NAMED, id=begun["id"], outcome="UNTOLD")
    assert len(queries) == 2
