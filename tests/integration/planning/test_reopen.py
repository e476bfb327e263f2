"""An admin reopens an approved plan for correction."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.identity.accounts.commands import grant_scope
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    expect_plan,
    problem_codes,
)
from tests.integration.planning.plans import (
    INDIKATOR,
    SUB_INDIKATOR,
    complete_plan,
    decide_as_head,
    submit_plan,
)
from tests.integration.planning.test_review_queue import queue
from tests.integration.planning.verification import find_faults
from tests.small_registry import (
    ADMIN,
    AS_OF,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    email_of,
    fill_registry,
    import_account_rows,
)

REASON = "Indikator keliru dipilih, sesuai permohonan guru."
BANNERS = "{ viewer { banners { code message role satuanPendidikan { npsn } } } }"
# The window closes on 31 March. A plan reopened on 2 April can be submitted until the 16th.
AFTER_THE_WINDOW = datetime(2024, 4, 2, 3, tzinfo=UTC)
LAST_DAY = datetime(2024, 4, 16, 16, 59, tzinfo=UTC)
TOO_LATE = datetime(2024, 4, 16, 17, tzinfo=UTC)


async def banners(environment: Environment, user: int) -> list[dict[str, Any]]:
    viewer = (await (await environment.sign_in(user)).execute(BANNERS))["viewer"]
    return list(viewer["banners"])


async def reopen(
    environment: Environment, teacher: Client, user: int | str = ADMIN, **arguments: object
) -> dict[str, Any]:
    """Try to reopen a teacher's plan and return the answer."""
    version = (await teacher.load_plan())["version"]
    whole = {"planId": teacher.plan_id, "expectedVersion": version, "reason": REASON, **arguments}
    return await (await environment.sign_in(user)).mutate("reopenPlan", whole)


async def approve_new_plan(environment: Environment, user: int = PNS) -> Client:
    teacher = await submit_plan(environment, user)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    return teacher


async def test_reopened_plan_keeps_its_content_and_is_approved_again(environment: Environment) -> None:
    teacher = await approve_new_plan(environment)
    before = await teacher.load_plan()
    after = expect_plan(await reopen(environment, teacher))
    assert (after["state"]["phase"], after["revisionDueOn"], after["note"]) == ("DRAFT", "2024-01-29", REASON)
    kept_fields = (
        "content",
        "profile",
        "satuanPendidikan",
        "submittedAt",
        "rangkuman",
        "incompleteParts",
        "tab",
    )
    assert {name: after[name] for name in kept_fields} == {name: before[name] for name in kept_fields}
    await teacher.mutate_plan("savePraktikKinerja", indikator="PK-EPD", then="NEXT")
    again = await teacher.mutate_plan("submitPlan")
    assert again["state"]["phase"] == "SUBMITTED"
    assert (await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan"))["state"][
        "phase"
    ] == "APPROVED"
    assert await find_faults(environment) == []


async def test_banners_tell_owner_and_head_until_resubmission(environment: Environment) -> None:
    teacher = await approve_new_plan(environment)
    head = await environment.sign_in(HEAD_OF_SD)
    assert await banners(environment, HEAD_OF_SD) == []
    await reopen(environment, teacher)
    (owners,), (heads,) = await banners(environment, PNS), await banners(environment, HEAD_OF_SD)
    assert (owners["code"], owners["role"], owners["satuanPendidikan"]["npsn"]) == (
        "banner.reopened",
        "TEACHER",
        SD,
    )
    assert REASON in owners["message"]
    assert "29 Januari 2024" in owners["message"]
    assert (heads["code"], heads["role"], heads["satuanPendidikan"]["npsn"]) == (
        "banner.reopened_here",
        "KEPALA_SEKOLAH",
        SD,
    )
    assert heads["message"].startswith("1 rencana guru di SD NEGERI CONTOH 01")
    assert [edge["node"]["wasReopened"] for edge in (await queue(head))["edges"]] == [True]
    await teacher.mutate_plan("submitPlan")
    assert (await banners(environment, PNS), await banners(environment, HEAD_OF_SD)) == ([], [])
    assert [edge["node"]["wasReopened"] for edge in (await queue(head))["edges"]] == [False]


async def test_returned_plan_has_its_own_banner_after_an_erasure(
    environment: Environment,
) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=REASON)
    assert [one["code"] for one in await banners(environment, PNS)] == ["banner.returned"]
    assert await banners(environment, HEAD_OF_SD) == []
    await environment.sql("UPDATE plan SET note = NULL")
    assert [one["code"] for one in await banners(environment, PNS)] == ["banner.returned"]
    await environment.sql("UPDATE plan SET reopened_at = updated_at")
    (banner,) = await banners(environment, PNS)
    assert (banner["code"], "None" in banner["message"]) == ("banner.reopened_erased", False)


