"""Two admins give a value for an upcoming version before the version is published."""

from __future__ import annotations

import re
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.environment import (
    Client,
    Environment,
    problem_codes,
    problem_path,
)
from tests.integration.planning.revisions import PERIOD_QUERY, close_proposal, dump_records, propose
from tests.integration.planning.workflow_versions import (
    SECOND,
    expect_version,
    mutate_version,
    publish_text,
    shipped_with,
)
from tests.small_registry import ADMIN
from workflows.files.loader import read_shipped


def asking_for(kind: str, bounds: str = "") -> str:
    """Return the shipped definition with another parameter without a default."""
    stars = f"  stars:\n    type: {kind}\n{bounds}    label: {{id: Bintang, en: Stars}}\n"
    return shipped_with("params:\n", f"params:\n{stars}")


NEEDS_MORE = asking_for("int", "    maximum: 5\n")
FIVE = {"stars": {"int": 5}}


@pytest.fixture
def environment(environment_of_own_database: Environment) -> Environment:
    return environment_of_own_database


@pytest.fixture
async def author(environment: Environment) -> Client:
    return await environment.sign_in(ADMIN)


@pytest.fixture
async def approver(environment: Environment) -> Client:
    return await environment.sign_in(SECOND)


async def draft_version(environment: Environment, text: str) -> str:
    return str((await expect_version(environment, ADMIN, "proposeWorkflowVersion", yaml=text))["sha256"])


def places(answer: dict[str, Any]) -> list[str]:
    """Return the codes and paths of an answer."""
    problem_codes(answer)
    return [f"{one['code']}@{problem_path(one)}" for one in answer["problems"]]


async def test_value_is_proposed_for_a_draft_that_is_published_afterwards(
    environment: Environment, author: Client, approver: Client
) -> None:
    sha = await draft_version(environment, NEEDS_MORE)
    await expect_version(environment, SECOND, "approveWorkflowVersion", sha256=sha)
    assert problem_codes(await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)) == [
        "workflow.parameter_missing"
    ]
    proposal = await propose(author, "en", **FIVE)
    assert [change["sentence"] for change in proposal["revision"]["changes"]] == ["Stars: set to 5."]
    assert (await close_proposal(approver, "approveChangeRequest", proposal))["state"] == "EXECUTED"
    assert (await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha))[
        "status"
    ] == "PUBLISHED"


async def test_upcoming_value_is_shown_with_its_label(
    environment: Environment, author: Client, approver: Client
) -> None:
    await draft_version(environment, NEEDS_MORE)
    await close_proposal(approver, "approveChangeRequest", await propose(author, **FIVE))
    period = (await author.execute(PERIOD_QUERY))["period"]
    change_with_label = {"name": "stars", "before": None, "after": "5", "sentence": "Bintang: ditetapkan 5."}
    assert change_with_label in [change for one in period["revisions"]["nodes"] for change in one["changes"]]
    assert [one["revision"]["changes"] for one in period["changeRequests"]["nodes"]] == [
        [{"sentence": change_with_label["sentence"]}]
    ]


async def test_upcoming_parameters_are_optional_in_other_proposals(
    environment: Environment, author: Client
) -> None:
    await draft_version(environment, NEEDS_MORE)
    assert (await propose(author, revision_days={"int": 20}))["__typename"] == "ProposePeriodRevisionPayload"


@pytest.mark.parametrize(
    ("value", "problem"),
    [({"int": 6}, "value.out_of_bounds@input.values.0.value"),
     ({"bool": True}, "value.int_expected@input.values.0.value")],
)  # fmt: skip
async def test_upcoming_value_must_have_the_type_and_bounds_of_its_version(
    environment: Environment, author: Client, value: dict[str, object], problem: str
) -> None:
    await draft_version(environment, NEEDS_MORE)
    before = await dump_records(environment)
    assert places(await propose(author, stars=value)) == [problem]
    assert await dump_records(environment) == before


async def test_newer_of_two_upcoming_versions_declares_the_parameter(
    environment: Environment, author: Client
) -> None:
    await draft_version(environment, asking_for("bool"))
    await draft_version(environment, NEEDS_MORE)
    assert places(await propose(author, stars={"bool": True})) == ["value.int_expected@input.values.0.value"]
    assert (await propose(author, **FIVE))["__typename"] == "ProposePeriodRevisionPayload"


async def test_undeclared_name_is_refused_with_the_declared_names(
    environment: Environment, author: Client
) -> None:
    await draft_version(environment, NEEDS_MORE)
    answer = await propose(author, planets={"int": 5})
    assert places(answer) == ["value.unknown@input.values.0.name"]
    assert "revision_days" in answer["problems"][0]["message"]
    assert "stars" in answer["problems"][0]["message"]


async def test_value_of_a_retired_version_cannot_be_approved(
    environment: Environment, author: Client, approver: Client
) -> None:
    sha = await draft_version(environment, NEEDS_MORE)
    proposal = await propose(author, **FIVE)
    await expect_version(environment, SECOND, "retireWorkflowVersion", sha256=sha)
    before = await dump_records(environment)
    assert places(await close_proposal(approver, "approveChangeRequest", proposal)) == [
        "value.unknown@input.changeRequestId"
    ]
    assert await dump_records(environment) == before
    assert (await close_proposal(author, "withdrawChangeRequest", proposal))["state"] == "WITHDRAWN"
    assert places(await propose(author, **FIVE)) == ["value.unknown@input.values.0.name"]


BANNER = re.search(r"  plt_banner_from:\n.*?(?=  plt_confirmation_from:)", read_shipped().decode(), re.S)
assert BANNER, "the shipped definition declares it"
WITHOUT = (
    read_shipped().decode().replace(BANNER[0], "").replace("    not_before: plt_banner_from\n", "")
    .replace("banner_from: plt_banner_from", "banner_from: plt_confirmation_from")
)  # fmt: skip


async def test_parameter_keeps_its_type_within_a_period(
    environment: Environment, own_planning_database: Database, author: Client
) -> None:
    await publish_text(own_planning_database, WITHOUT)
    assert BANNER
    with_number = "params:\n" + BANNER[0].replace("date", "int")
    await draft_version(environment, WITHOUT.replace("params:\n", with_number))
    before = await dump_records(environment)
    answer = await propose(author, "en", plt_banner_from={"int": 5})
    assert places(answer) == ["period.value_of_another_type@input.values.0.value"]
    assert "1 February 2024" in answer["problems"][0]["message"]
    assert await dump_records(environment) == before
