"""`rencana api`: commands of admins, in a process of their own, against planning over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from services.planning.api.ids import workflow_version_id
from tests.composed import ROOT
from tests.integration.planning.environment import Environment
from tests.integration.planning.plan_migrations import run_long_work
from tests.integration.planning.plans import submit_plan
from tests.integration.planning.revisions import SECOND_ADMIN, dump_records
from tests.integration.planning.root_fields import OTHER_CATALOG
from tests.integration.planning.workflow_versions import OTHER_DEFINITION, SHIPPED_SHA256, UNSOUND
from tests.small_registry import ADMIN, COLLEAGUE, PNS, SD

DONE, FAILED, REFUSED = 0, 1, 2


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


async def run(environment: Environment, user: int | str, *words: str) -> tuple[int, str, str]:
    """Run `rencana api …` as a person. Returns the exit code, stdout and stderr."""
    token = (await environment.sign_in(user)).headers["authorization"].removeprefix("Bearer ")
    variables = {
        **os.environ, "RENCANA_TOKEN": token, "RENCANA_PLANNING_URL": str(environment.planning._base_url),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    program = "from services.cli import main; main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, "api", *words, env=variables,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


async def test_two_admins_change_a_catalogue(environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(OTHER_CATALOG)
    propose = ("propose-catalog", "--yaml", str(file), "--reason", "Surat edaran contoh.", "--json")
    code, output, _ = await run(environment, ADMIN, *propose)
    request = json.loads(output)["changeRequest"]
    assert (code, request["state"]) == (DONE, "PROPOSED")

    code, output, _ = await run(environment, ADMIN, "change-requests")
    assert (code, "PROPOSED" in output, request["id"] in output) == (DONE, True, True)

    approve = ("approve-change-request", "--change-request-id", request["id"], "--reason", "Setuju.")
    code, output, errors = await run(environment, ADMIN, *approve, "--language", "en")
    assert (code, output) == (REFUSED, "")
    assert "(change_request.is_yours)" in errors

    code, output, _ = await run(environment, SECOND_ADMIN, *approve)
    assert (code, "state: EXECUTED" in output) == (DONE, True)


async def test_admin_lists_schools(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    words = ("schools", "--has-waiting-plans", "true", "--field", "npsn", "--direction", "desc", "--json")
    code, output, errors = await run(environment, ADMIN, *words)
    assert (code, errors) == (DONE, "")
    assert [(edge["node"]["npsn"], edge["waitingPlanCount"]) for edge in json.loads(output)["edges"]] == [
        (SD, 1)
    ]


async def test_refused_caller_changes_nothing(environment: Environment, tmp_path: Path) -> None:
    before = await dump_records(environment)
    file = tmp_path / "catalog.yaml"
    file.write_text(OTHER_CATALOG)
    code, output, errors = await run(
        environment, COLLEAGUE, "propose-catalog", "--yaml", str(file), "--reason", "Coba."
    )
    assert (code in {FAILED, REFUSED}, output) == (True, "")
    assert "(actor.not_admin)" in errors
    assert await dump_records(environment) == before


async def test_lists_are_tables_with_whole_ids(environment: Environment) -> None:
    for words in (("workflow-versions",), ("plan-statistics",), ("period", "--code", "2024-1")):
        code, output, errors = await run(environment, ADMIN, *words)
        assert (code, errors) == (DONE, "")
        assert "{" not in output
    _, output, _ = await run(environment, ADMIN, "workflow-versions")
    assert workflow_version_id(SHIPPED_SHA256) in output
    assert await run(environment, ADMIN, "timer-incidents") == (DONE, "(none)\n", "")


async def test_findings_of_the_linter_are_shown_with_an_example(
    environment: Environment, tmp_path: Path
) -> None:
    file = tmp_path / "workflow.yaml"
    file.write_text(UNSOUND)
    code, output, errors = await run(
        environment, ADMIN, "propose-workflow-version", "--yaml", str(file), "--reason", "Coba.",
    )  # fmt: skip
    assert (code, output) == (REFUSED, "")
    assert "(lint." in errors
    assert "\n    " in errors, "the example is below its finding"


async def test_wait_follows_a_dry_run_to_its_end(environment: Environment, tmp_path: Path) -> None:
    await submit_plan(environment, PNS)
    file = tmp_path / "workflow.yaml"
    file.write_text(OTHER_DEFINITION)
    propose = ("propose-workflow-version", "--yaml", str(file), "--reason", "Coba.", "--json")
    _, output, _ = await run(environment, ADMIN, *propose)
    version = json.loads(output)["workflowVersion"]["id"]
    dry_run = asyncio.create_task(
        run(
            environment,
            ADMIN,
            "start-dry-run",
            "--workflow-version-id",
            version,
            "--period",
            "2024-1",
            "--wait",
        )
    )
    while not dry_run.done():
        await run_long_work(environment)
        await asyncio.sleep(0.2)
    code, output, errors = await dry_run
    assert code == DONE
    assert "planCount 1" in errors
    assert "endedAt: 20" in output


async def test_missing_option_is_named(environment: Environment) -> None:
    code, _, errors = await run(environment, ADMIN, "approve-change-request", "--reason", "Setuju.")
    assert (code, "--change-request-id" in errors) == (REFUSED, True)


async def test_invalid_json_of_an_option_is_named(environment: Environment) -> None:
    code, _, errors = await run(
        environment, ADMIN, "propose-period-revision", "--period", "2024-1", "--reason", "Surat.",
        "--values", "planning_closes",
    )  # fmt: skip
    assert (code, "--values takes JSON" in errors) == (REFUSED, True)


async def test_address_elsewhere_must_be_https(environment: Environment) -> None:
    code, _, errors = await run(environment, ADMIN, "--planning", "http://rencana.example", "change-requests")
    assert (code, "neither https nor an address of this machine" in errors) == (REFUSED, True)
