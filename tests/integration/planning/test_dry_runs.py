"""Dry runs of a version: movable plans, and outcomes of recorded commands."""

from __future__ import annotations

from typing import Any

import pytest

from services.planning.api.ids import workflow_version_id
from services.planning.plan_migration.dry_run import commands
from tests.integration.planning.environment import (
    PROBLEM_FIELDS,
    Environment,
    join_payload,
    payload_document,
    problem_codes,
)
from tests.integration.planning.plan_migrations import (
    STATE_MAPPINGS,
    migrate_plans,
    roll_back_migration,
    run_long_work,
)
from tests.integration.planning.plans import (
    ACKNOWLEDGED_POINTS,
    TOO_FEW,
    complete_plan,
    decide_as_head,
    submit_plan,
)
from tests.integration.planning.workflow_versions import (
    SHIPPED_SHA256,
    approve_version,
    expect_version,
    shipped_with,
)
from tests.queries import counting_queries
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OF_TK,
    PNS,
    PPPK,
)
from tests.unit.workflows.samples import rename_submitted

DRY_RUN = """
fragment Tried on DryRun {
  id number workflowVersion { sha256 } period { code } stateMappings { fromState toState } startedBy { isViewer }
  progress { planCount replayedCount sameCount differentCount unknownCount endedAt }
  planGroups { nodes {
    workflowVersion { sha256 } state planCount samplePlans { id } newState problem { code message }
  } }
  commandGroups { nodes {
    trigger fromState toState outcome nextState reasons commandCount samples { plan { id } version refusals }
  } }
}
"""
AUTOMATIC = shipped_with(
    "all: [{head_is: {kind: plt}}, {not: head_is_owner}]",
    "all: [{not: {head_is: {kind: kosong}}}, {not: head_is_owner}]",
)
STRICT = shipped_with("    warn:\n      points_at_least: {minimum: {param: minimum_points}}\n", "").replace(
    "        - profile_confirmed\n",
    "        - profile_confirmed\n        - points_at_least: {minimum: {param: minimum_points}}\n",
)


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


async def start_dry_run(environment: Environment, person: int | str, **input: object) -> dict[str, Any]:
    """Call `startDryRun` with a version by its SHA-256. Return the dry run, or the rejection."""
    document = payload_document("startDryRun", "dryRun { ...Tried }") + DRY_RUN + PROBLEM_FIELDS
    version = {"workflowVersionId": workflow_version_id(str(input.pop("sha256")))}
    input = {"period": "2024-1"} | version | input
    return join_payload((await (await environment.sign_in(person)).execute(document, input=input))["answer"])


async def propose_version(environment: Environment, text: str) -> str:
    return str((await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text))["sha256"])


async def run_dry_run(environment: Environment, text: str, **input: object) -> dict[str, Any]:
    """Run a dry run of a proposal to its end."""
    answer = await start_dry_run(environment, ADMIN, sha256=await propose_version(environment, text), **input)
    assert answer["__typename"] == "StartDryRunPayload", answer
    await run_long_work(environment)
    admin = await environment.sign_in(ADMIN)
    query = "query Q($id: ID!) { dryRun(id: $id) { ...Tried } }"
    dry_run = dict((await admin.execute(query + DRY_RUN, "en", id=answer["id"]))["dryRun"])
    assert dry_run["progress"]["endedAt"]
    return dry_run


def count_commands(dry_run: dict[str, Any]) -> dict[str, int]:
    """Count the commands by outcome."""
    return {
        name: count
        for name in ("same", "different", "unknown")
        if (count := dry_run["progress"][f"{name}Count"])
    }


def list_groups(dry_run: dict[str, Any], outcome: str) -> list[tuple[Any, ...]]:
    """List the groups of commands with an outcome, without samples."""
    names = ("trigger", "fromState", "toState", "nextState", "reasons", "commandCount")
    groups = dry_run["commandGroups"]["nodes"]
    return [tuple(group[name] for name in names) for group in groups if group["outcome"] == outcome]


async def compose_plans(environment: Environment) -> None:
    """Store four plans: approved by the head, waiting below 32 points, approved by the system, and a draft."""
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    colleague = await environment.sign_in(COLLEAGUE)
    await complete_plan(colleague, rhk=TOO_FEW)
    await colleague.mutate_plan("submitPlan", 6, **ACKNOWLEDGED_POINTS)
    await submit_plan(environment, OF_TK, indikator={"indikator": "PAUD-PPE"})
    await (await environment.sign_in(PPPK)).start_plan()


async def test_version_with_other_texts_gives_the_same_states(
    environment: Environment,
) -> None:
    await compose_plans(environment)
    before = await environment.dump_tables()

    dry_run = await run_dry_run(environment, shipped_with("id: Diajukan,", "id: Sudah diajukan,"))

    assert (dry_run["progress"]["planCount"], dry_run["progress"]["replayedCount"]) == (4, 4)
    assert count_commands(dry_run) == {"same": 4}
    assert sorted(list_groups(dry_run, "SAME")) == [
        ("approve", "submitted", "approved", "approved", [], 1),
        ("submit", "draft", "auto_approved", "auto_approved", [], 1),
        ("submit", "draft", "submitted", "submitted", [], 2),
    ]
    assert await environment.dump_tables() == before


async def test_dry_run_counts_movable_plans_by_state_with_samples(environment: Environment) -> None:
    await compose_plans(environment)

    dry_run = await run_dry_run(environment, shipped_with("id: Diajukan,", "id: Sudah diajukan,"))

    assert {(one["state"], one["planCount"], one["newState"]) for one in dry_run["planGroups"]["nodes"]} == {
        ("approved", 1, "approved"), ("auto_approved", 1, "auto_approved"), ("draft", 1, "draft"),
        ("submitted", 1, "submitted"),
    }  # fmt: skip
    colleague = await environment.sign_in(COLLEAGUE)
    groups = dry_run["planGroups"]["nodes"]
    assert [one["samplePlans"] for one in groups if one["state"] == "submitted"] == [
        [{"id": colleague.plan_id}]
    ]