async def test_reopened_plan_has_its_own_days_after_the_window(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database) as january:
        people = [await approve_new_plan(january), await approve_new_plan(january, COLLEAGUE)]
        await people[1].mutate_plan("beginImplementation")
        people.append(await submit_plan(january, OF_TK, indikator=SUB_INDIKATOR))
        phases = [(await one.load_plan())["state"]["phase"] for one in people]
        assert phases == ["APPROVED", "IN_IMPLEMENTATION", "AUTO_APPROVED"]
    async with environment_at(registry, empty_planning_database, AFTER_THE_WINDOW) as april:
        for user in (PNS, COLLEAGUE, OF_TK):
            plan = expect_plan(await reopen(april, await april.sign_in(user)))
            assert (plan["state"]["phase"], plan["revisionDueOn"]) == ("DRAFT", "2024-04-16")
    async with environment_at(registry, empty_planning_database, TOO_LATE) as late:
        teacher = await late.sign_in(PNS)
        version = (await teacher.load_plan())["version"]
        assert await teacher.expect_refusal("submitPlan", version) == ["window.closed", "revision.passed"]
    async with environment_at(registry, empty_planning_database, LAST_DAY) as environment:
        for user, phase in ((PNS, "SUBMITTED"), (COLLEAGUE, "SUBMITTED"), (OF_TK, "AUTO_APPROVED")):
            teacher = await environment.sign_in(user)
            indikator = SUB_INDIKATOR if user == OF_TK else INDIKATOR
            await teacher.mutate_plan("savePraktikKinerja", **indikator, then="NEXT")
            assert (await teacher.mutate_plan("submitPlan"))["state"]["phase"] == phase


@pytest.mark.parametrize(
    ("user", "code_of_transition"),
    [
        (PNS, "actor.not_admin"), (HEAD_OF_SD, "actor.not_admin"),
        (COLLEAGUE, "plan.unknown"), (HEAD_OF_SMP, "plan.unknown"), (PLT_OF_TK, "plan.unknown"),
    ],
)  # fmt: skip
async def test_only_admins_reopen(environment: Environment, user: int, code_of_transition: str) -> None:
    teacher = await approve_new_plan(environment)
    before = await environment.dump_tables()
    assert problem_codes(await reopen(environment, teacher, user)) == ["actor.not_admin"]
    arguments = {"planId": teacher.plan_id, "expectedVersion": (await teacher.load_plan())["version"]}
    refusal = await (await environment.sign_in(user)).mutate(
        "firePlanTransition", {**arguments, "trigger": "reopen", "reason": REASON}
    )
    assert problem_codes(refusal) == [code_of_transition]
    assert await environment.dump_tables() == before


async def test_account_with_another_scope_does_not_reopen(
    fresh_url: Fresh, empty_planning_database: Database
) -> None:
    partner = "mitra@dinas.belajar.id"
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        with registry.active():
            await import_account_rows(f"{partner},,,,")
            await grant_scope(partner, "status:read", "test", AS_OF)
        async with environment_at(registry, empty_planning_database) as environment:
            teacher = await approve_new_plan(environment)
            before = await environment.dump_tables()
            assert problem_codes(await reopen(environment, teacher, partner)) == ["actor.not_admin"]
            assert await environment.dump_tables() == before


async def test_admin_who_heads_the_school_reopens_as_admin(
    fresh_url: Fresh, empty_planning_database: Database
) -> None:
    async with connect_database(
        await fresh_url("services.identity", fill_registry), "services.identity"
    ) as registry:
        with registry.active():
            await grant_scope(email_of(HEAD_OF_SD), "admin", "test", AS_OF)
        async with environment_at(registry, empty_planning_database) as environment:
            teacher = await approve_new_plan(environment)
            expect_plan(await reopen(environment, teacher, HEAD_OF_SD))
            (row,) = await environment.sql("SELECT body FROM plan_event ORDER BY version DESC LIMIT 1")
            event = json.loads(row["body"])
            assert (event["on_behalf_of"], list(event["digests"])) == (None, ["reason"])


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "reason.missing"), ("  \n", "reason.missing"), ("a\u202eb", "text.not_printable"),
     ("x" * 2001, "text.too_long")],
)  # fmt: skip
async def test_reopening_needs_a_readable_reason(environment: Environment, reason: str, code: str) -> None:
    teacher = await approve_new_plan(environment)
    before = await environment.dump_tables()
    answer = await reopen(environment, teacher, reason=reason)
    assert (problem_codes(answer), answer["problems"][0]["inputPath"]) == ([code], ["reason"])
    assert await environment.dump_tables() == before


async def test_plan_that_can_be_changed_is_not_reopened(environment: Environment) -> None:
    draft = await environment.sign_in(PNS)
    await complete_plan(draft)
    assert problem_codes(await reopen(environment, draft)) == ["transition.not_from_here"]
    await draft.mutate_plan("submitPlan", 6)
    before = await environment.dump_tables()
    assert problem_codes(await reopen(environment, draft)) == ["transition.not_from_here"]
    assert await environment.dump_tables() == before


async def test_repeat_with_the_same_key_reopens_once(environment: Environment) -> None:
    teacher = await approve_new_plan(environment)
    admin, version = await environment.sign_in(ADMIN), (await teacher.load_plan())["version"]
    arguments = {"planId": teacher.plan_id, "expectedVersion": version, "reason": REASON}
    repeat_input = {**arguments, "idempotencyKey": "buka-kembali-1"}
    first, again = (
        await admin.mutate("reopenPlan", repeat_input),
        await admin.mutate("reopenPlan", repeat_input),
    )
    assert (first["replayed"], again) == (False, first | {"replayed": True})
    assert problem_codes(await admin.mutate("reopenPlan", arguments)) == ["version.conflict"]
