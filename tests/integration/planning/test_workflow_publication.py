"""Admins publish workflow versions over GraphQL, and releases publish or propose theirs."""

from __future__ import annotations

import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning import reference_data as reference
from tests.integration.planning.environment import (
    JANUARY,
    Environment,
    environment_at,
    planning_at,
    problem_codes,
)
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.workflow_versions import (
    NEEDS_MORE,
    NEW_YEAR,
    OTHER_DEFINITION,
    REASON,
    SECOND,
    SHIPPED_SHA256,
    UNSOUND,
    approve_version,
    dump_versions,
    expect_version,
    load_version,
    mutate_version,
    sha_of,
    shipped_with,
    workflow_of,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    PNS,
)
from workflows.files.loader import load_definition, read_shipped
from workflows.model.canonical import canonical_json
from workflows.model.definition import Definition

OTHER_TYPE = shipped_with(
    "  revision_days:\n    type: int\n    default: 7\n    minimum: 1\n    maximum: 366\n",
    "  revision_days:\n    type: int\n    default: 3\n    minimum: 1\n    maximum: 5\n",
)


@pytest.fixture
def environment(environment_with_admins: Environment) -> Environment:
    return environment_with_admins


async def add_revision(environment: Environment, number: int, values: str) -> None:
    """Add a revision of the period with more values, effective since the new year."""
    await environment.sql(
        "INSERT INTO period_revision (period, number, values, author, approver, reason, effective_from) "
        "SELECT period, $1, values || $3::jsonb, author, approver, reason, $2 FROM period_revision "
        "WHERE number = 1", number, NEW_YEAR, values,
    )  # fmt: skip


async def test_new_plans_use_a_published_version_and_existing_plans_keep_theirs(
    environment: Environment,
) -> None:
    old = await submit_plan(environment, PNS)
    proposal = await expect_version(
        environment, ADMIN, "proposeWorkflowVersion", yaml=OTHER_DEFINITION, reason="Kata yang lebih jelas"
    )
    sha = proposal["sha256"]
    assert (sha, proposal["status"], proposal["basedOn"]["sha256"], proposal["replayed"]) == (
        sha_of(OTHER_DEFINITION),
        "PROPOSED",
        SHIPPED_SHA256,
        False,
    )
    assert (await expect_version(environment, SECOND, "approveWorkflowVersion", sha256=sha))[
        "status"
    ] == "APPROVED"
    await submit_plan(environment, COLLEAGUE)
    assert await workflow_of(environment, COLLEAGUE) == SHIPPED_SHA256
    published = await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
    assert published["status"] == "PUBLISHED"
    acts = [
        (one["status"], one["reason"], one["actor"]["role"], one["actor"]["isViewer"])
        for one in published["acts"]
    ]
    assert acts == [
        ("PROPOSED", "Kata yang lebih jelas", "ADMIN", True),
        ("APPROVED", REASON, "ADMIN", False),
        ("PUBLISHED", REASON, "ADMIN", True),
    ]
    new = await environment.sign_in(HEAD_OF_SD)
    assert (await load_version(await environment.sign_in(SECOND), "sha256 status"))["sha256"] == sha
    assert (await load_version(await environment.sign_in(SECOND), "status", SHIPPED_SHA256))[
        "status"
    ] == "APPROVED"
    assert (await old.load_plan())["state"]["label"] == "Diajukan"
    assert (await decide_as_head(environment, HEAD_OF_SD, old, "approvePlan"))["state"]["phase"] == "APPROVED"
    assert new.ptk_id is not None


async def test_new_plan_has_the_labels_of_the_published_version(environment: Environment) -> None:
    sha = await approve_version(environment)
    await expect_version(environment, SECOND, "publishWorkflowVersion", sha256=sha)
    teacher = await submit_plan(environment, PNS)
    assert (await teacher.load_plan())["state"]["label"] == "Sudah diajukan"
    assert await workflow_of(environment, PNS) == sha


