"""On whom a plan waits, and why, in both languages: nobody has to guess."""

from __future__ import annotations

from typing import Any

from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.composing import NOTE, SUB_INDIKATOR, confirmed_by_plt, decided, submitted
from tests.integration.planning.front import SHUT, door_before
from tests.integration.planning.house import House, Person, house_at, planning_at
from tests.small_registry import (
    HEAD_OF_SD,
    OF_SMA,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    SMA,
    SMP,
    TK,
    appoint_plt,
    import_one_school,
)

TURN = "query Q($id: ID!) { plan(id: $id) { id turn { who nama npsn opens until sentence } } }"
LEFT = {"jenis_ptk_id": "3", "jabatan_ptk_id": None}


async def turn(person: Person, language: str = "id") -> dict[str, Any]:
    answer = await person.ask(TURN, language, id=person.plan_id)
    return dict(answer["plan"]["turn"])


async def waits(person: Person) -> tuple[str, str | None, str | None]:
    told = await turn(person)
    assert told["sentence"] != (await turn(person, "en"))["sentence"]
    assert "…" not in told["sentence"]
    return told["who"], told["nama"], told["npsn"]


async def test_from_draft_to_implementation_it_is_the_teachers_turn_or_the_heads(house: House) -> None:
    teacher = await house.person(PNS)
    await teacher.start()
    assert await waits(teacher) == ("OWNER", "Guru Contoh 1", None)
    told = await turn(teacher)
    assert (told["opens"], told["until"]) == (None, "2024-01-31")
    assert "31 Januari 2024" in told["sentence"]
    await house.sql("TRUNCATE plan CASCADE")
    teacher = await submitted(house, PNS)
    assert await waits(teacher) == ("HEAD", "Guru Contoh 9", SD)
    assert (await turn(teacher))["sentence"] == (
        "Menunggu keputusan Guru Contoh 9, Kepala Sekolah SD NEGERI CONTOH 01."
    )
    await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert await waits(teacher) == ("OWNER", "Guru Contoh 1", None)
    told = await turn(teacher)
    assert "29 Januari 2024" in told["sentence"]
    assert told["until"] == "2024-01-29"
    await teacher.done("submitPlan")
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    assert await waits(teacher) == ("OWNER", "Guru Contoh 1", None)
    await teacher.done("beginImplementation")
    assert await waits(teacher) == ("NOBODY", None, None)


async def test_under_a_plt_it_is_the_plts_turn_until_confirmed(house: House) -> None:
    teacher = await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
    assert await waits(teacher) == ("HEAD", f"Guru Contoh {PLT_OF_TK}", TK)
    told = await turn(teacher)
    assert "16 Februari 2024" in told["sentence"]
    assert (told["opens"], told["until"]) == ("2024-02-16", None)
    await confirmed_by_plt(house, TK, ptk(PLT_OF_TK))
    assert (await waits(teacher))[0] == "OWNER"


async def test_where_nobody_leads_the_dinas_has_to_appoint(house: House) -> None:
    teacher = await submitted(house, OF_SMA)
    assert await waits(teacher) == ("DINAS", None, SMA)
    assert "menetapkannya" in (await turn(teacher))["sentence"]


async def test_the_plts_own_plan_waits_on_the_dinas(changing: Database, planning: Database) -> None:
    async with house_at(changing, planning) as house:
        with changing.active():
            await import_one_school(SMP, house.now, p39=LEFT)
            await appoint_plt(PLT_OF_TK, SMP, at=house.now)
        teacher = await submitted(house, PLT_OF_TK)
        assert await waits(teacher) == ("DINAS", None, SMP)
        assert "rencananya sendiri" in (await turn(teacher))["sentence"]


async def test_of_a_teacher_who_moved_the_sentence_says_that_the_plan_has_to_follow(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning) as house:
        teacher = await house.person(PNS)
        await teacher.start()
        await teacher.done("confirmProfile", 1)
        with changing.active():
            await import_one_school(SD, house.now, p1={"ptk_induk": "0"})
            await import_one_school(
                SMP, house.now, p1={"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
            )
        assert (await waits(teacher))[0] == "OWNER"
        assert f"NPSN {SMP}" in (await turn(teacher))["sentence"]


async def test_while_nothing_is_known_of_the_head_the_turn_is_null_and_the_plan_is_told(
    registry: Database, planning: Database
) -> None:
    async with house_at(registry, planning) as house:
        teacher = await submitted(house, PNS)
        await house.sql("TRUNCATE registry_answer")
        url = house.identity._base_url
        assert url is not None
        async with (
            door_before(str(url.host), int(url.port or 0)) as door,
            planning_at(planning, house.now, door.url) as session,
        ):
            person = Person(session, teacher.headers, teacher.ptk_id)
            await person.ask("{ period { code } }")  # the keys of the tokens are known from now on
            door.set(SHUT)
            _, answer = await person.send({"query": TURN, "variables": {"id": teacher.plan_id}})
    assert answer["data"]["plan"] == {"id": teacher.plan_id, "turn": None}
    (error,) = answer["errors"]
    assert error["path"] == ["plan", "turn"]
