"""An approved plan is corrected under a new workflow version, and the migration is rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from demo.correction import correction_workflow
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    problem_codes,
)
from tests.integration.planning.plan_migrations import (
    load_history,
    load_plan_versions,
    load_skipped_plans,
    migrate_plans,
    roll_back_migration,
)
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.test_dry_runs import count_commands, run_dry_run
from tests.integration.planning.verification import find_faults
from tests.integration.planning.workflow_versions import (
    SECOND,
    SHIPPED_SHA256,
    approve_version,
    expect_version,
)
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS, PPPK, fill_registry

REASON = "Indikator keliru dipilih."


@pytest.fixture
async def environment(fresh_url: Fresh, own_planning_database: Database) -> AsyncIterator[Environment]:
    async with (
        connect_database(await fresh_url("services.identity", fill_registry), "services.identity") as admins,
        environment_at(admins, own_planning_database) as environment,
    ):
        yield environment


async def buttons(person: Client, plan: str) -> dict[str, bool]:
    """Return the available transitions of a plan, and whether each is allowed."""
    query = "query Q($id: ID!) { plan(id: $id) { availableTransitions { trigger isAllowed } } }"
    transitions = (await person.execute(query, id=plan))["plan"]["availableTransitions"]
    return {entry["trigger"]: entry["isAllowed"] for entry in transitions}


async def fire(
    environment: Environment, user: int, plan: str, trigger: str, **arguments: object
) -> dict[str, Any]:
    """Fire a trigger of the new version and return the plan."""
    person = await environment.sign_in(user)
    version = (await person.load_plan(plan))["version"]
    arguments = {"planId": plan, "expectedVersion": version, "trigger": trigger, **arguments}
    answer = await person.mutate("firePlanTransition", arguments)
    assert answer["__typename"].endswith("Payload"), answer
    return answer


async def test_correction_workflow_from_publishing_to_reapproval(environment: Environment) -> None:
    """Dry run, publication, migration, correction, new approval, history, and the rollback."""
    teacher, superior = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    before = await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    colleague = await submit_plan(environment, COLLEAGUE)
    await decide_as_head(environment, HEAD_OF_SD, colleague, "approvePlan")
    await complete_plan(await environment.sign_in(PPPK))
    assert "requestCorrection" not in await buttons(teacher, teacher.plan_id)

    dry_run = await run_dry_run(environment, correction_workflow())
    assert count_commands(dry_run) == {"same": 4}
    assert all(group["newState"] == group["state"] for group in dry_run["planGroups"]["nodes"])
    sha = await approve_version(environment, correction_workflow())
    await expect_version(environment, SECOND, "publishWorkflowVersion", sha256=sha)
    migration = await migrate_plans(environment, SHIPPED_SHA256, sha)
    assert (migration["forward"]["movedCount"], migration["forward"]["skippedCount"]) == (3, 0)

    assert (await buttons(teacher, teacher.plan_id))["requestCorrection"]
    arguments = {"planId": teacher.plan_id, "expectedVersion": 9, "trigger": "requestCorrection"}
    assert problem_codes(await teacher.mutate("firePlanTransition", arguments)) == ["reason.missing"]
    assert problem_codes(await superior.mutate("firePlanTransition", {**arguments, "reason": REASON})) == [
        "actor.not_owner"
    ]
    request = await fire(environment, PNS, teacher.plan_id, "requestCorrection", reason=REASON)
    assert request["state"] == {
        "name": "correction_requested",
        "label": "Koreksi diminta",
        "phase": "APPROVED",
    }
    opened = await fire(environment, HEAD_OF_SD, teacher.plan_id, "grantCorrection")
    assert (opened["state"]["phase"], opened["revisionDueOn"]) == ("DRAFT", "2024-01-29")
    assert opened["content"] == before["content"]
    await teacher.mutate_plan("savePraktikKinerja", indikator="PK-UBK", then="NEXT")
    await teacher.mutate_plan("submitPlan")
    again = await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert (again["state"]["phase"], again["content"]["praktikKinerja"]) == ("APPROVED", "PK-UBK")

    transitions = await load_history(environment, PNS, "en")
    assert [sentence.partition("WIB: ")[2] for sentence in transitions[:6]] == [
        "Guru Contoh 9, principal of SD NEGERI CONTOH 01, approved this plan.",
        "Guru Contoh 1 submitted this plan.",
        "Guru Contoh 1 saved the tab Praktik Kinerja.",
        "Guru Contoh 9, principal of SD NEGERI CONTOH 01, chose “Allow the correction”; state of the plan: Draft.",
        "Guru Contoh 1 chose “Ask for a correction”; state of the plan: Correction requested. "
        "Reason: “Indikator keliru dipilih”.",
        "an admin moved this plan to another version of its workflow; its content is unchanged, state of the plan: "
        "Approved. Reason: “Koreksi dimungkinkan”.",
    ]

    back = await roll_back_migration(environment, migration["id"])
    assert (back["rollback"]["movedCount"], back["rollback"]["skippedCount"]) == (2, 1)
    (unchanged_plan,) = await load_skipped_plans(environment, migration["id"], "ROLLBACK", "en")
    assert unchanged_plan["plan"]["id"] == teacher.plan_id
    assert "(Ask for a correction, 15 January 2024" in unchanged_plan["problem"]["message"]
    versions = (await load_plan_versions(environment)).values()
    assert sorted((workflow == sha, state) for workflow, state, _ in versions) == [
        (False, "approved"), (False, "draft"), (True, "approved"),
    ]  # fmt: skip
    assert "requestCorrection" not in await buttons(colleague, colleague.plan_id)
    assert "requestCorrection" in await buttons(teacher, teacher.plan_id)
    assert await find_faults(environment) == []