async def test_published_version_is_used_by_every_process_at_once(
    environment: Environment, own_planning_database: Database
) -> None:
    sha = await approve_version(environment)
    async with planning_at(own_planning_database, JANUARY, str(environment.identity._base_url)) as second:
        beside = Environment(environment.now, environment.identity, second, own_planning_database)
        await complete_plan(await beside.sign_in(PNS))
        await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
        await complete_plan(await beside.sign_in(COLLEAGUE))
    assert (await workflow_of(environment, PNS), await workflow_of(environment, COLLEAGUE)) == (
        SHIPPED_SHA256,
        sha,
    )


async def test_publishing_an_older_version_again_is_a_separate_act(
    environment: Environment,
) -> None:
    sha = await approve_version(environment)
    await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
    back = await expect_version(
        environment, SECOND, "publishWorkflowVersion", sha256=SHIPPED_SHA256, reason="Kembali ke semula"
    )
    assert [(one["status"], one["actor"]["role"]) for one in back["acts"]] == [
        ("PUBLISHED", "RELEASE"), ("PUBLISHED", "ADMIN"),
    ]  # fmt: skip
    await submit_plan(environment, PNS)
    assert await workflow_of(environment, PNS) == SHIPPED_SHA256


async def test_shipped_definition_is_a_proposal_once_there_are_plans(
    environment: Environment, own_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await complete_plan(await environment.sign_in(PNS))
    text = shipped_with("id: Disetujui,", "id: Telah disetujui,")
    monkeypatch.setattr(reference, "load_shipped", lambda: load_definition(text))
    for _ in range(2):
        with own_planning_database.active():
            await reference.store_shipped_workflow(Clock(JANUARY), own_planning_database.connection)
    assert (await load_version(await environment.sign_in(ADMIN), "sha256"))["sha256"] == SHIPPED_SHA256
    assert (await load_version(await environment.sign_in(ADMIN), "status", sha_of(text)))[
        "status"
    ] == "PROPOSED"
    await expect_version(environment, ADMIN, "approveWorkflowVersion", sha256=sha_of(text))
    assert (await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha_of(text)))[
        "status"
    ] == "PUBLISHED"


async def test_plans_of_a_retired_version_can_be_decided(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await expect_version(
        environment, ADMIN, "publishWorkflowVersion", sha256=await approve_version(environment)
    )
    assert (await expect_version(environment, ADMIN, "retireWorkflowVersion", sha256=SHIPPED_SHA256))[
        "status"
    ] == "RETIRED"
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan"))["state"][
        "phase"
    ] == "APPROVED"
    assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_publishing_names_a_value_that_a_period_lacks(environment: Environment) -> None:
    sha = await approve_version(environment, NEEDS_MORE)
    before = await dump_versions(environment)
    answer = await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
    assert problem_codes(answer) == ["workflow.parameter_missing"]
    assert all(word in answer["problems"][0]["message"] for word in ("stars", "2024-1"))
    assert await dump_versions(environment) == before
    await add_revision(environment, 3, '{"stars": 9}')
    answer = await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
    assert problem_codes(answer) == ["workflow.parameter_unfit"]
    assert "9 di luar batas" in answer["problems"][0]["message"]
    await add_revision(environment, 4, '{"stars": 4}')
    assert (await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha))[
        "status"
    ] == "PUBLISHED"


async def test_publishing_names_a_value_out_of_bounds_and_skips_ended_periods(
    environment: Environment, own_planning_database: Database, registry_with_admins: Database
) -> None:
    sha = await approve_version(environment, OTHER_TYPE)
    assert problem_codes(await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)) == [
        "workflow.parameter_unfit"
    ]
    async with environment_at(
        registry_with_admins, own_planning_database, JANUARY.replace(month=7, day=2)
    ) as july:
        assert (await expect_version(july, ADMIN, "publishWorkflowVersion", sha256=sha))[
            "status"
        ] == "PUBLISHED"