async def test_refusal_by_the_version_has_its_reason(environment: Environment) -> None:
    await compose_plans(environment)

    dry_run = await run_dry_run(environment, STRICT)

    assert count_commands(dry_run) == {"same": 3, "different": 1}
    assert list_groups(dry_run, "DIFFERENT") == [
        ("submit", "draft", "submitted", None, ["points.below_minimum"], 1)
    ]
    (sample,) = next(
        one["samples"] for one in dry_run["commandGroups"]["nodes"] if one["outcome"] == "DIFFERENT"
    )
    colleague = await environment.sign_in(COLLEAGUE)
    assert (sample["plan"]["id"], sample["version"]) == (colleague.plan_id, 7)
    assert "8" in sample["refusals"][0]


async def test_unrecorded_fact_makes_the_outcome_unknown(environment: Environment) -> None:
    await compose_plans(environment)

    dry_run = await run_dry_run(environment, AUTOMATIC)

    assert count_commands(dry_run) == {"same": 2, "unknown": 2}
    assert list_groups(dry_run, "UNKNOWN") == [("submit", "draft", "submitted", "auto_approved", ["head"], 2)]


async def test_state_map_applies_to_plans_and_commands(environment: Environment) -> None:
    await compose_plans(environment)

    unmapped = await run_dry_run(environment, rename_submitted())
    mapped = await run_dry_run(environment, rename_submitted(), stateMappings=STATE_MAPPINGS)

    stuck = [one for one in unmapped["planGroups"]["nodes"] if one["newState"] is None]
    assert [(one["state"], one["planCount"], one["problem"]["code"]) for one in stuck] == [
        ("submitted", 1, "moving.state_gone")
    ]
    assert count_commands(unmapped)["same"] == 1
    assert count_commands(mapped) == {"same": 4}
    assert all(one["newState"] for one in mapped["planGroups"]["nodes"])


async def test_command_is_replayed_by_the_version_of_its_event(environment: Environment) -> None:
    await compose_plans(environment)
    migration = await migrate_plans(environment, SHIPPED_SHA256, await approve_version(environment))
    await decide_as_head(
        environment, HEAD_OF_SD, await environment.sign_in(COLLEAGUE), "returnPlan", note="Lagi."
    )
    await roll_back_migration(environment, migration["id"])

    dry_run = await run_dry_run(environment, shipped_with("id: Disetujui,", "id: Telah disetujui,"))

    assert count_commands(dry_run) == {"same": 5}


async def test_batches_add_to_one_group_with_five_samples(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "BATCH_SIZE", 1)
    await compose_plans(environment)

    dry_run = await run_dry_run(environment, AUTOMATIC)

    (group,) = [one for one in dry_run["commandGroups"]["nodes"] if one["outcome"] == "UNKNOWN"]
    assert (group["commandCount"], len(group["samples"])) == (2, 2)
    assert count_commands(dry_run) == {"same": 2, "unknown": 2}


async def test_only_an_admin_can_start_and_read_a_dry_run(environment: Environment) -> None:
    for who in (PNS, HEAD_OF_SD):
        assert problem_codes(await start_dry_run(environment, who, sha256=SHIPPED_SHA256)) == [
            "actor.not_admin"
        ]
    assert await environment.sql("SELECT FROM dry_run") == []

    answer_of_admin = await start_dry_run(environment, ADMIN, sha256=SHIPPED_SHA256)

    teacher = await environment.sign_in(PNS)
    _, answer = await teacher.post({"query": f'{{ dryRun(id: "{answer_of_admin["id"]}") {{ id }} }}'})
    assert answer["errors"]
    assert not any((answer.get("data") or {}).values())


async def test_dry_run_of_a_version_that_does_not_fit_the_period_is_refused(environment: Environment) -> None:
    stars = "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
    without_value = await propose_version(environment, shipped_with("params:\n", stars))
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"sha256": "0" * 64}, ["workflow.unknown"]),
        ({"sha256": SHIPPED_SHA256, "period": "2099-1"}, ["period.unknown"]),
        ({"sha256": without_value}, ["workflow.parameter_missing"]),
        ({"sha256": SHIPPED_SHA256, "stateMappings": [
            {"fromState": "draft", "toState": "approved"}, {"fromState": "draft", "toState": "x"},
        ]},
         ["map.onward", "map.to_unknown", "map.twice"]),
    ]  # fmt: skip

    for given, expected in cases:
        assert problem_codes(await start_dry_run(environment, ADMIN, **given)) == expected

    assert await environment.sql("SELECT FROM dry_run") == []


async def test_number_of_statements_does_not_grow_with_plans(environment: Environment) -> None:
    await compose_plans(environment)
    sha256 = await propose_version(environment, shipped_with("id: Diajukan,", "id: Sudah diajukan,"))
    dry_run = await start_dry_run(environment, ADMIN, sha256=sha256)

    with counting_queries() as queries:
        await run_long_work(environment)
    with counting_queries() as reading:
        query = "query Q($id: ID!) { dryRun(id: $id) { ...Tried } }" + DRY_RUN
        answer = await (await environment.sign_in(ADMIN)).execute(query, id=dry_run["id"])

    assert len(answer["dryRun"]["planGroups"]["nodes"]) == 4
    # the dry run, its period, two lists, the versions of all groups with their acts, and the plans of all samples
    assert (len(queries), len(reading)) == (11, 9)
