"""Plans can always go on after an edit of the workflow, the catalogue or the period."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from services.kit.change_request import Decision
from services.kit.clock import Clock
from services.kit.database import Database
from services.kit.problems import RequestRefused
from services.planning.period.queries import find_period_problems
from services.planning.versions import commands as versions
from services.planning.versions.store import WorkflowCache
from tests.integration.planning.concurrency import run_concurrently
from tests.integration.planning.environment import Environment, environment_at, sql
from tests.integration.planning.imports import import_catalog, import_period
from tests.integration.planning.plans import NOTE, complete_plan, decide_as_head, submit_plan
from tests.integration.planning.workflow_versions import (
    BUDI,
    REASON,
    SARI,
    publish_text,
    shipped_with,
    workflow_of,
)
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS
from tests.unit.planning.reference import CATALOG, PERIOD, dump_changed
from workflows.files.loader import load_shipped, read_shipped
from workflows.model.canonical import canonical_json

NEW_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
AT_ONCE = 10
POINTS, MORE_POINTS = 32, 36  # of the chosen RHK in the shipped catalogue and after `more_points`


@pytest.fixture
async def environment(registry: Database, own_planning_database: Database) -> AsyncIterator[Environment]:
    """Both services on 15 January 2024. They run during the edits."""
    async with environment_at(registry, own_planning_database) as environment:
        yield environment


async def newer_words(own: Database) -> str:
    """Publish a definition that renames `revision_days` and gives it the default 5."""
    text = (
        read_shipped().decode().replace("revision_days", "days_to_revise").replace("default: 7", "default: 5")
    )
    return await publish_text(own, text)


async def beyond_this_release(own: Database) -> str:
    """Publish a definition of a later release with a predicate that this release lacks."""
    body, sha256 = (
        canonical_json(load_shipped()).decode().replace('"may_plan"', '"stars_are_right"'),
        "f" * 64,
    )
    assert "stars_are_right" in body
    await sql(
        own, "INSERT INTO workflow_version (sha256, name, body, stored_at) VALUES ($1, $2, $3, $4)",
        sha256, "perencanaan-kinerja", body, NEW_YEAR,
    )  # fmt: skip
    await sql(
        own,
        "INSERT INTO admin_act (subject, act, actor_kind, account, reason, at, detail) VALUES "
        "('workflow perencanaan-kinerja', 'published', 'release', 'rencana 99', '', $2, "
        "jsonb_build_object('sha256', $1::text))",
        sha256, NEW_YEAR,
    )  # fmt: skip
    return sha256


def more_points(data: Any) -> None:
    """Raise the points of RHK-01 from 8 to 12."""
    (row,) = (row for row in data["rhk"] if row["code"] == "RHK-01")
    row["poin"] = 12


async def import_lists(own: Database, raw: bytes) -> None:
    with own.active():
        await import_catalog(raw, Clock(NEW_YEAR))


def third_revision(data: Any, revision_days: int) -> dict[str, Any]:
    last = data["revisions"][-1]
    return {**last, "number": 3, "values": {**last["values"], "revision_days": revision_days}}


def with_third(revision_days: int) -> bytes:
    """Return the shipped period with another revision."""
    return dump_changed(PERIOD, lambda data: data["revisions"].append(third_revision(data, revision_days)))


async def periods(own: Database) -> list[dict[str, Any]]:
    """Dump every period with its revisions."""
    return await sql(
        own,
        "SELECT p::text, r::text AS r FROM period p JOIN period_revision r ON r.period = p.code ORDER BY r",
    )


async def test_plans_read_the_parameter_name_of_their_own_version(
    environment: Environment, own_planning_database: Database
) -> None:
    old = await submit_plan(environment, PNS)
    shipped_version = await workflow_of(environment, PNS)
    newest = await newer_words(own_planning_database)
    new = await submit_plan(environment, COLLEAGUE)
    assert (await workflow_of(environment, PNS), await workflow_of(environment, COLLEAGUE)) == (
        shipped_version,
        newest,
    )
    assert (await decide_as_head(environment, HEAD_OF_SD, old, "returnPlan", note=NOTE))[
        "revisionDueOn"
    ] == "2024-01-29"
    assert (await decide_as_head(environment, HEAD_OF_SD, new, "returnPlan", note=NOTE))[
        "revisionDueOn"
    ] == "2024-01-20"
    assert (await old.mutate_plan("submitPlan"))["state"]["phase"] == "SUBMITTED"


async def test_a_renamed_parameter_that_a_later_revision_gives_reaches_new_plans_only(
    environment: Environment, own_planning_database: Database
) -> None:
    old = await submit_plan(environment, PNS)
    await newer_words(own_planning_database)
    await sql(
        own_planning_database,
        "INSERT INTO period_revision (period, number, values, author, approver, reason, effective_from) "
        "SELECT period, 3, values - 'revision_days' || '{\"days_to_revise\": 3}', author, approver, reason, $1 "
        "FROM period_revision WHERE number = 1",
        NEW_YEAR,
    )
    new = await submit_plan(environment, COLLEAGUE)
    assert (await decide_as_head(environment, HEAD_OF_SD, old, "returnPlan", note=NOTE))[
        "revisionDueOn"
    ] == "2024-01-29"
    assert (await decide_as_head(environment, HEAD_OF_SD, new, "returnPlan", note=NOTE))[
        "revisionDueOn"
    ] == "2024-01-18"


async def test_version_that_this_release_cannot_build_is_skipped(
    environment: Environment, own_planning_database: Database
) -> None:
    old = await submit_plan(environment, PNS)
    shipped_version = await workflow_of(environment, PNS)
    await beyond_this_release(own_planning_database)
    new = await submit_plan(environment, COLLEAGUE)
    assert await workflow_of(environment, COLLEAGUE) == shipped_version
    for teacher in (old, new):
        assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan"))["state"][
            "phase"
        ] == "APPROVED"
        assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"
    viewer = (await new.execute("{ viewer { plan { id } period { code } } }"))["viewer"]
    assert viewer == {"plan": {"id": new.plan_id}, "period": {"code": "2024-1"}}


async def test_start_and_import_skip_a_version_that_this_release_cannot_build(
    registry: Database, own_planning_database: Database
) -> None:
    await beyond_this_release(own_planning_database)
    with own_planning_database.active():
        await import_period(PERIOD.read_bytes())
    async with environment_at(registry, own_planning_database) as environment:
        assert (await (await submit_plan(environment, PNS)).load_plan())["state"]["phase"] == "SUBMITTED"


async def test_changed_catalogue_applies_to_drafts_and_not_to_submitted_plans(
    environment: Environment, own_planning_database: Database
) -> None:
    handed_in, draft = await submit_plan(environment, PNS), await environment.sign_in(COLLEAGUE)
    assert (await complete_plan(draft))["rangkuman"]["poin"] == POINTS
    await import_lists(own_planning_database, dump_changed(CATALOG, more_points))
    approved = await decide_as_head(environment, HEAD_OF_SD, handed_in, "approvePlan")
    assert approved["rangkuman"]["poin"] == (await handed_in.load_plan())["rangkuman"]["poin"] == POINTS
    assert (await draft.load_plan())["rangkuman"]["poin"] == MORE_POINTS
    assert (await draft.mutate_plan("submitPlan"))["rangkuman"]["poin"] == MORE_POINTS
    assert (await handed_in.mutate_plan("beginImplementation"))["rangkuman"]["poin"] == POINTS


async def test_returned_plan_uses_the_current_catalogue(
    environment: Environment, own_planning_database: Database
) -> None:
    teacher = await submit_plan(environment, PNS)
    await import_lists(own_planning_database, dump_changed(CATALOG, more_points))
    assert (await teacher.load_plan())["rangkuman"]["poin"] == POINTS
    returned = await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert returned["rangkuman"]["poin"] == MORE_POINTS


async def test_former_catalogue_is_in_use_again_after_another_import(
    environment: Environment, own_planning_database: Database
) -> None:
    # The imports have a fixed clock, so that only the store can order them.
    draft = await environment.sign_in(PNS)
    await complete_plan(draft)
    changed_catalog = dump_changed(CATALOG, more_points)
    for raw, points in [
        (changed_catalog, MORE_POINTS),
        (CATALOG.read_bytes(), POINTS),
        (changed_catalog, MORE_POINTS),
    ]:
        await import_lists(own_planning_database, raw)
        assert (await draft.load_plan())["rangkuman"]["poin"] == points
    assert len(await sql(own_planning_database, "SELECT FROM catalog")) == 2


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("catalog", "lists-of-others", ("period.field_rewritten", ("catalog",))),
        ("label", {"id": "Semester lain", "en": "Another"}, ("period.field_rewritten", ("label",))),
        ("workflow", "of-others", ("period.workflow_unknown", ("workflow",))),
    ],
)
async def test_stored_period_cannot_be_changed(
    own_planning_database: Database, field: str, value: object, expected: tuple[str, tuple[str, ...]]
) -> None:
    await import_lists(
        own_planning_database, dump_changed(CATALOG, lambda data: data.update(code="lists-of-others"))
    )
    before = await periods(own_planning_database)

    def rewritten(data: Any) -> None:
        data[field] = value
        data["revisions"].append(third_revision(data, 21))

    with own_planning_database.active(), pytest.raises(RequestRefused) as refusal:
        await import_period(dump_changed(PERIOD, rewritten))
    assert [(problem.code, problem.path) for problem in refusal.value.problems] == [expected]
    assert await periods(own_planning_database) == before


async def test_ten_concurrent_imports_of_one_revision_store_it_once(
    own_planning_database: Database,
) -> None:
    with own_planning_database.active():
        outcomes = await run_concurrently(
            own_planning_database, "period", [import_period(with_third(21)) for _ in range(AT_ONCE)]
        )
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []
    assert await sql(own_planning_database, "SELECT number FROM period_revision ORDER BY number") == [
        {"number": 1}, {"number": 2}, {"number": 3},
    ]  # fmt: skip


async def test_one_of_ten_concurrent_third_revisions_is_stored_and_the_others_are_refused(
    own_planning_database: Database,
) -> None:
    with own_planning_database.active():
        outcomes = await run_concurrently(
            own_planning_database,
            "period",
            [import_period(with_third(days)) for days in range(20, 20 + AT_ONCE)],
        )
    (winner,) = (
        20 + index for index, outcome in enumerate(outcomes) if not isinstance(outcome, BaseException)
    )
    losers = [outcome for outcome in outcomes if isinstance(outcome, RequestRefused)]
    assert len(losers) == AT_ONCE - 1
    assert {problem.code for loser in losers for problem in loser.problems} == {"period.revision_rewritten"}
    (row,) = await sql(
        own_planning_database,
        "SELECT (values->>'revision_days')::int AS d FROM period_revision WHERE number = 3",
    )
    assert row["d"] == winner


async def test_period_file_gives_values_for_the_published_and_an_upcoming_version(
    own_planning_database: Database,
) -> None:
    stars = "  stars:\n    type: int\n    label: {id: Bintang, en: Stars}\n"
    text = shipped_with("params:\n", f"params:\n{stars}")

    def file(*values: dict[str, int]) -> bytes:
        def add(data: Any) -> None:
            for number, more in enumerate(values, 3):
                last = data["revisions"][1]
                row = {**last, "number": number, "values": {**last["values"], **more}}
                data["revisions"].append(row)

        return dump_changed(PERIOD, add)

    with own_planning_database.active():
        with pytest.raises(RequestRefused) as error:
            await import_period(file({"stars": 4}))
        assert [problem.code for problem in error.value.problems] == ["value.unknown"]
        february = Clock(datetime(2024, 2, 1, tzinfo=UTC))  # the third revision is effective since January
        sha256, _ = await versions.propose(february, SARI, text.encode(), REASON)
        await import_period(file({"stars": 4}))
        await versions.decide(february, BUDI, sha256, Decision.APPROVE, REASON)
        check_periods = partial(find_period_problems, WorkflowCache(), february.now())
        await versions.publish(
            february, BUDI, sha256, REASON, check_periods, own_planning_database.connection
        )
        await import_period(file({"stars": 4}))  # the two stored revisions lack this value
        before = await periods(own_planning_database)
        with pytest.raises(RequestRefused) as error:
            await import_period(file({"stars": 4}, {}))
        (problem,) = error.value.problems
        assert (problem.code, problem.path) == ("value.missing", ("revisions", "3", "values", "stars"))
        assert await periods(own_planning_database) == before
        await import_period(file({"stars": 4}, {"stars": 5}))
