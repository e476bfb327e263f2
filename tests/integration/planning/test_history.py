"""The history of a plan, as its owner, its head and an admin read it."""

from __future__ import annotations

from typing import Any

from tests.identity_samples import ptk
from tests.integration.planning.environment import Client, Environment, expect_plan
from tests.integration.planning.plans import (
    ACKNOWLEDGED_POINTS,
    NOTE,
    SUB_INDIKATOR,
    TOO_FEW,
    complete_plan,
    decide_as_head,
    submit_plan,
)
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, HEAD_OF_SMP, OF_TK, PNS, SD, SMP, TK

HISTORY = """
query H($id: ID!, $first: Int! = 20, $after: String) { plan(id: $id) { version history(first: $first, after: $after) {
  pageInfo { hasNextPage endCursor }
  edges { cursor node {
    version occurredAt kind sentence reason isErased isExceptional acknowledgedWarnings
    actor { role nama } onBehalfOf { satuanPendidikan { npsn } headKind }
    fromState { name label phase } toState { name label phase }
  } }
} } }
"""
WHEN = "15 Januari 2024 pukul 09.00 WIB"


async def history(person: Client, of: str, language: str = "id", **page: Any) -> list[dict[str, Any]]:
    plan = (await person.execute(HISTORY, language, id=of, **page))["plan"]
    return [edge["node"] for edge in plan["history"]["edges"]]