async def test_version_that_a_later_linter_refuses_cannot_be_published(environment: Environment) -> None:
    body = canonical_json(load_definition(UNSOUND)).decode()
    sha = sha_of(UNSOUND)
    await environment.sql(
        "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, 'perencanaan-kinerja', $2, $3)",
        sha, body, NEW_YEAR,
    )  # fmt: skip
    await environment.sql(
        "INSERT INTO admin_act (subject, act, actor_kind, account, reason, at, detail) SELECT "
        "'workflow perencanaan-kinerja', act, 'operator', 'Sari', '', $2, jsonb_build_object('sha256', $1::text) "
        "FROM unnest(ARRAY['published', 'published']) AS act", sha, NEW_YEAR,
    )  # fmt: skip
    await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=SHIPPED_SHA256)
    before = await dump_versions(environment)
    answer = await mutate_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
    assert "lint.unreachable" in problem_codes(answer)
    assert answer["problems"][0]["inputPath"] == ["workflowVersionId"]
    assert await dump_versions(environment) == before


async def test_next_release_proposes_its_definition_once_admins_have_published(
    environment: Environment, own_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start_release(text: str) -> None:
        monkeypatch.setattr(reference, "load_shipped", lambda: load_definition(text))
        with own_planning_database.active():
            await reference.store_shipped_workflow(Clock(NEW_YEAR), own_planning_database.connection)

    admin = await environment.sign_in(ADMIN)
    second_release = shipped_with("id: Disetujui,", "id: Telah disetujui,")
    await start_release(second_release)
    assert (await load_version(admin, "sha256"))["sha256"] == sha_of(second_release)
    await start_release(read_shipped().decode())  # the previous release, which still runs
    assert (await load_version(admin, "sha256"))["sha256"] == sha_of(second_release)
    sha = await approve_version(environment)
    await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha)
    third_release = shipped_with("id: Disetujui,", "id: Sah,")
    await start_release(third_release)
    await start_release(third_release)
    assert (await load_version(admin, "sha256"))["sha256"] == sha
    shipped_version = await load_version(
        admin, "status acts { status actor { role nama account } }", sha_of(third_release)
    )
    assert shipped_version["status"] == "PROPOSED"
    assert [(one["status"], one["actor"]["role"]) for one in shipped_version["acts"]] == [
        ("PROPOSED", "RELEASE")
    ]
    assert shipped_version["acts"][0]["actor"]["nama"].startswith("rencana ")
    await expect_version(environment, ADMIN, "approveWorkflowVersion", sha256=sha_of(third_release))
    await expect_version(environment, ADMIN, "publishWorkflowVersion", sha256=sha_of(third_release))


async def test_release_proposes_its_definition_if_a_period_lacks_a_value(
    environment: Environment, own_planning_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    needy = shipped_with(
        "params:\n", "params:\n  bintang:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
    )
    monkeypatch.setattr(reference, "load_shipped", lambda: load_definition(needy))
    for _ in range(2):
        with own_planning_database.active():
            await reference.store_shipped_workflow(Clock(NEW_YEAR), own_planning_database.connection)
    admin = await environment.sign_in(ADMIN)
    assert (await load_version(admin, "sha256"))["sha256"] == SHIPPED_SHA256
    shipped_version = await load_version(admin, "status acts { status }", sha_of(needy))
    assert shipped_version == {"status": "PROPOSED", "acts": [{"status": "PROPOSED"}]}
    await submit_plan(environment, PNS)
    assert await workflow_of(environment, PNS) == SHIPPED_SHA256


def test_texts_of_this_module_are_not_the_shipped_definition() -> None:
    definitions: list[Definition] = [
        load_definition(text) for text in (OTHER_DEFINITION, UNSOUND, NEEDS_MORE, OTHER_TYPE)
    ]
    assert len(
        {sha_of(text) for text in (OTHER_DEFINITION, UNSOUND, NEEDS_MORE, OTHER_TYPE)} - {SHIPPED_SHA256}
    ) == len(definitions)
