"""`rencana erase`: personal texts are erased, events and chain stay valid."""

from __future__ import annotations

import asyncio
import json

import pytest

from services.kit.clock import Clock
from services.kit.command_line import get_operator
from services.kit.database import Connection
from services.planning.erasure import commands as erasing
from services.planning.erasure.commands import ErasureOrder, erase_plan
from services.planning.plan.model import CommandKey
from services.planning.review import store as review_store
from services.planning.review.model import Comment
from tests.identity_samples import ptk
from tests.integration.planning.environment import Client, Environment, problem_codes
from tests.integration.planning.plans import NOTE, decide_as_head, submit_plan
from tests.integration.planning.review import add_comment as said
from tests.integration.planning.review import approve_plans
from tests.integration.planning.test_history import history
from tests.integration.planning.verification import find_faults, run_command
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS

ORDER = ("--reason", "Permintaan pemilik data")
KEY = "0190f0a0-7b1e-7000-8000-000000000001"
OWN_ROWS = f"ptk_id = '{ptk(PNS)}'"


async def return_plan(environment: Environment, teacher_number: int = PNS) -> Client:
    """Submit and return a plan: two texts of the head, four snapshots, a comment of owner and head."""
    teacher = await submit_plan(environment, teacher_number)
    await decide_as_head(
        environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE, idempotencyKey="kunci-kepala"
    )
    for number, author in ((1, teacher_number), (2, HEAD_OF_SD)):
        await comment(environment, teacher_number, number, author)
    return teacher


async def comment(environment: Environment, on: int, number: int, author: int) -> None:
    await environment.sql(
        "INSERT INTO plan_comment (ptk_id, period, number, at, author_ptk_id, account, nama, text) "
        "VALUES ($1, '2024-1', $2, $3, $4, '', 'Nama', 'Isi')", ptk(on), number, environment.now, ptk(author),
    )  # fmt: skip


