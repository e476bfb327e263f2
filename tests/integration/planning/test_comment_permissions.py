"""Who may write and read comments on a plan, and in which phase."""

from __future__ import annotations

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Environment,
    connect_database,
    environment_at,
    import_reference_data,
    problem_codes,
)
from tests.integration.planning.faulty_proxy import HANG_UP
from tests.integration.planning.outage import (
    MORNING,
    STILL_FRESH,
    TOO_OLD,
    OutageClients,
    open_proxied_services,
    prepare_plans,
    shorten_timeouts,
)
from tests.integration.planning.plans import (
    NOTE,
    SUB_INDIKATOR,
    complete_plan,
    decide_as_head,
    submit_plan,
)
from tests.integration.planning.review import (
    COMMENT,
    DISCUSSION,
    add_comment,
    approve_plans,
    expect_comment,
    load_comments,
    problems_with_paths,
)
from tests.small_registry import (
    ADMIN,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    SMP,
    appoint_plt,
    import_one_school,
)


async def test_comments_change_neither_version_nor_events(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    before = await environment.dump_tables()
    question = await expect_comment(head, teacher.plan_id, "  Mengapa hanya 32 poin?\n")
    assert question == {
        "__typename": "CommentOnPlanPayload", "id": question["id"], "number": 1,
        "createdAt": environment.now.isoformat(),
        "author": {"role": "KEPALA_SEKOLAH", "nama": "Guru Contoh 9", "isViewer": True},
        "text": "Mengapa hanya 32 poin?", "isErased": False, "replayed": False,
    }  # fmt: skip
    answer_of_owner = await expect_comment(
        teacher, teacher.plan_id, "Cuti melahirkan, Bu.\nSelebihnya semester depan. 🙏"
    )
    assert answer_of_owner["author"] == {"role": "OWNER", "nama": "Guru Contoh 1", "isViewer": True}
    read = await load_comments(teacher, teacher.plan_id)
    mine = [edge["node"]["author"]["isViewer"] for edge in read["edges"]]
    assert ([edge["node"]["text"] for edge in read["edges"]], mine) == (
        [question["text"], answer_of_owner["text"]],
        [False, True],
    )
    after = await environment.dump_tables()
    assert {table: rows for table, rows in after.items() if table != "plan_comment"} == {
        table: rows for table, rows in before.items() if table != "plan_comment"
    }


async def test_comments_are_possible_in_every_phase(environment: Environment) -> None:
    teacher, head = await environment.sign_in(PNS), await environment.sign_in(HEAD_OF_SD)
    await complete_plan(teacher)

    async def both() -> None:
        for person in (teacher, head):
            await expect_comment(person, teacher.plan_id)

    await both()
    await teacher.mutate_plan("submitPlan", 6)
    await both()
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    await both()
    await teacher.mutate_plan("submitPlan")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    await both()
    await teacher.mutate_plan("beginImplementation")
    await both()
    assert (await load_comments(head, teacher.plan_id))["totalCount"] == 10


async def test_plt_can_comment(environment: Environment) -> None:
    teacher, plt = (
        await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR),
        await environment.sign_in(PLT_OF_TK),
    )
    assert (await teacher.load_plan())["state"]["phase"] == "AUTO_APPROVED"
    await expect_comment(teacher, teacher.plan_id)
    answer_of_owner = await expect_comment(plt, teacher.plan_id)
    assert answer_of_owner["author"] == {"role": "PLT", "nama": "Guru Contoh 32", "isViewer": True}
    assert [
        edge["node"]["author"]["role"] for edge in (await load_comments(plt, teacher.plan_id))["edges"]
    ] == [
        "OWNER",
        "PLT",
    ]


@pytest.mark.parametrize(
    ("user", "code"),
    [(COLLEAGUE, "plan.unknown"), (HEAD_OF_SMP, "plan.unknown"), (PLT_OF_TK, "plan.unknown"),
     (ADMIN, "comment.not_yours")],
)  # fmt: skip
async def test_comments_of_others_are_refused(environment: Environment, user: int | str, code: str) -> None:
    teacher = await submit_plan(environment, PNS)
    if user == COLLEAGUE:
        await (await environment.sign_in(COLLEAGUE)).start_plan()
    before = await environment.dump_tables()
    for language in ("id", "en"):
        answer = await add_comment(
            await environment.sign_in(user), teacher.plan_id, "Saya juga ingin bicara.", language
        )
        assert problem_codes(answer) == [code]
    assert (answer["currentPlan"] is None) is (code == "plan.unknown")
    assert await environment.dump_tables() == before


