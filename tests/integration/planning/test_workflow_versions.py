"""Admins draft, approve, publish and retire workflow versions over GraphQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.change_request import EXPIRES_AFTER
from services.kit.clock import Clock
from services.kit.database import Database
from services.planning import reference_data as reference
from tests.identity_samples import ptk
from tests.integration.planning.concurrency import run_concurrently
from tests.integration.planning.environment import (
    JANUARY,
    Environment,
    environment_at,
    planning_at,
    problem_codes,
)
from tests.integration.planning.plans import complete_plan, decide_as_head, submit_plan
from tests.integration.planning.workflow_versions import (
    NEW_YEAR,
    OTHER_DEFINITION,
    REASON,
    SECOND,
    SHIPPED_SHA256,
    approve_version,
    expect_version,
    load_version,
    mutate_version,
    sha_of,
    shipped_with,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    OTHER_ACCOUNT,
    PLT_OF_TK,
    PNS,
)
from workflows.files.loader import load_definition, load_shipped, read_shipped
from workflows.model.canonical import canonical_json
from workflows.model.definition import Definition

ACTS = ("draftWorkflow", "approveWorkflow", "rejectWorkflow", "publishWorkflow", "retireWorkflow")
UNSOUND = shipped_with("from: submitted\n    to: approved\n", "from: submitted\n    to: draft\n")
NEEDS_MORE = shipped_with(
    "params:\n", "params:\n  stars:\n    type: int\n    maximum: 5\n    label: {id: Bintang, en: Stars}\n"
)
OTHER_TYPE = shipped_with(
    "  revision_days:\n    type: int\n    default: 7\n    minimum: 1\n    maximum: 366\n",
    "  revision_days:\n    type: int\n    default: 3\n    minimum: 1\n    maximum: 5\n",
)


@pytest.fixture
async def environment(
    registry_with_admins: Database, own_planning_database: Database
) -> AsyncIterator[Environment]:
    async with environment_at(registry_with_admins, own_planning_database) as environment:
        yield environment


async def list_versions(environment: Environment) -> list[dict[str, Any]]:
    """Dump everything that acts write."""
    versions = await environment.sql("SELECT v::text AS row FROM workflow_version v ORDER BY sha256")
    return [*versions, *await environment.sql("SELECT a::text AS row FROM admin_act a ORDER BY id")]


async def workflow_of(environment: Environment, teacher: int) -> str:
    (row,) = await environment.sql("SELECT workflow FROM plan WHERE ptk_id = $1", ptk(teacher))
    return str(row["workflow"])


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
    draft = await expect_version(
        environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION, reason="Kata yang lebih jelas"
    )
    sha = draft["sha256"]
    assert (sha, draft["status"], draft["parent"], draft["replayed"]) == (
        sha_of(OTHER_DEFINITION),
        "DRAFTED",
        SHIPPED_SHA256,
        False,
    )
    assert (await expect_version(environment, SECOND, "approveWorkflow", sha256=sha))["status"] == "APPROVED"
    await submit_plan(environment, COLLEAGUE)
    assert await workflow_of(environment, COLLEAGUE) == SHIPPED_SHA256
    published = await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha)
    assert published["status"] == "PUBLISHED"
    acts = [
        (one["act"], one["reason"], one["by"]["kind"], one["by"]["isViewer"]) for one in published["acts"]
    ]
    assert acts == [
        ("DRAFTED", "Kata yang lebih jelas", "ADMIN", True),
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
    await expect_version(environment, SECOND, "publishWorkflow", sha256=sha)
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
        await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha)
        await complete_plan(await beside.sign_in(COLLEAGUE))
    assert (await workflow_of(environment, PNS), await workflow_of(environment, COLLEAGUE)) == (
        SHIPPED_SHA256,
        sha,
    )


async def test_publishing_an_older_version_again_is_a_separate_act(
    environment: Environment,
) -> None:
    sha = await approve_version(environment)
    await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha)
    back = await expect_version(
        environment, SECOND, "publishWorkflow", sha256=SHIPPED_SHA256, reason="Kembali ke semula"
    )
    assert [(one["act"], one["by"]["kind"]) for one in back["acts"]] == [
        ("PUBLISHED", "RELEASE"), ("PUBLISHED", "ADMIN"),
    ]  # fmt: skip
    await submit_plan(environment, PNS)
    assert await workflow_of(environment, PNS) == SHIPPED_SHA256


@pytest.mark.parametrize(
    ("text", "code"), [(UNSOUND, "lint."), ("on: {a: 1}\non: 2\n", "yaml."), ("- a", "")]
)
async def test_definition_with_findings_is_refused_and_not_stored(
    environment: Environment, text: str, code: str
) -> None:
    before = await list_versions(environment)
    answer = await mutate_version(environment, ADMIN, "draftWorkflow", yaml=text)
    assert answer["__typename"] == "Refused"
    assert all(
        one["code"].startswith(code) and one["path"] == ["input", "yaml"] for one in answer["problems"]
    )
    assert {one["__typename"] for one in answer["problems"]} == {"WorkflowProblem"}
    assert await list_versions(environment) == before


async def test_finding_has_place_line_and_witness_in_the_readers_language(
    environment: Environment,
) -> None:
    problems = (await mutate_version(environment, ADMIN, "draftWorkflow", yaml=UNSOUND))["problems"]
    (problem,) = (one for one in problems if one["code"] == "lint.unreachable")
    assert problem["place"] == "states.approved"
    assert UNSOUND.splitlines()[problem["line"] - 1] == "  approved:"
    assert problem["witness"][0].startswith("Tidak satu pun perintah")
    assert "status approved" in problem["message"]


async def test_missing_reason_is_reported_together_with_the_findings(environment: Environment) -> None:
    before = await list_versions(environment)
    codes = problem_codes(await mutate_version(environment, ADMIN, "draftWorkflow", yaml=UNSOUND, reason=" "))
    assert codes[0] == "reason.missing"
    assert len(codes) > 1
    assert await list_versions(environment) == before
    sha = await approve_version(environment)
    before = await list_versions(environment)
    for mutation in ACTS[1:]:
        assert "text.too_long" in problem_codes(
            await mutate_version(environment, ADMIN, mutation, sha256=sha, reason="a" * 2_001)
        )
    assert await list_versions(environment) == before


async def test_same_content_again_returns_the_stored_version_with_its_author(
    environment: Environment,
) -> None:
    first = await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION)
    before = await list_versions(environment)
    again = await expect_version(
        environment, SECOND, "draftWorkflow", yaml="# another comment\n" + OTHER_DEFINITION
    )
    assert (again["sha256"], again["replayed"], again["acts"][0]["at"]) == (
        first["sha256"], True, first["acts"][0]["at"],
    )  # fmt: skip
    assert await list_versions(environment) == before
    assert problem_codes(
        await mutate_version(environment, ADMIN, "approveWorkflow", sha256=first["sha256"])
    ) == ["change_request.is_yours"]


async def test_author_with_another_account_cannot_approve(environment: Environment) -> None:
    sha = (await expect_version(environment, PNS, "draftWorkflow", yaml=OTHER_DEFINITION))["sha256"]
    before = await list_versions(environment)
    assert problem_codes(await mutate_version(environment, OTHER_ACCOUNT, "approveWorkflow", sha256=sha)) == [
        "change_request.is_yours"
    ]
    assert await list_versions(environment) == before
    assert (await expect_version(environment, ADMIN, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


@pytest.mark.parametrize("mutation", ACTS)
@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_caller_who_is_not_an_admin_is_refused(
    environment: Environment, user: int, mutation: str
) -> None:
    sha = (await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))["sha256"]
    before = await list_versions(environment)
    arguments: dict[str, object] = {"yaml": NEEDS_MORE} if mutation == "draftWorkflow" else {"sha256": sha}
    answer = await mutate_version(environment, user, mutation, **arguments)
    assert (problem_codes(answer), answer["standing"]) == (["actor.not_admin"], None)
    assert await list_versions(environment) == before


@pytest.mark.parametrize("mutation", ACTS)
async def test_anonymous_caller_is_refused(environment: Environment, mutation: str) -> None:
    before = await list_versions(environment)
    kind = "DraftWorkflow" if mutation == "draftWorkflow" else "WorkflowAct"
    arguments = {"reason": REASON} | (
        {"yaml": OTHER_DEFINITION} if mutation == "draftWorkflow" else {"sha256": SHIPPED_SHA256}
    )
    query = f"mutation M($input: {kind}Input!) {{ {mutation}(input: $input) {{ __typename }} }}"
    _, answer = await environment.anonymous().post({"query": query, "variables": {"input": arguments}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await list_versions(environment) == before


@pytest.mark.parametrize("query", ["{ workflow { sha256 } }", "{ workflows { edges { cursor } } }"])
@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SD, PLT_OF_TK])
async def test_only_admins_read_versions(environment: Environment, user: int, query: str) -> None:
    _, answer = await (await environment.sign_in(user)).post({"query": query})
    assert [error["extensions"]["problem"]["code"] for error in answer["errors"]] == ["actor.not_admin"]


async def test_status_change_that_is_not_possible_is_refused(environment: Environment) -> None:
    async def find_refusal(mutation: str, sha256: str, user: str = SECOND) -> str:
        before = await list_versions(environment)
        (code,) = problem_codes(await mutate_version(environment, user, mutation, sha256=sha256))
        assert await list_versions(environment) == before
        return code

    for mutation in ACTS[1:]:
        assert await find_refusal(mutation, "0" * 64) == "workflow.unknown"
        assert await find_refusal(mutation, "DROP TABLE plan") == "workflow.unknown"
    sha = (await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))["sha256"]
    assert await find_refusal("publishWorkflow", sha) == "workflow.not_approved"
    assert await find_refusal("approveWorkflow", sha, ADMIN) == "change_request.is_yours"
    await expect_version(environment, SECOND, "approveWorkflow", sha256=sha)
    assert await find_refusal("approveWorkflow", sha) == "workflow.approved_already"
    assert await find_refusal("retireWorkflow", SHIPPED_SHA256) == "workflow.in_use"
    assert await find_refusal("publishWorkflow", SHIPPED_SHA256) == "workflow.published_already"
    assert await find_refusal("rejectWorkflow", sha) == "workflow.approved_already"
    await expect_version(environment, ADMIN, "retireWorkflow", sha256=sha)
    for mutation in ("publishWorkflow", "approveWorkflow", "rejectWorkflow"):
        assert await find_refusal(mutation, sha) == "workflow.retired"
    assert await find_refusal("retireWorkflow", sha) == "workflow.retired_already"
    again = await expect_version(environment, SECOND, "draftWorkflow", yaml=OTHER_DEFINITION)
    assert (again["status"], again["replayed"]) == ("DRAFTED", False)
    assert await find_refusal("approveWorkflow", sha) == "change_request.is_yours"
    assert (await expect_version(environment, ADMIN, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


async def test_rejected_draft_cannot_be_published_until_it_is_drafted_again(environment: Environment) -> None:
    sha = (await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))["sha256"]
    before = await list_versions(environment)
    assert problem_codes(await mutate_version(environment, ADMIN, "rejectWorkflow", sha256=sha)) == [
        "change_request.is_yours"
    ]
    assert await list_versions(environment) == before

    rejected_version = await expect_version(environment, SECOND, "rejectWorkflow", sha256=sha)

    assert (rejected_version["status"], [one["act"] for one in rejected_version["acts"]]) == (
        "REJECTED",
        ["DRAFTED", "REJECTED"],
    )
    before = await list_versions(environment)
    for mutation in ("approveWorkflow", "publishWorkflow", "rejectWorkflow"):
        assert problem_codes(await mutate_version(environment, SECOND, mutation, sha256=sha)) == [
            "change_request.rejected"
        ]
    assert await list_versions(environment) == before
    assert (await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))[
        "status"
    ] == "DRAFTED"
    assert (await expect_version(environment, SECOND, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


async def test_a_draft_expires(
    environment: Environment, own_planning_database: Database, registry_with_admins: Database
) -> None:
    sha = (await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))["sha256"]
    async with environment_at(registry_with_admins, own_planning_database, JANUARY + EXPIRES_AFTER) as later:
        before = await list_versions(later)
        for mutation in ("approveWorkflow", "rejectWorkflow", "publishWorkflow"):
            assert problem_codes(await mutate_version(later, SECOND, mutation, sha256=sha)) == [
                "change_request.expired"
            ]
        assert (await load_version(await later.sign_in(SECOND), "status", sha))["status"] == "EXPIRED"
        assert await list_versions(later) == before
        assert not (await expect_version(later, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))["replayed"]
        assert (await expect_version(later, SECOND, "approveWorkflow", sha256=sha))["status"] == "APPROVED"


async def test_shipped_definition_is_a_draft_once_there_are_plans(
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
    ] == "DRAFTED"
    await expect_version(environment, ADMIN, "approveWorkflow", sha256=sha_of(text))
    assert (await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha_of(text)))[
        "status"
    ] == "PUBLISHED"


@pytest.mark.parametrize("name", ["a" * 5_000, "a" * 65, "é", ""])
async def test_version_with_an_arbitrary_name_is_not_found(environment: Environment, name: str) -> None:
    before, admin = await list_versions(environment), await environment.sign_in(ADMIN)
    for mutation in ACTS[1:]:
        assert problem_codes(await mutate_version(environment, ADMIN, mutation, sha256=name)) == [
            "workflow.unknown"
        ]
    if name:  # an empty parent means the published version
        assert problem_codes(
            await mutate_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION, parent=name)
        ) == ["workflow.parent_unknown"]
        answer = await admin.execute("query Q($sha: ID, $name: String!) { workflow(sha256: $sha) { status } "
                                "workflows(name: $name) { edges { cursor } } }", sha=name, name=name)  # fmt: skip
        assert answer == {"workflow": None, "workflows": {"edges": []}}
    _, answer = await admin.post({"query": f'{{ workflow {{ diff(to: "{name}") {{ class }} }} }}'})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["REFUSED"]
    assert await list_versions(environment) == before


async def test_plans_of_a_retired_version_can_be_decided(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await expect_version(environment, ADMIN, "publishWorkflow", sha256=await approve_version(environment))
    assert (await expect_version(environment, ADMIN, "retireWorkflow", sha256=SHIPPED_SHA256))[
        "status"
    ] == "RETIRED"
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan"))["state"][
        "phase"
    ] == "APPROVED"
    assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_parent_must_be_a_version_of_the_same_workflow(environment: Environment) -> None:
    before = await list_versions(environment)
    assert problem_codes(
        await mutate_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION, parent="0" * 64)
    ) == ["workflow.parent_unknown"]
    assert await list_versions(environment) == before
    sha = await approve_version(environment)
    child = await expect_version(environment, ADMIN, "draftWorkflow", yaml=NEEDS_MORE, parent=sha)
    assert child["parent"] == sha


async def test_publishing_names_a_value_that_a_period_lacks(environment: Environment) -> None:
    sha = await approve_version(environment, NEEDS_MORE)
    before = await list_versions(environment)
    answer = await mutate_version(environment, ADMIN, "publishWorkflow", sha256=sha)
    assert problem_codes(answer) == ["workflow.parameter_missing"]
    assert all(word in answer["problems"][0]["message"] for word in ("stars", "2024-1"))
    assert await list_versions(environment) == before
    await add_revision(environment, 3, '{"stars": 9}')
    answer = await mutate_version(environment, ADMIN, "publishWorkflow", sha256=sha)
    assert problem_codes(answer) == ["workflow.parameter_unfit"]
    assert "9 di luar batas" in answer["problems"][0]["message"]
    await add_revision(environment, 4, '{"stars": 4}')
    assert (await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha))["status"] == "PUBLISHED"


async def test_publishing_names_a_value_out_of_bounds_and_skips_ended_periods(
    environment: Environment, own_planning_database: Database, registry_with_admins: Database
) -> None:
    sha = await approve_version(environment, OTHER_TYPE)
    assert problem_codes(await mutate_version(environment, ADMIN, "publishWorkflow", sha256=sha)) == [
        "workflow.parameter_unfit"
    ]
    async with environment_at(
        registry_with_admins, own_planning_database, JANUARY.replace(month=7, day=2)
    ) as july:
        assert (await expect_version(july, ADMIN, "publishWorkflow", sha256=sha))["status"] == "PUBLISHED"


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
    await expect_version(environment, ADMIN, "publishWorkflow", sha256=SHIPPED_SHA256)
    before = await list_versions(environment)
    answer = await mutate_version(environment, ADMIN, "publishWorkflow", sha256=sha)
    assert "lint.unreachable" in problem_codes(answer)
    assert answer["problems"][0]["path"] == ["input", "sha256"]
    assert await list_versions(environment) == before


async def test_definition_that_could_not_be_returned_as_yaml_is_refused(environment: Environment) -> None:
    # The text is within the limit. Its canonical JSON is beyond it, so that no process could read it.
    rows = "".join(
        f"  - {{id: r{n}, trigger: t{n}, from: draft, to: draft, by: {{role: admin}}, "
        f"label: {{id: 'Coba {n}', en: 'Try {n}'}}}}\n" for n in range(500)
    )  # fmt: skip
    text = shipped_with("\ntimers:\n", f"\n{rows}\ntimers:\n")
    assert len(text.encode()) < 65_536
    codes = problem_codes(await mutate_version(environment, ADMIN, "draftWorkflow", yaml=text))
    assert codes == ["yaml.too_large"]


async def test_one_of_ten_concurrent_approvals_is_made(
    environment: Environment, own_planning_database: Database
) -> None:
    sha = (await expect_version(environment, ADMIN, "draftWorkflow", yaml=OTHER_DEFINITION))["sha256"]
    outcomes = await run_concurrently(
        own_planning_database,
        "change_request",
        [mutate_version(environment, SECOND, "approveWorkflow", sha256=sha) for _ in range(10)],
    )
    kinds = [outcome["__typename"] for outcome in outcomes if isinstance(outcome, dict)]
    assert sorted(kinds) == ["Refused"] * 9 + ["WorkflowVersion"]


async def test_next_release_drafts_its_definition_once_admins_have_published(
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
    await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha)
    third_release = shipped_with("id: Disetujui,", "id: Sah,")
    await start_release(third_release)
    await start_release(third_release)
    assert (await load_version(admin, "sha256"))["sha256"] == sha
    shipped_version = await load_version(
        admin, "status acts { act by { kind account } }", sha_of(third_release)
    )
    assert shipped_version["status"] == "DRAFTED"
    assert [(one["act"], one["by"]["kind"]) for one in shipped_version["acts"]] == [("DRAFTED", "RELEASE")]
    assert shipped_version["acts"][0]["by"]["account"].startswith("rencana ")
    await expect_version(environment, ADMIN, "approveWorkflow", sha256=sha_of(third_release))
    await expect_version(environment, ADMIN, "publishWorkflow", sha256=sha_of(third_release))


async def test_release_drafts_its_definition_if_a_period_lacks_a_value(
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
    shipped_version = await load_version(admin, "status acts { act }", sha_of(needy))
    assert shipped_version == {"status": "DRAFTED", "acts": [{"act": "DRAFTED"}]}
    await submit_plan(environment, PNS)
    assert await workflow_of(environment, PNS) == SHIPPED_SHA256


async def test_returned_yaml_is_the_same_version(environment: Environment) -> None:
    admin = await environment.sign_in(ADMIN)
    text = (await load_version(admin, "yaml"))["yaml"]
    assert sha_of(text) == SHIPPED_SHA256
    again = await expect_version(environment, ADMIN, "draftWorkflow", yaml=text)
    assert (again["sha256"], again["replayed"]) == (SHIPPED_SHA256, True)


async def test_changes_have_a_sentence_and_a_class(environment: Environment) -> None:
    sha = await approve_version(environment)
    admin = await environment.sign_in(ADMIN)
    query = "query Q($to: ID!) { workflow { diff(to: $to) { class changes { code sentence class place } } } }"
    diff = (await admin.execute(query, to=sha))["workflow"]["diff"]
    (change,) = diff["changes"]
    assert (diff["class"], change["class"], change["code"]) == ("ADDITIVE", "ADDITIVE", "diff.label")
    assert change["place"] == "states.submitted.label"
    assert "Sudah diajukan" in change["sentence"]
    assert (await admin.execute(query, to=SHIPPED_SHA256))["workflow"]["diff"] == {
        "class": "ADDITIVE",
        "changes": [],
    }
    _, unknown = await admin.post({"query": query, "variables": {"to": "0" * 64}})
    assert unknown["errors"][0]["extensions"]["problem"] == {"code": "workflow.unknown", "path": ["to"]}


async def test_the_diagram_counts_the_plans_of_a_period_and_plans_are_counted_by_state(
    environment: Environment,
) -> None:
    await submit_plan(environment, PNS)
    await complete_plan(await environment.sign_in(COLLEAGUE))
    admin = await environment.sign_in(ADMIN)
    version = await load_version(
        admin, 'bare: diagram live: diagram(period: "2024-1") plans { period state plans }'
    )
    assert 'state "Diajukan" as s_submitted' in version["bare"]
    assert 'state "Diajukan (1)" as s_submitted' in version["live"]
    assert 'state "Disetujui (0)" as s_approved' in version["live"]
    assert version["plans"] == [
        {"period": "2024-1", "state": "draft", "plans": 1},
        {"period": "2024-1", "state": "submitted", "plans": 1},
    ]


async def test_versions_are_listed_newest_first_page_by_page(environment: Environment) -> None:
    shas = [
        await approve_version(environment, shipped_with("id: Diajukan,", f"id: Diajukan {n},"))
        for n in range(3)
    ]
    admin = await environment.sign_in(ADMIN)
    query = """query Q($first: Int!, $after: String) { workflows(first: $first, after: $after) {
      edges { cursor node { sha256 status plans { plans } } } pageInfo { hasNextPage endCursor } } }"""
    page = (await admin.execute(query, first=3))["workflows"]
    assert [edge["node"]["sha256"] for edge in page["edges"]] == shas[::-1]
    assert page["pageInfo"]["hasNextPage"]
    rest = (await admin.execute(query, first=3, after=page["pageInfo"]["endCursor"]))["workflows"]
    assert [edge["node"]["sha256"] for edge in rest["edges"]] == [SHIPPED_SHA256]
    assert not rest["pageInfo"]["hasNextPage"]
    _, answer = await admin.post({"query": query, "variables": {"first": 0}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "page.size"
    _, answer = await admin.post({"query": query, "variables": {"first": 1, "after": "x"}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "cursor.invalid"


async def test_version_of_another_release_is_shown_without_its_content(
    environment: Environment,
) -> None:
    body = canonical_json(load_shipped()).decode().replace('"format":1', '"format":2')
    await environment.sql(
        "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, 'perencanaan-kinerja', $2, $3)",
        "f" * 64, body, NEW_YEAR,
    )  # fmt: skip
    admin = await environment.sign_in(ADMIN)
    assert (await admin.execute("query Q($s: ID) { workflow(sha256: $s) { name } }", s="f" * 64))[
        "workflow"
    ] is None
    await environment.sql(
        "WITH request AS (INSERT INTO change_request (kind, kind_version, subject, before, after, reason, state, "
        "expires_at) VALUES ('workflow_version', 1, 'workflow perencanaan-kinerja', '{}', "
        "jsonb_build_object('sha256', $1::text), '', 'proposed', now() + interval '1 day') RETURNING id) "
        "INSERT INTO admin_act (change_request, subject, act, actor_kind, account, reason, at, detail) SELECT id, "
        "'workflow perencanaan-kinerja', 'proposed', 'release', 'rencana 99', '', $2, '{}' FROM request",
        "f" * 64, NEW_YEAR,
    )  # fmt: skip
    version = await load_version(
        admin, f'status label yaml diagram diff(to: "{SHIPPED_SHA256}") {{ class }}', "f" * 64
    )
    assert version == {"status": "DRAFTED", "label": None, "yaml": None, "diagram": None, "diff": None}
    await expect_version(environment, ADMIN, "approveWorkflow", sha256="f" * 64)
    assert "definition.unknown_format" in problem_codes(
        await mutate_version(environment, ADMIN, "publishWorkflow", sha256="f" * 64)
    )


def test_texts_of_this_module_are_not_the_shipped_definition() -> None:
    definitions: list[Definition] = [
        load_definition(text) for text in (OTHER_DEFINITION, UNSOUND, NEEDS_MORE, OTHER_TYPE)
    ]
    assert len(
        {sha_of(text) for text in (OTHER_DEFINITION, UNSOUND, NEEDS_MORE, OTHER_TYPE)} - {SHIPPED_SHA256}
    ) == len(definitions)