async def erase(environment: Environment, monkeypatch: pytest.MonkeyPatch, number: int, *more: str) -> str:
    result = await run_command(
        environment, monkeypatch, "erase", "--ptk-id", str(ptk(number)), *ORDER, "--yes", *more
    )
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_erasure_removes_all_texts_and_keeps_the_chain_valid(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await return_plan(environment)
    await submit_plan(environment, COLLEAGUE)
    await comment(environment, COLLEAGUE, 1, PNS)
    assert await environment.sql(f"SELECT FROM command_key WHERE {OWN_ROWS}"), (
        "a hash of the note, without salt"
    )
    assert "2024-1: 6 texts, 2 comments erased" in await erase(environment, monkeypatch, PNS)
    assert await find_faults(environment) == []
    texts = await environment.sql(f"SELECT value, salt, erased_at FROM plan_text WHERE {OWN_ROWS}")
    assert [tuple(row.values()) for row in texts] == [(None, None, environment.now)] * 6
    comments = await environment.sql("SELECT text, nama, erased_at FROM plan_comment")
    assert [tuple(row.values()) for row in comments] == [(None, None, environment.now)] * 3
    assert await environment.sql(f"SELECT FROM command_key WHERE {OWN_ROWS} AND input_hash <> ''") == []
    everything = str(await environment.dump_tables())
    assert not any(word in everything for word in ("Mohon lengkapi", "Terima kasih", "Guru Contoh 9", "Isi"))
    plan = await teacher.load_plan()
    assert (plan["version"], plan["note"], plan["revisionDueOn"]) == (9, None, "2024-01-29")
    assert plan["content"]["praktikKinerja"] == "PK-KSK", "the plan itself stays: it is the teacher's record"


async def test_event_of_the_erasure_names_operator_reason_and_texts(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await return_plan(environment)
    await erase(environment, monkeypatch, PNS)
    body = json.loads((await environment.sql("SELECT body FROM plan_event WHERE version = 9"))[0]["body"])
    assert (body["kind"], body["from"], body["to"], body["actor"]["kind"]) == (
        "texts_erased",
        "draft",
        "draft",
        "system",
    )
    assert body["detail"] == {
        "texts": {"1": ["profile"], "2": ["profile"], "7": ["content", "profile"], "8": ["nama", "reason"]},
        "comments": [1, 2], "reason": "Permintaan pemilik data", "ordered_by": get_operator(),
    }  # fmt: skip


async def test_history_shows_erased_texts_and_keeps_the_events(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await return_plan(environment)
    await erase(environment, monkeypatch, PNS)
    entries = await history(teacher, teacher.plan_id)
    assert entries[0]["sentence"].endswith(
        "riwayat dan isian rencana tetap utuh. Alasan: “Permintaan pemilik data”."
    )
    assert (entries[0]["actor"], get_operator() in str(entries)) == ({"role": "ADMIN", "nama": None}, False)
    assert entries[1]["sentence"].endswith(
        "Kepala Sekolah SD NEGERI CONTOH 01 meminta perbaikan rencana ini. Alasan: teks pribadi telah dihapus."
    )
    assert (entries[1]["reason"], entries[1]["isErased"], entries[1]["actor"]["nama"]) == (None, True, None)
    assert [entry["isErased"] for entry in entries] == [
        False,
        True,
        True,
        False,
        False,
        False,
        False,
        True,
        True,
    ]


async def test_plan_continues_after_erasure_and_second_run_finds_nothing(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await return_plan(environment)
    await erase(environment, monkeypatch, PNS)
    before = await environment.dump_tables()
    assert "2024-1: nothing left to erase" in await erase(environment, monkeypatch, PNS)
    assert await environment.dump_tables() == before
    await teacher.mutate_plan("submitPlan", 9)
    assert "2024-1: 2 texts, 0 comments erased" in await erase(environment, monkeypatch, PNS)
    approved = await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert (approved["state"]["name"], approved["version"]) == ("approved", 12)
    assert await find_faults(environment) == []


async def test_erasure_needs_confirmation_and_a_valid_order(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await return_plan(environment)
    before = await environment.dump_tables()
    command = ("erase", "--ptk-id", str(ptk(PNS)))
    assert (await run_command(environment, monkeypatch, *command, *ORDER, answer="n\n")).exit_code == 1
    for reason in (" ", "x" * 501):
        result = await run_command(environment, monkeypatch, *command, "--reason", reason, "--yes")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "reason" in result.stderr.splitlines()[0]
    for options in (("--ptk-id", str(ptk(99))), ("--ptk-id", str(ptk(PNS)), "--period", "2024-2")):
        result = await run_command(environment, monkeypatch, "erase", *options, *ORDER, "--yes")
        assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "erase.nobody ptk_id")
    assert await environment.dump_tables() == before
    assert (await run_command(environment, monkeypatch, *command, *ORDER, answer="y\n")).exit_code == 0


async def test_event_and_erasure_are_one_transaction(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await return_plan(environment)
    before = await environment.dump_tables()

    async def fails(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(erasing, "erase_reasons", fails)
    with environment.database.active(), pytest.raises(RuntimeError):
        await erase_plan(str(ptk(PNS)), "2024-1", ErasureOrder("x", "Budi"), Clock(environment.now))
    assert await environment.dump_tables() == before


async def test_one_of_several_concurrent_runs_erases(environment: Environment) -> None:
    await return_plan(environment)
    with environment.database.active():
        runs = [
            erase_plan(str(ptk(PNS)), "2024-1", ErasureOrder("x", "Budi"), Clock(environment.now))
            for _ in range(4)
        ]
        results = [erased for erased in await asyncio.gather(*runs) if erased]
    assert [(one.texts, one.comments) for one in results] == [(6, 2)]
    assert await find_faults(environment) == []


async def test_repeated_command_after_erasure_is_replayed_without_its_text(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, colleague = await submit_plan(environment, PNS), await submit_plan(environment, COLLEAGUE)
    head = await environment.sign_in(HEAD_OF_SD)
    returning = {"planId": teacher.plan_id, "expectedVersion": 7, "note": NOTE, "idempotencyKey": KEY}
    await head.mutate("returnPlan", returning)
    await said(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    await erase(environment, monkeypatch, PNS)
    before = await environment.dump_tables()
    repeated_comment = await said(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    assert (repeated_comment["number"], repeated_comment["text"], repeated_comment["replayed"]) == (
        1,
        None,
        True,
    )
    plan = await head.mutate("returnPlan", returning)
    assert (plan["version"], plan["note"], plan["replayed"]) == (9, None, True)
    at_present_version = await head.mutate("returnPlan", {**returning, "expectedVersion": 9})
    assert problem_codes(at_present_version) == ["key.reused"]
    elsewhere = await head.mutate("returnPlan", {**returning, "planId": colleague.plan_id})
    assert problem_codes(elsewhere) == ["key.reused"], (
        "what the key came with is forgotten, not which plan it was for"
    )
    assert await environment.dump_tables() == before


async def test_repeated_bulk_approval_after_erasure_is_replayed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, colleague = await submit_plan(environment, PNS), await submit_plan(environment, COLLEAGUE)
    head, plans = await environment.sign_in(HEAD_OF_SD), ((teacher.plan_id, 7), (colleague.plan_id, 7))
    await approve_plans(head, *plans, idempotencyKey=KEY)
    await erase(environment, monkeypatch, PNS)
    answer = await approve_plans(head, *plans, idempotencyKey=KEY)
    assert [row.get("replayed") for row in answer["results"]] == [True, True]
    await erase(environment, monkeypatch, COLLEAGUE)
    before = await environment.dump_tables()
    at_present_version = ((teacher.plan_id, 9), (colleague.plan_id, 9))
    for different in (plans[:1], plans[::-1], at_present_version):
        assert problem_codes(await approve_plans(head, *different, idempotencyKey=KEY)) == ["key.reused"]
    assert await environment.dump_tables() == before


async def test_erasure_of_one_period_keeps_idempotency_keys_of_others(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, head = await submit_plan(environment, PNS), await environment.sign_in(HEAD_OF_SD)
    await said(head, teacher.plan_id, "Mohon lengkapi.", idempotencyKey=KEY)
    await environment.sql(
        "INSERT INTO command_key SELECT subject, mutation, x.key, 'h', x.ptk_id, x.period, 1, at FROM command_key, "
        "(VALUES ('elsewhere', $1::uuid, '2023-1'), ('own', $2::uuid, '2023-1')) x(key, ptk_id, period) "
        "WHERE command_key.key = $3",
        ptk(PNS), ptk(HEAD_OF_SD), KEY,
    )  # fmt: skip
    await erase(environment, monkeypatch, HEAD_OF_SD, "--period", "2024-1")
    rows = await environment.sql(
        "SELECT key FROM command_key WHERE mutation = 'commentOnPlan' AND input_hash <> ''"
    )
    assert sorted(row["key"] for row in rows) == ["elsewhere", "own"]


async def test_comment_repeated_during_erasure_is_returned_as_erased(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await submit_plan(environment, PNS)
    await said(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    select_comment_of_key = review_store.select_comment_of_key

    async def erased_before(key: CommandKey, connection: Connection) -> Comment:
        await erase_plan(str(ptk(PNS)), "2024-1", ErasureOrder("x", "Budi"), Clock(environment.now))
        return await select_comment_of_key(key, connection)

    monkeypatch.setattr(review_store, "select_comment_of_key", erased_before)
    again = await said(teacher, teacher.plan_id, "Rahasia.", idempotencyKey=KEY)
    assert (again["number"], again["text"], again["replayed"]) == (1, None, True)


async def test_reasons_of_timer_acts_are_erased_and_the_acts_stay(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit_plan(environment, PNS)
    await submit_plan(environment, COLLEAGUE)
    await environment.sql(
        "INSERT INTO admin_act (subject, act, actor_kind, account, reason, at, detail) SELECT 'plan ' || ptk_id || ' ' "
        "|| period, 'skipped', 'admin', 'x', 'Alasan.', due, jsonb_build_object('timer', timer) FROM plan_timer"
    )
    await erase(environment, monkeypatch, PNS)
    assert "nothing left to erase" in await erase(environment, monkeypatch, PNS)
    acts = await environment.sql("SELECT subject, reason FROM admin_act WHERE subject LIKE 'plan %'")
    for teacher, reason in ((PNS, None), (COLLEAGUE, "Alasan.")):
        subject = f"plan {ptk(teacher)} 2024-1"
        assert {act["reason"] for act in acts if act["subject"] == subject} == {reason}
