"""Comments as stored and listed: numbers, repeats, pages, limits and erasure."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.planning.api.ids import plan_id
from services.planning.review.model import MAX_COMMENTS
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Environment,
    problem_codes,
)
from tests.integration.planning.plans import (
    INDIKATOR,
    submit_plan,
)
from tests.integration.planning.review import (
    DISCUSSION,
    add_comment,
    expect_comment,
    load_comments,
    problems_with_paths,
)
from tests.small_registry import (
    HEAD_OF_SD,
    PNS,
)

KEY = "0190f0a0-7b1e-7000-8000-000000000001"
GHOST = "99999999-9999-4999-8999-999999999999"


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
        *(expect_comment((teacher, head)[n % 2], teacher.plan_id, f"Komentar {n}") for n in range(50))
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

    await asyncio.gather(saves(), *(expect_comment(person, person.plan_id) for _ in range(20)))
    assert (await person.load_plan())["version"] == 12
    assert (await load_comments(person, person.plan_id))["totalCount"] == 20


async def test_pages_of_comments_are_oldest_first(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    for n in range(5):
        await expect_comment(teacher, teacher.plan_id, f"Komentar {n}")
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
    *(
        (f"U+{ord(one):04X}", {"text": one}, [("comment.empty", "input.text")])
        for one in "\u3164\u2800\ufe0f\u034f\u17b4\uffa0\u1160\u200b\u2060\ufeff\u00ad\u200e"
    ),
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
    assert (await expect_comment(teacher, teacher.plan_id, f"  {'é' * 2_000}\n"))["text"] == "é" * 2_000


async def test_text_pasted_from_word_or_whatsapp_is_stored_as_it_looks(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    pasted = "Mohon perbaiki:\x0b\uf0b7\tRHK se\u0301mua\x85\uf0b7\tcek \u2068@Bima\u2069 ya\u200b\x0c"
    comment = await expect_comment(teacher, teacher.plan_id, pasted)
    assert comment["text"] == "Mohon perbaiki:\n•\tRHK sémua\n•\tcek @Bima ya"


async def test_refused_character_is_named_with_its_place(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    for language, place in (("id", "U+F0C8 pada baris 2, kolom 3"), ("en", "U+F0C8 in line 2, column 3")):
        answer = await add_comment(
            teacher, language=language, plan_id=teacher.plan_id, text="RHK\r\n1)\uf0c8"
        )
        assert [place in problem["message"] for problem in answer["problems"]] == [True]


async def test_number_of_comments_is_limited(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    await environment.sql(
        "INSERT INTO plan_comment (ptk_id, period, number, at, author_ptk_id, account, text) "
        "SELECT $1::uuid, '2024-1', n, $2, $1::uuid, '', 'x' FROM generate_series(1, $3) n",
        UUID(teacher.ptk_id), environment.now, MAX_COMMENTS - 1,
    )  # fmt: skip
    assert (await expect_comment(teacher, teacher.plan_id))["number"] == MAX_COMMENTS
    before = await environment.dump_tables()
    assert problem_codes(await add_comment(teacher, teacher.plan_id, "Satu lagi.", idempotencyKey=KEY)) == [
        "comment.too_many"
    ]
    assert await environment.dump_tables() == before


async def test_erased_comment_keeps_its_number_and_key(environment: Environment) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    await add_comment(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    await expect_comment(head, teacher.plan_id)
    await environment.sql(
        "UPDATE plan_comment SET text = NULL, nama = NULL, erased_at = $1 WHERE number = 1", environment.now
    )
    first_comment, stored_comments = (
        edge["node"] for edge in (await load_comments(head, teacher.plan_id))["edges"]
    )
    assert (first_comment["text"], first_comment["author"]["nama"], first_comment["isErased"]) == (
        None,
        None,
        True,
    )
    assert (stored_comments["number"], stored_comments["isErased"]) == (2, False)
    assert (await expect_comment(teacher, teacher.plan_id))["number"] == 3
    again = await add_comment(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    assert (again["number"], again["text"], again["replayed"]) == (1, None, True)
