"""What people were told: their own, in their language, read once, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.kit.database import Database
from tests.integration.planning.audit import command
from tests.integration.planning.composing import submitted
from tests.integration.planning.following import fire
from tests.integration.planning.house import PROBLEMS, House, Person, codes, house_at
from tests.integration.planning.revising import SECOND_ADMIN, appoint_admins
from tests.integration.planning.ticking import AGAIN, CLOSING, DUE, ESCALATED
from tests.queries import counting_queries
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, PNS, PPPK

pytestmark = pytest.mark.usefixtures("patient")

PAGE = """query Q($first: Int! = 20, $after: String) { viewer { notifications(first: $first, after: $after) {
  unreadCount pageInfo { hasNextPage endCursor }
  edges { node { id at title sentence planId readAt } } } } }"""
MARK = (
    """mutation M($input: MarkNotificationsReadInput!) { answer: markNotificationsRead(input: $input) {
  __typename ... on NotificationsRead { unreadCount } ...Told } }"""
    + PROBLEMS
)


@pytest.fixture
async def house(changing: Database, own: Database) -> AsyncIterator[House]:
    await appoint_admins(changing)
    async with house_at(changing, own) as house:
        yield house


async def inbox(person: Person, language: str = "id", **given: Any) -> dict[str, Any]:
    return dict((await person.ask(PAGE, language, **given))["viewer"]["notifications"])


async def nodes(person: Person, language: str = "id") -> list[dict[str, Any]]:
    return [edge["node"] for edge in (await inbox(person, language))["edges"]]


async def mark(person: Person, *ids: str) -> dict[str, Any]:
    return dict((await person.ask(MARK, input={"ids": list(ids)}))["answer"])


async def test_the_head_reads_what_waits_in_both_languages(house: House) -> None:
    teacher = await submitted(house, PNS)
    head = await house.person(HEAD_OF_SD)
    assert await inbox(head) == {
        "unreadCount": 0, "edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None},
    }  # fmt: skip
    await fire(house, DUE)
    await fire(house, AGAIN)
    second, first = await nodes(head)
    assert (first["at"], second["at"]) == (DUE.isoformat(), AGAIN.isoformat())
    assert first["title"] == "Pengingat kepada atasan"
    nama = (await teacher.plan())["profile"]["nama"]["value"]
    assert first["sentence"] == (
        f"Rencana kinerja {nama} berstatus “Diajukan” sejak 15 Januari 2024. "
        "Mohon tinjau rencana itu dalam antrean Anda."
    )
    assert (await nodes(head, "en"))[0]["sentence"].startswith(f"The performance plan of {nama} has been in")
    assert (first["planId"], first["readAt"]) == (teacher.plan_id, None)
    assert (await head.plan(first["planId"]))["id"] == teacher.plan_id
    assert await nodes(teacher) == []


async def test_the_owner_of_a_draft_is_told_what_to_do(house: House) -> None:
    teacher = await house.person(PNS)
    await teacher.start()
    await fire(house, CLOSING)
    (told,) = await nodes(teacher)
    assert told["title"] == "Pengingat sebelum perencanaan ditutup"
    assert told["sentence"].startswith(
        "Rencana kinerja Anda belum diajukan; statusnya “Draf” sejak 15 Januari"
    )


async def test_every_admin_finds_what_the_dinas_is_told_and_reads_it_for_themselves(house: House) -> None:
    await submitted(house, PNS)
    await fire(house, ESCALATED)
    one, other, teacher = [await house.person(who) for who in (ADMIN, SECOND_ADMIN, COLLEAGUE)]
    (told,) = await nodes(one)
    assert told["title"] == "Eskalasi ke dinas"
    assert "SD NEGERI CONTOH 01" in told["sentence"]
    assert (await mark(one, told["id"]))["unreadCount"] == 0
    assert (await nodes(one))[0]["readAt"] == house.now.isoformat()
    assert (await inbox(other))["unreadCount"] == 1
    assert await nodes(other) == [told]
    assert await nodes(teacher) == []


async def test_read_once_stays_read_as_of_then(house: House) -> None:
    await submitted(house, PNS)
    await fire(house, DUE)
    head = await house.person(HEAD_OF_SD)
    (told,) = await nodes(head)
    assert await mark(head, told["id"], told["id"]) == {"__typename": "NotificationsRead", "unreadCount": 0}
    before = await house.everything()
    await mark(head, told["id"])
    assert await house.everything() == before


async def test_nobody_marks_what_is_not_theirs_and_then_nothing_is_marked(house: House) -> None:
    await submitted(house, PNS)
    await submitted(house, PPPK)
    await fire(house, DUE)
    await fire(house, ESCALATED)
    heads = [one["id"] for one in await nodes(await house.person(HEAD_OF_SD))]
    dinas = [one["id"] for one in await nodes(await house.person(ADMIN))]
    before = await house.everything()
    for who, ids in ((PNS, heads), (HEAD_OF_SD, [*heads, *dinas]), (ADMIN, [heads[0]])):
        assert codes(await mark(await house.person(who), *ids)) == ["notification.unknown"]
    head = await house.person(HEAD_OF_SD)
    for ids, code in (
        (["x"], "id.invalid"),
        ([], "notification.how_many"),
        (heads * 51, "notification.how_many"),
    ):
        assert codes(await mark(head, *ids)) == [code]
    assert await house.everything() == before


async def test_page_by_page_newest_first(house: House) -> None:
    for who in (PNS, PPPK, COLLEAGUE):
        await submitted(house, who)
    await fire(house, DUE)
    await fire(house, AGAIN)
    head = await house.person(HEAD_OF_SD)
    whole = await inbox(head)
    assert (whole["unreadCount"], len(whole["edges"])) == (6, 6)
    walked: list[Any] = []
    page = await inbox(head, first=4)
    walked += page["edges"]
    assert page["pageInfo"]["hasNextPage"]
    page = await inbox(head, first=4, after=page["pageInfo"]["endCursor"])
    walked += page["edges"]
    assert (walked, page["pageInfo"]["hasNextPage"]) == (whole["edges"], False)


@pytest.mark.parametrize("given", [{"first": 0}, {"first": 101}, {"after": "x"}, {"after": "WyJhIiwiYiJd"}])
async def test_a_page_out_of_bounds_leaves_the_rest_of_the_answer(
    house: House, given: dict[str, Any]
) -> None:
    query = PAGE.replace("{ viewer {", "{ viewer { nama")
    _, answer = await (await house.person(PNS)).send({"query": query, "variables": given})
    assert answer["data"]["viewer"]["notifications"] is None
    assert answer["data"]["viewer"]["nama"]
    code = answer["errors"][0]["extensions"]["problem"]["code"]
    assert code == ("page.size" if "first" in given else "cursor.invalid")


async def test_who_has_not_signed_in_marks_nothing(house: House) -> None:
    await submitted(house, PNS)
    await fire(house, DUE)
    (told,) = await nodes(await house.person(HEAD_OF_SD))
    before = await house.everything()
    _, answer = await house.nobody().send({"query": MARK, "variables": {"input": {"ids": [told["id"]]}}})
    assert answer["errors"][0]["extensions"]["problem"]["code"] == "auth.sign_in_required"
    assert await house.everything() == before


async def test_erasing_a_plan_s_texts_takes_what_was_told_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, other = await submitted(house, PNS), await submitted(house, PPPK)
    await fire(house, DUE)
    head = await house.person(HEAD_OF_SD)
    mine = next(one for one in await nodes(head) if one["planId"] == teacher.plan_id)
    await mark(head, mine["id"])
    await house.sql(
        "INSERT INTO plan_timer_act SELECT ptk_id, period, gen_random_uuid(), timer, 0, 'skipped', due, due, 'admin', "
        "'x', NULL, 'Alasan.', due FROM plan_timer"
    )
    order = ("--reason", "Permintaan pemilik.", "--by", "dinas", "--yes")
    for _ in range(2):
        result = await command(house, monkeypatch, "erase", "--ptk-id", str(teacher.ptk_id), *order)
        assert result.exit_code == 0, result.output
    assert "nothing left to erase" in result.output
    assert [one["planId"] for one in await nodes(head)] == [other.plan_id]
    assert await house.sql("SELECT FROM notification_read") == []
    acts = await house.sql("SELECT ptk_id::text, reason FROM plan_timer_act")
    assert {row["reason"] for row in acts if row["ptk_id"] == teacher.ptk_id} == {None}
    assert {row["reason"] for row in acts if row["ptk_id"] == other.ptk_id} == {"Alasan."}


async def test_reading_is_one_statement_more_and_marking_two_whatever_there_is(house: House) -> None:
    head, sent = await house.person(HEAD_OF_SD), []
    for who in (PNS, PPPK):
        await submitted(house, who)
        await fire(house, DUE)
        told = await nodes(head)
        counts = []
        asked: list[tuple[str, dict[str, Any]]] = [
            (PAGE, {}), ("{ viewer { nama } }", {}), (MARK, {"input": {"ids": [told[0]["id"]]}}),
        ]  # fmt: skip
        for query, variables in asked:
            with counting_queries() as queries:
                await head.ask(query, **variables)
            counts.append(len(queries))
        sent.append((counts[0] - counts[1], counts[2]))
    assert sent == [(1, 2), (1, 2)]
