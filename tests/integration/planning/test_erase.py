"""`rencana erase`: what people wrote is gone for good, and the plan, its course and its chain are whole."""

from __future__ import annotations

import asyncio
import json

import pytest

from services.kit.clock import Clock
from services.planning.storage import erase as store
from services.planning.usecases.erase import Order, erase_plan
from tests.identity_samples import ptk
from tests.integration.planning.audit import command, findings_of
from tests.integration.planning.composing import NOTE, decided, submitted
from tests.integration.planning.house import House, Person
from tests.integration.planning.test_history import history
from tests.small_registry import COLLEAGUE, HEAD_OF_SD, PNS

ORDER = ("--reason", "Permintaan pemilik data", "--by", "Budi Pengelola")
MINE = f"ptk_id = '{ptk(PNS)}'"


async def returned(house: House, who: int = PNS) -> Person:
    """A plan that was handed in and came back: two texts of head's hand, four snapshots, a comment of each."""
    teacher = await submitted(house, who)
    await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE, idempotencyKey="kunci-kepala")
    for number, author in ((1, who), (2, HEAD_OF_SD)):
        await comment(house, who, number, author)
    return teacher


async def comment(house: House, on: int, number: int, author: int) -> None:
    await house.sql(
        "INSERT INTO plan_comment (ptk_id, period, number, at, author, account, nama, text) "
        "VALUES ($1, '2024-1', $2, $3, $4, '', 'Nama', 'Isi')", ptk(on), number, house.now, ptk(author),
    )  # fmt: skip


async def erase(house: House, monkeypatch: pytest.MonkeyPatch, who: int, *more: str) -> str:
    result = await command(house, monkeypatch, "erase", "--ptk-id", str(ptk(who)), *ORDER, "--yes", *more)
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_no_word_is_left_and_the_chain_is_whole(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = await returned(house)
    await submitted(house, COLLEAGUE)
    await comment(house, COLLEAGUE, 1, PNS)
    assert await house.sql(f"SELECT FROM command_key WHERE {MINE}"), "a hash of the note, without salt"
    assert "2024-1: 6 texts, 2 comments erased" in await erase(house, monkeypatch, PNS)
    assert await findings_of(house) == []
    texts = await house.sql(f"SELECT value, salt, erased_at FROM plan_text WHERE {MINE}")
    assert [tuple(row.values()) for row in texts] == [(None, None, house.now)] * 6
    comments = await house.sql("SELECT text, nama, erased_at FROM plan_comment")
    assert [tuple(row.values()) for row in comments] == [(None, None, house.now)] * 3
    assert await house.sql(f"SELECT FROM command_key WHERE {MINE}") == []
    everything = str(await house.everything())
    assert not any(word in everything for word in ("Mohon lengkapi", "Terima kasih", "Guru Contoh 9", "Isi"))
    plan = await teacher.plan()
    assert (plan["version"], plan["note"], plan["revisionDue"]) == (9, None, "2024-01-29")
    assert plan["content"]["praktikKinerja"] == "PK-KSK", "the plan itself stays: it is the teacher's record"


async def test_the_chain_says_who_ordered_it_and_what_went(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await returned(house)
    await erase(house, monkeypatch, PNS)
    body = json.loads((await house.sql("SELECT body FROM plan_event WHERE version = 9"))[0]["body"])
    assert (body["kind"], body["from"], body["to"], body["actor"]["kind"]) == (
        "texts_erased",
        "draft",
        "draft",
        "system",
    )
    assert body["detail"] == {
        "texts": {"1": ["profile"], "2": ["profile"], "7": ["content", "profile"], "8": ["nama", "reason"]},
        "comments": [1, 2], "reason": "Permintaan pemilik data", "ordered_by": "Budi Pengelola",
    }  # fmt: skip


async def test_the_history_says_that_words_are_gone_and_what_happened_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await returned(house)
    await erase(house, monkeypatch, PNS)
    told = await history(teacher, teacher.plan_id)
    assert told[0]["sentence"].endswith(
        "riwayat dan isian rencana tetap utuh. Alasan: “Permintaan pemilik data”."
    )
    assert (told[0]["actor"], "Budi" in str(told)) == ({"role": "ADMIN", "nama": None}, False)
    assert told[1]["sentence"].endswith(
        "Kepala Sekolah SD NEGERI CONTOH 01 meminta perbaikan rencana ini. Alasan: teks pribadi telah dihapus."
    )
    assert (told[1]["reason"], told[1]["erased"], told[1]["actor"]["nama"]) == (None, True, None)
    assert [entry["erased"] for entry in told] == [False, True, True, False, False, False, False, True, True]


async def test_a_plan_goes_on_after_it_and_a_second_run_finds_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = await returned(house)
    await erase(house, monkeypatch, PNS)
    before = await house.everything()
    assert "2024-1: nothing left to erase" in await erase(house, monkeypatch, PNS)
    assert await house.everything() == before
    await teacher.done("submitPlan", 9)
    assert "2024-1: 2 texts, 0 comments erased" in await erase(house, monkeypatch, PNS)
    approved = await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    assert (approved["state"]["name"], approved["version"]) == ("approved", 12)
    assert await findings_of(house) == []


async def test_nothing_is_erased_unless_it_is_confirmed_and_well_ordered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await returned(house)
    before = await house.everything()
    whose = ("erase", "--ptk-id", str(ptk(PNS)))
    assert (await command(house, monkeypatch, *whose, *ORDER, answer="n\n")).exit_code == 1
    for order in (
        ("--reason", " ", "--by", "Budi"), ("--reason", "x" * 501, "--by", "Budi"),
        ("--reason", "x", "--by", "\u202ey"),
    ):  # fmt: skip
        result = await command(house, monkeypatch, *whose, *order, "--yes")
        assert result.exception is not None
    for other in (("--ptk-id", str(ptk(99))), ("--ptk-id", str(ptk(PNS)), "--period", "2024-2")):
        result = await command(house, monkeypatch, "erase", *other, *ORDER, "--yes")
        assert str(result.exception) == "erase.nobody"
    assert await house.everything() == before
    assert (await command(house, monkeypatch, *whose, *ORDER, answer="y\n")).exit_code == 0


async def test_the_event_and_the_erasing_are_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await returned(house)
    before = await house.everything()

    async def fails(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(store, "forget", fails)
    with house.database.active(), pytest.raises(RuntimeError):
        await erase_plan(str(ptk(PNS)), "2024-1", Order("x", "Budi"), Clock(house.now))
    assert await house.everything() == before


async def test_of_several_runs_at_once_one_erases(house: House) -> None:
    await returned(house)
    with house.database.active():
        runs = [erase_plan(str(ptk(PNS)), "2024-1", Order("x", "Budi"), Clock(house.now)) for _ in range(4)]
        done = [erased for erased in await asyncio.gather(*runs) if erased]
    assert [(one.texts, one.comments) for one in done] == [(6, 2)]
    assert await findings_of(house) == []
