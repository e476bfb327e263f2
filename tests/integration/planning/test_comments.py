"""Comments on a plan: who may write and read, order, limits and erasure."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.kit.database import Database
from services.planning.api.ids import plan_id
from services.planning.review.model import MAX_COMMENTS
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    Client,
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
    INDIKATOR,
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

KEY = "0190f0a0-7b1e-7000-8000-000000000001"
GHOST = "99999999-9999-4999-8999-999999999999"


async def told_by(person: Client, plan_id: str, text: str = "Terima kasih.") -> dict[str, Any]:
    answer = await add_comment(person, plan_id, text)
    assert answer["__typename"] == "Comment", answer
    return answer


async def test_comments_change_neither_version_nor_events(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    before = await environment.dump_tables()
    question = await told_by(head, teacher.plan_id, "  Mengapa hanya 32 poin?\n")
    assert question == {
        "__typename": "Comment", "id": question["id"], "number": 1, "at": environment.now.isoformat(),
        "author": {"role": "KEPALA_SEKOLAH", "nama": "Guru Contoh 9", "isViewer": True},
        "text": "Mengapa hanya 32 poin?", "erased": False, "replayed": False,
    }  # fmt: skip
    answer_of_owner = await told_by(
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
            await told_by(person, teacher.plan_id)

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
    await told_by(teacher, teacher.plan_id)
    answer_of_owner = await told_by(plt, teacher.plan_id)
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
    assert (answer["standing"] is None) is (code == "plan.unknown")
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
    await told_by(teacher, teacher.plan_id)
    answer = await (await environment.sign_in(user)).execute(DISCUSSION, id=teacher.plan_id)
    assert answer == {"plan": None}


async def test_admin_reads_comments(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await told_by(teacher, teacher.plan_id)
    assert (await load_comments(await environment.sign_in(ADMIN), teacher.plan_id))["totalCount"] == 1


async def test_head_of_the_new_school_reads_and_cannot_comment(
    environment: Environment,
) -> None:
    teacher, elsewhere = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SMP)
    await told_by(teacher, teacher.plan_id)
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
        await told_by(former, teacher.plan_id)
        guru = {"jenis_ptk_id": "3", "jenis_ptk_id_str": "Guru Kelas", "jabatan_ptk_id": None}
        with own_registry.active():
            await import_one_school(SD, environment.now, **{f"p{HEAD_OF_SD}": guru})
            await appoint_plt(HEAD_OF_SMP, SD, at=environment.now)
        before = await environment.dump_tables()
        assert problem_codes(await add_comment(former, teacher.plan_id, "Masih saya.")) == ["plan.unknown"]
        assert await former.execute(DISCUSSION, id=teacher.plan_id) == {"plan": None}
        assert await environment.dump_tables() == before
        second = await told_by(await environment.sign_in(HEAD_OF_SMP), teacher.plan_id)
        assert (second["number"], second["author"]["role"]) == (2, "PLT")
        first = (await load_comments(teacher, teacher.plan_id))["edges"][0]["node"]
        assert first["author"] == {"role": "KEPALA_SEKOLAH", "nama": "Guru Contoh 9", "isViewer": False}


async def test_repeated_comment_is_replayed(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    first = await add_comment(teacher, teacher.plan_id, "Mohon ditinjau.", idempotencyKey=KEY)
    before = await environment.dump_tables()
    again = await add_comment(teacher, teacher.plan_id, "Mohon ditinjau.", idempotencyKey=KEY)
    assert again == first | {"replayed": True}
    refusal = await add_comment(teacher, teacher.plan_id, "Mohon segera ditinjau.", idempotencyKey=KEY)
    assert problems_with_paths(refusal) == [("key.reused", "input.idempotencyKey")]
    assert await environment.dump_tables() == before


async def test_idempotency_key_belongs_to_its_author(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    numbers = [
        (await add_comment(person, teacher.plan_id, "Baik.", idempotencyKey=KEY))["number"]
        for person in (teacher, head)
    ]
    assert numbers == [1, 2]


async def test_fifty_concurrent_comments_have_distinct_numbers(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    answers = await asyncio.gather(
        *(told_by((teacher, head)[n % 2], teacher.plan_id, f"Komentar {n}") for n in range(50))
    )
    assert sorted(answer["number"] for answer in answers) == list(range(1, 51))
    read = await load_comments(head, teacher.plan_id)
    stored_comments = {(edge["node"]["number"], edge["node"]["text"]) for edge in read["edges"]}
    assert stored_comments == {(answer["number"], answer["text"]) for answer in answers}


async def test_twenty_concurrent_repeats_are_one_comment(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    answers = await asyncio.gather(
        *(add_comment(teacher, teacher.plan_id, "Sekali saja.", idempotencyKey=KEY) for _ in range(20))
    )
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assert {(answer["number"], answer["id"]) for answer in answers} == {(1, answers[0]["id"])}
    assert len(await environment.sql("SELECT FROM plan_comment")) == 1


async def test_comments_and_commands_do_not_conflict(environment: Environment) -> None:
    person = await environment.sign_in(PNS)
    await person.start_plan()
    await person.mutate_plan("confirmProfile", 1)

    async def saves() -> None:
        for version in range(2, 12):
            await person.mutate_plan("savePraktikKinerja", version, **INDIKATOR)

    await asyncio.gather(saves(), *(told_by(person, person.plan_id) for _ in range(20)))
    assert (await person.load_plan())["version"] == 12
    assert (await load_comments(person, person.plan_id))["totalCount"] == 20


async def test_pages_of_comments_are_oldest_first(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    for n in range(5):
        await told_by(teacher, teacher.plan_id, f"Komentar {n}")
    texts, after = [], None
    for more in (True, True, False):
        page = await load_comments(teacher, teacher.plan_id, first=2, after=after)
        texts += [edge["node"]["text"] for edge in page["edges"]]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (5, more)
        after = page["pageInfo"]["endCursor"]
    assert texts == [f"Komentar {n}" for n in range(5)]
    end = await load_comments(teacher, teacher.plan_id, after=after)
    assert end == {"edges": [], "totalCount": 5, "pageInfo": {"hasNextPage": False, "endCursor": None}}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 0}, "page.size"),
        ({"first": 101}, "page.size"),
        ({"after": "x"}, "cursor.invalid"),
        ({"after": "WyJhIiwgIjEiXQ"}, "cursor.invalid"),  # of another list
        ({"after": "WyJjb21tZW50IiwgIi0xIl0"}, "cursor.invalid"),  # ["comment", "-1"]
        ({"after": "WyJjb21tZW50IiwgIjk5OTk5OTk5OTkiXQ"}, "cursor.invalid"),  # beyond any number
    ],
)
async def test_invalid_page_of_comments_is_an_error_beside_the_plan(
    environment: Environment, arguments: dict[str, Any], code: str
) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    _, answer = await teacher.post({"query": DISCUSSION, "variables": {"id": teacher.plan_id, **arguments}})
    assert answer["data"]["plan"] == {"version": 1, "comments": None}
    assert answer["errors"][0]["extensions"]["problem"]["code"] == code


BAD: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("nothing", {"text": ""}, [("comment.empty", "input.text")]),
    ("blanks", {"text": " \n\t\u00a0\u200b"}, [("comment.empty", "input.text")]),
    ("2,001 characters", {"text": "a" * 2_001}, [("text.too_long", "input.text")]),
    ("a control character", {"text": "a\u0007b"}, [("text.not_printable", "input.text")]),
    ("a turned reading order", {"text": "a\u202eb"}, [("text.not_printable", "input.text")]),
    ("a short key", {"idempotencyKey": "kunci"}, [("key.malformed", "input.idempotencyKey")]),
    ("a malformed id", {"planId": "rencana"}, [("id.invalid", "input.planId")]),
    ("a plan of nobody", {"planId": plan_id(GHOST, "2024-1")}, [("plan.unknown", "input.planId")]),
    ("another period", {"planId": plan_id(str(ptk(PNS)), "2025-2")}, [("plan.unknown", "input.planId")]),
]


@pytest.mark.parametrize(
    ("arguments", "expected_problems"), [row[1:] for row in BAD], ids=[row[0] for row in BAD]
)
async def test_faulty_comment_is_refused_and_not_stored(
    environment: Environment, arguments: dict[str, Any], expected_problems: list[tuple[str, str]]
) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    before = await environment.dump_tables()
    whole = {"planId": teacher.plan_id, "text": "Baik."} | arguments
    answers = [await add_comment(teacher, language=language, plan_id=whole["planId"], **{
        name: value for name, value in whole.items() if name != "planId"}) for language in ("id", "en")]  # fmt: skip
    assert [problems_with_paths(answer) for answer in answers] == [expected_problems, expected_problems]
    assert answers[0]["problems"][0]["message"] != answers[1]["problems"][0]["message"]
    assert await environment.dump_tables() == before


async def test_longest_comment_is_accepted_and_trimmed(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    assert (await told_by(teacher, teacher.plan_id, f"  {'é' * 2_000}\n"))["text"] == "é" * 2_000


async def test_number_of_comments_is_limited(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    await environment.sql(
        "INSERT INTO plan_comment (ptk_id, period, number, at, author_ptk_id, account, text) "
        "SELECT $1::uuid, '2024-1', n, $2, $1::uuid, '', 'x' FROM generate_series(1, $3) n",
        UUID(teacher.ptk_id), environment.now, MAX_COMMENTS - 1,
    )  # fmt: skip
    assert (await told_by(teacher, teacher.plan_id))["number"] == MAX_COMMENTS
    before = await environment.dump_tables()
    assert problem_codes(await add_comment(teacher, teacher.plan_id, "Satu lagi.", idempotencyKey=KEY)) == [
        "comment.too_many"
    ]
    assert await environment.dump_tables() == before


async def test_erased_comment_keeps_its_number_and_key(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    await add_comment(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    await told_by(head, teacher.plan_id)
    await environment.sql(
        "UPDATE plan_comment SET text = NULL, nama = NULL, erased_at = $1 WHERE number = 1", environment.now
    )
    first_comment, stored_comments = (
        edge["node"] for edge in (await load_comments(head, teacher.plan_id))["edges"]
    )
    assert (first_comment["text"], first_comment["author"]["nama"], first_comment["erased"]) == (
        None,
        None,
        True,
    )
    assert (stored_comments["number"], stored_comments["erased"]) == (2, False)
    assert (await told_by(teacher, teacher.plan_id))["number"] == 3
    again = await add_comment(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    assert (again["number"], again["text"], again["replayed"]) == (1, None, True)


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
            assert (problem_codes(refusal), refusal["problems"][0]["__typename"]) == (
                ["facts.stale"],
                "TemporaryProblem",
            )
            bulk = await approve_plans(people.head, (plan, 7))
            assert problems_with_paths(bulk["results"][0]["result"]) == [
                ("facts.stale", "input.plans.0.planId")
            ]
            assert await environment.dump_tables() == before
            assert (await told_by(people.colleague, plan))["number"] == 1
        async with place.serve_at(STILL_FRESH) as environment:
            people = await OutageClients.sign_in(environment)
            place.proxy.set_mode(HANG_UP)
            assert (await told_by(people.head, plan))["number"] == 2
