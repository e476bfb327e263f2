"""Whose turn a plan is, with the sentence in both languages."""

from __future__ import annotations

from typing import Any

from services.kit.database import Database
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    Client,
    Environment,
    environment_at,
    planning_at,
    problem_codes,
)
from tests.integration.planning.faulty_proxy import HANG_UP, open_proxy
from tests.integration.planning.plans import (
    NOTE,
    SUB_INDIKATOR,
    decide_as_head,
    store_plt_confirmation,
    submit_plan,
)
from tests.small_registry import (
    COLLEAGUE,
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

TURN = """query Q($id: ID!) { plan(id: $id) { id turn {
  assignee nama satuanPendidikan { npsn } opensOn closesOn sentence } } }"""
SECOND_HEAD = {"jenis_ptk_id": "20", "jabatan_ptk_id": "2"}
FORMER_HEAD = {"jenis_ptk_id": "3", "jabatan_ptk_id": None}


async def turn(person: Client, language: str = "id") -> dict[str, Any]:
    answer = await person.execute(TURN, language, id=person.plan_id)
    return dict(answer["plan"]["turn"])


async def read_turn(person: Client) -> tuple[str, str | None, str | None]:
    current = await turn(person)
    assert current["sentence"] != (await turn(person, "en"))["sentence"]
    assert "…" not in current["sentence"]
    return current["assignee"], current["nama"], (current["satuanPendidikan"] or {}).get("npsn")


async def test_turn_from_draft_to_implementation(
    environment: Environment,
) -> None:
    teacher = await environment.sign_in(PNS)
    await teacher.start_plan()
    assert await read_turn(teacher) == ("OWNER", "Guru Contoh 1", None)
    current = await turn(teacher)
    assert (current["opensOn"], current["closesOn"]) == (None, "2024-01-31")
    assert "31 Januari 2024" in current["sentence"]
    await environment.sql("TRUNCATE plan CASCADE")
    teacher = await submit_plan(environment, PNS)
    assert await read_turn(teacher) == ("HEAD", "Guru Contoh 9", SD)
    assert (await turn(teacher))["sentence"] == (
        "Menunggu keputusan Guru Contoh 9, Kepala Sekolah SD NEGERI CONTOH 01."
    )
    await decide_as_head(environment, HEAD_OF_SD, teacher, "returnPlan", note=NOTE)
    assert await read_turn(teacher) == ("OWNER", "Guru Contoh 1", None)
    current = await turn(teacher)
    assert "29 Januari 2024" in current["sentence"]
    assert current["closesOn"] == "2024-01-29"
    await teacher.mutate_plan("submitPlan")
    await decide_as_head(environment, HEAD_OF_SD, teacher, "approvePlan")
    assert await read_turn(teacher) == ("OWNER", "Guru Contoh 1", None)
    await teacher.mutate_plan("beginImplementation")
    assert await read_turn(teacher) == ("NOBODY", None, None)


async def test_turn_is_the_plts_until_the_confirmation(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    assert await read_turn(teacher) == ("HEAD", f"Guru Contoh {PLT_OF_TK}", TK)
    current = await turn(teacher)
    assert "16 Februari 2024" in current["sentence"]
    assert (current["opensOn"], current["closesOn"]) == ("2024-02-16", None)
    await store_plt_confirmation(environment, TK, ptk(PLT_OF_TK))
    assert (await read_turn(teacher))[0] == "OWNER"


async def test_turn_is_the_dinas_if_the_school_has_no_head(environment: Environment) -> None:
    teacher = await submit_plan(environment, OF_SMA)
    assert await read_turn(teacher) == ("DINAS", None, SMA)
    assert "menetapkannya" in (await turn(teacher))["sentence"]


async def test_turn_of_the_plts_own_plan_is_the_dinas(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        with own_registry.active():
            await import_one_school(SMP, environment.now, p39=FORMER_HEAD)
            await appoint_plt(PLT_OF_TK, SMP, at=environment.now)
        teacher = await submit_plan(environment, PLT_OF_TK)
        assert await read_turn(teacher) == ("DINAS", None, SMP)
        assert "rencananya sendiri" in (await turn(teacher))["sentence"]


async def test_two_principals_on_record_are_named_and_may_not_plan_as_teachers(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        with own_registry.active():
            await import_one_school(SD, environment.now, **{f"p{COLLEAGUE}": SECOND_HEAD})
        teacher = await submit_plan(environment, PNS)
        assert await read_turn(teacher) == ("DINAS", None, SD)
        assert (await turn(teacher, "en"))["sentence"].startswith(
            "More than one person is on record as the head"
        )
        for head in (HEAD_OF_SD, COLLEAGUE):
            person = await environment.sign_in(head)
            assert problem_codes(await person.mutate("startPlan", {})) == ["access.kepala_sekolah"]
        assert len(await environment.sql("SELECT FROM plan")) == 1


async def test_sentence_of_a_moved_teacher_says_that_the_plan_must_move(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database) as environment:
        teacher = await environment.sign_in(PNS)
        await teacher.start_plan()
        await teacher.mutate_plan("confirmProfile", 1)
        with own_registry.active():
            await import_one_school(SD, environment.now, p1={"ptk_induk": "0"})
            await import_one_school(
                SMP, environment.now, p1={"ptk_induk": "1", "tanggal_surat_tugas": "2024-01-12"}
            )
        assert (await read_turn(teacher))[0] == "OWNER"
        assert f"NPSN {SMP}" in (await turn(teacher))["sentence"]


async def test_turn_is_null_if_the_head_is_unknown(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database) as environment:
        teacher = await submit_plan(environment, PNS)
        await environment.sql("TRUNCATE identity_answer")
        url = environment.identity._base_url
        assert url is not None
        async with (
            open_proxy(str(url.host), int(url.port or 0)) as proxy,
            planning_at(empty_planning_database, environment.now, proxy.url) as session,
        ):
            person = Client(session, teacher.headers, teacher.ptk_id)
            await person.execute("{ period { code } }")  # the keys of the tokens are known from now on
            proxy.set_mode(HANG_UP)
            _, answer = await person.post({"query": TURN, "variables": {"id": teacher.plan_id}})
    assert answer["data"]["plan"] == {"id": teacher.plan_id, "turn": None}
    (error,) = answer["errors"]
    assert error["path"] == ["plan", "turn"]
