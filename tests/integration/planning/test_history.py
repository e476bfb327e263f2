"""What the owner, the head and an admin read of a plan's history; nobody else reads any of it."""

from __future__ import annotations

from typing import Any

from tests.identity_samples import ptk
from tests.integration.planning.composing import (
    NOTE,
    SUB_INDIKATOR,
    TOO_FEW,
    WARNED,
    complete,
    decided,
    submitted,
)
from tests.integration.planning.house import House, Person, plan_in
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, HEAD_OF_SMP, OF_TK, PNS, SD, SMP, TK

HISTORY = """
query H($id: ID!, $first: Int! = 20, $after: String) { plan(id: $id) { version history(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { cursor node {
    version at kind sentence reason erased exceptional acknowledged
    actor { role nama } onBehalfOf { npsn head } fromState { name label phase } toState { name label phase }
  } }
} } }
"""
WHEN = "15 Januari 2024 pukul 09.00 WIB"


async def history(person: Person, of: str, language: str = "id", **page: Any) -> list[dict[str, Any]]:
    plan = (await person.ask(HISTORY, language, id=of, **page))["plan"]
    return [edge["node"] for edge in plan["history"]["edges"]]


async def test_owner_head_and_admin_read_the_same_sentences_each_in_their_language(house: House) -> None:
    teacher = await house.person(PNS)
    await complete(teacher, rhk=TOO_FEW)
    await teacher.done("submitPlan", 6, **WARNED)
    await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    told = await history(teacher, teacher.plan_id)
    assert [entry["sentence"] for entry in told] == [
        f"{WHEN}: Guru Contoh 9, Kepala Sekolah SD NEGERI CONTOH 01, meminta perbaikan rencana ini. Alasan: “Mohon "
        "lengkapi RHK. Terima kasih”.",
        f"{WHEN}: Guru Contoh 1 mengajukan rencana ini. Peringatan bahwa poin Pengembangan Kompetensi di bawah "
        "minimum telah diterima.",
        f"{WHEN}: Guru Contoh 1 menyimpan tab Perilaku Kerja.",
        f"{WHEN}: Guru Contoh 1 menyimpan tab Tugas Tambahan.",
        f"{WHEN}: Guru Contoh 1 menyimpan tab Pengembangan Kompetensi.",
        f"{WHEN}: Guru Contoh 1 menyimpan tab Praktik Kinerja.",
        f"{WHEN}: Guru Contoh 1 menyatakan data diri sudah sesuai.",
        f"{WHEN}: Guru Contoh 1 memulai rencana ini di SD NEGERI CONTOH 01.",
    ]
    for who in (HEAD_OF_SD, ADMIN):
        assert await history(await house.person(who), teacher.plan_id) == told
    english = await history(teacher, teacher.plan_id, "en", first=1)
    assert english[0]["sentence"].startswith(
        "15 January 2024, 09:00 WIB: Guru Contoh 9, principal of SD NEGERI CONTOH 01,"
    )
    assert english[0]["toState"]["label"] == "Draft"


async def test_an_entry_has_what_its_sentence_says_as_data(house: House) -> None:
    teacher = await house.person(PNS)
    await complete(teacher, rhk=TOO_FEW)
    await teacher.done("submitPlan", 6, **WARNED)
    await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    returned, submission, *_, started = await history(teacher, teacher.plan_id)
    assert {name: value for name, value in returned.items() if name != "sentence"} == {
        "version": 8, "at": "2024-01-15T02:00:00+00:00", "kind": "transition", "reason": NOTE, "erased": False,
        "exceptional": False, "acknowledged": [], "actor": {"role": "KEPALA_SEKOLAH", "nama": "Guru Contoh 9"},
        "onBehalfOf": {"npsn": SD, "head": "KEPALA_SEKOLAH"},
        "fromState": {"name": "submitted", "label": "Diajukan", "phase": "SUBMITTED"},
        "toState": {"name": "draft", "label": "Draf", "phase": "DRAFT"},
    }  # fmt: skip
    assert submission["acknowledged"] == ["points.below_minimum"]
    assert (submission["actor"], submission["onBehalfOf"]) == (
        {"role": "OWNER", "nama": "Guru Contoh 1"},
        None,
    )
    assert (started["fromState"], started["toState"]["name"], started["reason"]) == (None, "draft", None)


async def test_an_automatic_approval_names_the_fact_that_caused_it(house: House) -> None:
    teacher = await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
    approval, submission = (await history(teacher, teacher.plan_id))[:2]
    assert approval["sentence"] == (
        f"{WHEN}: sistem menyetujui rencana ini secara otomatis karena TK CONTOH 02 dipimpin Plt."
    )
    assert approval["actor"] == {"role": "SYSTEM", "nama": None}
    assert submission["actor"]["role"] == "OWNER"