async def test_comments_require_sign_in(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    before = await environment.dump_tables()
    arguments = {"input": {"planId": teacher.plan_id, "text": "Halo"}}
    for query, variables in ((COMMENT, arguments), (DISCUSSION, {"id": teacher.plan_id})):
        status, answer = await environment.anonymous().post({"query": query, "variables": variables})
        assert answer["errors"][0]["extensions"]["problem"]["code"] == "auth.sign_in_required", status
    assert await environment.dump_tables() == before


@pytest.mark.parametrize("user", [COLLEAGUE, HEAD_OF_SMP, PLT_OF_TK])
async def test_comments_are_hidden_from_others(environment: Environment, user: int) -> None:
    teacher = await submit_plan(environment, PNS)
    await expect_comment(teacher, teacher.plan_id)
    answer = await (await environment.sign_in(user)).execute(DISCUSSION, id=teacher.plan_id)
    assert answer == {"plan": None}


async def test_admin_reads_comments(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await expect_comment(teacher, teacher.plan_id)
    assert (await load_comments(await environment.sign_in(ADMIN), teacher.plan_id))["totalCount"] == 1


async def test_head_of_the_new_school_reads_and_cannot_comment(
    environment: Environment,
) -> None:
    teacher, elsewhere = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SMP)
    await expect_comment(teacher, teacher.plan_id)
    await environment.sql(
        "INSERT INTO moved_teacher VALUES ($1, '2024-1', $2, $3)", ptk(PNS), SMP, environment.now
    )
    before = await environment.dump_tables()
    assert problem_codes(await add_comment(elsewhere, teacher.plan_id, "Selamat datang.")) == [
        "comment.not_yours"
    ]
    assert await environment.dump_tables() == before
    assert (await load_comments(elsewhere, teacher.plan_id))["totalCount"] == 1


async def test_new_head_comments_and_former_head_is_refused(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, JANUARY) as environment:
        teacher, former = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
        await expect_comment(former, teacher.plan_id)
        guru = {"jenis_ptk_id": "3", "jenis_ptk_id_str": "Guru Kelas", "jabatan_ptk_id": None}
        with own_registry.active():
            await import_one_school(SD, environment.now, **{f"p{HEAD_OF_SD}": guru})
            await appoint_plt(HEAD_OF_SMP, SD, at=environment.now)
        before = await environment.dump_tables()
        assert problem_codes(await add_comment(former, teacher.plan_id, "Masih saya.")) == ["plan.unknown"]
        assert await former.execute(DISCUSSION, id=teacher.plan_id) == {"plan": None}
        assert await environment.dump_tables() == before
        second = await expect_comment(await environment.sign_in(HEAD_OF_SMP), teacher.plan_id)
        assert (second["number"], second["author"]["role"]) == (2, "PLT")
        first = (await load_comments(teacher, teacher.plan_id))["edges"][0]["node"]
        assert first["author"] == {"role": "KEPALA_SEKOLAH", "nama": "Guru Contoh 9", "isViewer": False}


async def test_head_needs_fresh_facts_to_comment_and_the_owner_does_not(
    registry: Database, fresh_url: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_timeouts(monkeypatch)
    async with (
        connect_database(
            await fresh_url("services.planning", import_reference_data), "services.planning"
        ) as database,
        open_proxied_services(registry, database) as place,
    ):
        async with place.serve_at(MORNING) as environment:
            await prepare_plans(environment)
        async with place.serve_at(TOO_OLD) as environment:
            people = await OutageClients.sign_in(environment)
            place.proxy.set_mode(HANG_UP)
            plan, before = people.colleague.plan_id, await environment.dump_tables()
            refusal = await add_comment(people.head, plan, "Masih ada di sana?")
            assert problem_codes(refusal) == ["facts.stale"]
            assert refusal["problems"][0]["retryAfterSeconds"]
            bulk = await approve_plans(people.head, (plan, 7))
            assert problems_with_paths(bulk["results"][0]) == [("facts.stale", "input.plans.0.planId")]
            assert await environment.dump_tables() == before
            assert (await expect_comment(people.colleague, plan))["number"] == 1
        async with place.serve_at(STILL_FRESH) as environment:
            people = await OutageClients.sign_in(environment)
            place.proxy.set_mode(HANG_UP)
            assert (await expect_comment(people.head, plan))["number"] == 2