async def test_owner_head_and_admin_read_the_same_sentences(
    environment: Environment,
) -> None:
    teacher = await environment.sign_in(PNS)
    await complete_plan(teacher, rhk=TOO_FEW)
    await teacher.mutate_plan("submitPlan", 6, **ACKNOWLEDGED_POINTS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    sentences = await history(teacher, teacher.plan_id)
    assert [entry["sentence"] for entry in sentences] == [
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
    for user in (HEAD_OF_SD, ADMIN):
        assert await history(await environment.sign_in(user), teacher.plan_id) == sentences
    english = await history(teacher, teacher.plan_id, "en", first=1)
    assert english[0]["sentence"].startswith(
        "15 January 2024, 09:00 WIB: Guru Contoh 9, principal of SD NEGERI CONTOH 01,"
    )
    assert english[0]["toState"]["label"] == "Draft"


async def test_history_entry_has_the_data_of_its_sentence(environment: Environment) -> None:
    teacher = await environment.sign_in(PNS)
    await complete_plan(teacher, rhk=TOO_FEW)
    await teacher.mutate_plan("submitPlan", 6, **ACKNOWLEDGED_POINTS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    returned, submission, *_, start = await history(teacher, teacher.plan_id)
    assert {name: value for name, value in returned.items() if name != "sentence"} == {
        "version": 8, "occurredAt": "2024-01-15T02:00:00+00:00", "kind": "TRANSITION", "reason": NOTE,
        "isErased": False, "isExceptional": False, "acknowledgedWarnings": [],
        "actor": {"role": "KEPALA_SEKOLAH", "nama": "Guru Contoh 9"},
        "onBehalfOf": {"satuanPendidikan": {"npsn": SD}, "headKind": "KEPALA_SEKOLAH"},
        "fromState": {"name": "submitted", "label": "Diajukan", "phase": "SUBMITTED"},
        "toState": {"name": "draft", "label": "Draf", "phase": "DRAFT"},
    }  # fmt: skip
    assert submission["acknowledgedWarnings"] == ["points.below_minimum"]
    assert (submission["actor"], submission["onBehalfOf"]) == (
        {"role": "OWNER", "nama": "Guru Contoh 1"},
        None,
    )
    assert (start["fromState"], start["toState"]["name"], start["reason"]) == (None, "draft", None)


async def test_an_automatic_approval_names_the_fact_that_caused_it(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    approval, submission = (await history(teacher, teacher.plan_id))[:2]
    assert approval["sentence"] == (
        f"{WHEN}: sistem menyetujui rencana ini secara otomatis karena TK CONTOH 02 dipimpin Plt."
    )
    assert approval["actor"] == {"role": "SYSTEM", "nama": None}
    assert submission["actor"]["role"] == "OWNER"


async def test_pages_of_history_follow_without_gap(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    for size in (1, 2, 3, 7, 100):
        versions: list[int] = []
        after: str | None = None
        while True:
            page = (await teacher.execute(HISTORY, id=teacher.plan_id, first=size, after=after))["plan"][
                "history"
            ]
            versions += [edge["node"]["version"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert versions == [7, 6, 5, 4, 3, 2, 1]


async def test_invalid_page_of_history_is_an_error_beside_the_plan(
    environment: Environment,
) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    queue = "WyJHdXJ1IDEiLCJ4Il0"  # ["Guru 1","x"]
    for page, code, path in (
        ({"first": 0}, "page.size", ["first"]), ({"first": 101}, "page.size", ["first"]),
        ({"after": "x"}, "cursor.invalid", ["after"]), ({"after": queue}, "cursor.invalid", ["after"]),
        ({"after": "WyJoaXN0b3J5IiwiMCJd"}, "cursor.invalid", ["after"]),  # ["history","0"]
        ({"after": "WyJoaXN0b3J5IiwiOTk5OTk5OTk5OTkiXQ"}, "cursor.invalid", ["after"]),  # ["history","99999999999"]
    ):  # fmt: skip
        body = {"query": HISTORY, "variables": {"id": teacher.plan_id, **page}}
        _, answer = await teacher.post(body)
        assert answer["data"]["plan"] == {"version": 1, "history": None}
        assert answer["errors"][0]["extensions"]["problem"] == {"code": code, "path": path}


async def test_history_is_hidden_from_others(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    for user in (COLLEAGUE, HEAD_OF_SMP):
        assert (await (await environment.sign_in(user)).execute(HISTORY, id=teacher.plan_id))["plan"] is None
    _, answer = await environment.anonymous().post({"query": HISTORY, "variables": {"id": teacher.plan_id}})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "Guru Contoh 1" not in str(answer)


async def test_former_school_is_named_from_the_snapshots_of_the_plan(environment: Environment) -> None:
    """The history names the school of each event, in the time zone of that school."""
    teacher = await submit_plan(environment, PNS)
    await environment.sql(
        "UPDATE plan SET npsn = $1::text, school = jsonb_build_object('npsn', $1::text, "
        "'nama', 'SMP NEGERI CONTOH 03', 'jenjang', 'SMP', 'zone', 'Asia/Makassar')", SMP,
    )  # fmt: skip
    submission, *_, start = await history(teacher, teacher.plan_id)
    assert submission["sentence"].startswith(f"{WHEN}: Guru Contoh 1")
    assert start["sentence"].endswith("di SD NEGERI CONTOH 01.")
    await environment.sql("UPDATE plan_text SET value = NULL, salt = NULL WHERE name = 'profile'")
    assert (await history(teacher, teacher.plan_id))[-1]["sentence"].endswith(f"di NPSN {SD}.")


async def test_history_contains_no_idempotency_key(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    sentences = str(await history(teacher, teacher.plan_id))
    accounts = {
        row["account"]
        for row in await environment.sql("SELECT body::json #>> '{actor,account}' AS account FROM plan_event")
    }
    assert len(accounts) == 2
    assert not any(key in sentences for key in (*accounts, str(ptk(HEAD_OF_SD)), str(ptk(PNS)), TK))


async def test_history_names_an_admin_without_account(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    approved = await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    admin = await environment.sign_in(ADMIN)
    arguments = {
        "planId": teacher.plan_id,
        "expectedVersion": approved["version"],
        "reason": "Indikator keliru.",
    }
    expect_plan(await admin.mutate("reopenPlan", arguments))
    reopening = (await history(teacher, teacher.plan_id, "en"))[0]
    assert reopening["sentence"] == (
        "15 January 2024, 09:00 WIB: an admin reopened this plan for correction; its content is unchanged. Reason: "
        "“Indikator keliru”."
    )
    assert (reopening["actor"], reopening["isExceptional"]) == ({"role": "ADMIN", "nama": None}, True)
    assert (reopening["fromState"]["phase"], reopening["toState"]["phase"]) == ("APPROVED", "DRAFT")