async def test_pages_go_from_the_newest_to_the_first_without_a_gap(house: House) -> None:
    teacher = await submitted(house, PNS)
    for size in (1, 2, 3, 7, 100):
        versions: list[int] = []
        after: str | None = None
        while True:
            page = (await teacher.ask(HISTORY, id=teacher.plan_id, first=size, after=after))["plan"][
                "history"
            ]
            versions += [edge["node"]["version"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert versions == [7, 6, 5, 4, 3, 2, 1]


async def test_a_page_out_of_bounds_and_a_cursor_of_another_list_are_refused_beside_the_plan(
    house: House,
) -> None:
    teacher = await house.person(PNS)
    await teacher.start()
    queue = "WyJHdXJ1IDEiLCJ4Il0"  # ["Guru 1","x"]
    for page, code, path in (
        ({"first": 0}, "page.size", ["first"]), ({"first": 101}, "page.size", ["first"]),
        ({"after": "x"}, "cursor.invalid", ["after"]), ({"after": queue}, "cursor.invalid", ["after"]),
        ({"after": "WyJoaXN0b3J5IiwiMCJd"}, "cursor.invalid", ["after"]),  # ["history","0"]
        ({"after": "WyJoaXN0b3J5IiwiOTk5OTk5OTk5OTkiXQ"}, "cursor.invalid", ["after"]),  # ["history","99999999999"]
    ):  # fmt: skip
        body = {"query": HISTORY, "variables": {"id": teacher.plan_id, **page}}
        _, answer = await teacher.send(body)
        assert answer["data"]["plan"] == {"version": 1, "history": None}
        assert answer["errors"][0]["extensions"]["problem"] == {"code": code, "path": path}


async def test_nobody_else_reads_a_word_of_it(house: House) -> None:
    teacher = await submitted(house, PNS)
    for who in (COLLEAGUE, HEAD_OF_SMP):
        assert (await (await house.person(who)).ask(HISTORY, id=teacher.plan_id))["plan"] is None
    _, answer = await house.nobody().send({"query": HISTORY, "variables": {"id": teacher.plan_id}})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "Guru Contoh 1" not in str(answer)


async def test_where_the_plan_stood_before_is_known_from_its_own_snapshots(house: House) -> None:
    """Two schools, two zones: an event is told where the plan stood then."""
    teacher = await submitted(house, PNS)
    await house.sql(
        "UPDATE plan SET npsn = $1::text, school = jsonb_build_object('npsn', $1::text, "
        "'nama', 'SMP NEGERI CONTOH 03', 'jenjang', 'SMP', 'zone', 'Asia/Makassar')", SMP,
    )  # fmt: skip
    submission, *_, started = await history(teacher, teacher.plan_id)
    assert submission["sentence"].startswith(f"{WHEN}: Guru Contoh 1")
    assert started["sentence"].endswith("di SD NEGERI CONTOH 01.")
    await house.sql("UPDATE plan_text SET value = NULL, salt = NULL WHERE name = 'profile'")
    assert (await history(teacher, teacher.plan_id))[-1]["sentence"].endswith(f"di NPSN {SD}.")


async def test_the_head_s_own_account_and_nobody_s_key_stands_in_it(house: House) -> None:
    teacher = await submitted(house, PNS)
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    told = str(await history(teacher, teacher.plan_id))
    accounts = {
        row["account"]
        for row in await house.sql("SELECT body::json #>> '{actor,account}' AS account FROM plan_event")
    }
    assert len(accounts) == 2
    assert not any(key in told for key in (*accounts, str(ptk(HEAD_OF_SD)), str(ptk(PNS)), TK))


async def test_an_admin_is_named_as_such_and_by_no_account(house: House) -> None:
    teacher = await submitted(house, PNS)
    approved = await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    admin = await house.person(ADMIN)
    given = {"planId": teacher.plan_id, "expectedVersion": approved["version"], "reason": "Indikator keliru."}
    plan_in(await admin.do("reopenPlan", given))
    reopened = (await history(teacher, teacher.plan_id, "en"))[0]
    assert reopened["sentence"] == (
        "15 January 2024, 09:00 WIB: an admin reopened this plan for correction; everything in it was kept. Reason: "
        "“Indikator keliru”."
    )
    assert (reopened["actor"], reopened["exceptional"]) == ({"role": "ADMIN", "nama": None}, True)
    assert (reopened["fromState"]["phase"], reopened["toState"]["phase"]) == ("APPROVED", "DRAFT")
