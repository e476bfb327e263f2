"""The way out for an approved plan that has to be corrected: an admin opens it again, nothing is lost, all are told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.identity.accounts.commands import grant_scope, import_accounts
from services.kit.database import Database
from tests.conftest import Fresh
from tests.integration.planning.audit import findings_of
from tests.integration.planning.composing import INDIKATOR, SUB_INDIKATOR, complete, decided, submitted
from tests.integration.planning.house import House, Person, codes, connected, house_at, plan_in
from tests.integration.planning.test_review_queue import queue
from tests.small_registry import (
    ADMIN,
    AS_OF,
    COLLEAGUE,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    email_of,
    import_registry,
)

REASON = "Indikator keliru dipilih, sesuai permohonan guru."
BANNERS = "{ viewer { banners { code message role npsn } } }"
# The window closes on 31 March; whatever is opened again on 2 April can be submitted until the 16th.
AFTER_THE_WINDOW = datetime(2024, 4, 2, 3, tzinfo=UTC)
LAST_DAY = datetime(2024, 4, 16, 16, 59, tzinfo=UTC)
TOO_LATE = datetime(2024, 4, 16, 17, tzinfo=UTC)


async def banners(house: House, who: int) -> list[dict[str, Any]]:
    viewer = (await (await house.person(who)).ask(BANNERS))["viewer"]
    return list(viewer["banners"])


async def reopen(house: House, teacher: Person, who: int | str = ADMIN, **given: object) -> dict[str, Any]:
    """What somebody's attempt to open a teacher's plan again was answered."""
    version = (await teacher.plan())["version"]
    whole = {"planId": teacher.plan_id, "expectedVersion": version, "reason": REASON, **given}
    return await (await house.person(who)).do("reopenPlan", whole)


async def approved(house: House, who: int = PNS) -> Person:
    teacher = await submitted(house, who)
    await decided(house, HEAD_OF_SD, teacher, "approvePlan")
    return teacher


async def test_a_reopened_plan_keeps_everything_and_goes_round_again(house: House) -> None:
    teacher = await approved(house)
    before = await teacher.plan()
    after = plan_in(await reopen(house, teacher))
    assert (after["state"]["phase"], after["revisionDue"], after["note"]) == ("DRAFT", "2024-01-29", REASON)
    kept = ("content", "profile", "satuanPendidikan", "submittedAt", "rangkuman", "incomplete", "tab")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    await teacher.done("savePraktikKinerja", indikator="PK-EPD", then="NEXT")
    again = await teacher.done("submitPlan")
    assert again["state"]["phase"] == "SUBMITTED"
    assert (await decided(house, HEAD_OF_SD, teacher, "approvePlan"))["state"]["phase"] == "APPROVED"
    assert await findings_of(house) == []


async def test_owner_and_head_are_told_until_it_is_submitted_again(house: House) -> None:
    teacher = await approved(house)
    head = await house.person(HEAD_OF_SD)
    assert await banners(house, HEAD_OF_SD) == []
    await reopen(house, teacher)
    (owners,), (heads,) = await banners(house, PNS), await banners(house, HEAD_OF_SD)
    assert (owners["code"], owners["role"], owners["npsn"]) == ("banner.reopened", "TEACHER", SD)
    assert REASON in owners["message"]
    assert "29 Januari 2024" in owners["message"]
    assert (heads["code"], heads["role"], heads["npsn"]) == ("banner.reopened_here", "KEPALA_SEKOLAH", SD)
    assert heads["message"].startswith("1 rencana guru di SD NEGERI CONTOH 01")
    assert [edge["node"]["reopened"] for edge in (await queue(head))["edges"]] == [True]
    await teacher.done("submitPlan")
    assert (await banners(house, PNS), await banners(house, HEAD_OF_SD)) == ([], [])
    assert [edge["node"]["reopened"] for edge in (await queue(head))["edges"]] == [False]


async def test_of_the_heads_return_another_banner_tells_even_when_its_words_are_erased(house: House) -> None:
    teacher = await submitted(house, PNS)
    await decided(house, HEAD_OF_SD, teacher, "returnPlan", note=REASON)
    assert [one["code"] for one in await banners(house, PNS)] == ["banner.returned"]
    assert await banners(house, HEAD_OF_SD) == []
    await house.sql("UPDATE plan SET note = NULL")
    assert [one["code"] for one in await banners(house, PNS)] == ["banner.returned"]
    await house.sql("UPDATE plan SET reopened_at = updated_at")
    (banner,) = await banners(house, PNS)
    assert (banner["code"], "None" in banner["message"]) == ("banner.reopened_erased", False)


async def test_after_the_window_a_reopened_plan_is_corrected_within_its_own_days(
    registry: Database, planning: Database
) -> None:
    async with house_at(registry, planning) as january:
        people = [await approved(january), await approved(january, COLLEAGUE)]
        await people[1].done("beginImplementation")
        people.append(await submitted(january, OF_TK, indikator=SUB_INDIKATOR))
        phases = [(await one.plan())["state"]["phase"] for one in people]
        assert phases == ["APPROVED", "IN_IMPLEMENTATION", "AUTO_APPROVED"]
    async with house_at(registry, planning, AFTER_THE_WINDOW) as april:
        for who in (PNS, COLLEAGUE, OF_TK):
            plan = plan_in(await reopen(april, await april.person(who)))
            assert (plan["state"]["phase"], plan["revisionDue"]) == ("DRAFT", "2024-04-16")
    async with house_at(registry, planning, TOO_LATE) as late:
        teacher = await late.person(PNS)
        version = (await teacher.plan())["version"]
        assert await teacher.refused("submitPlan", version) == ["window.closed", "revision.passed"]
    async with house_at(registry, planning, LAST_DAY) as house:
        for who, phase in ((PNS, "SUBMITTED"), (COLLEAGUE, "SUBMITTED"), (OF_TK, "AUTO_APPROVED")):
            teacher = await house.person(who)
            indikator = SUB_INDIKATOR if who == OF_TK else INDIKATOR
            await teacher.done("savePraktikKinerja", **indikator, then="NEXT")
            assert (await teacher.done("submitPlan"))["state"]["phase"] == phase


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (PNS, "actor.not_admin"), (HEAD_OF_SD, "actor.not_admin"),
        (COLLEAGUE, "plan.unknown"), (HEAD_OF_SMP, "plan.unknown"), (PLT_OF_TK, "plan.unknown"),
    ],
)  # fmt: skip
async def test_nobody_reopens_but_an_admin(house: House, who: int, code: str) -> None:
    teacher = await approved(house)
    before = await house.everything()
    assert codes(await reopen(house, teacher, who)) == [code]
    given = {"planId": teacher.plan_id, "expectedVersion": (await teacher.plan())["version"]}
    fired = await (await house.person(who)).do(
        "firePlanTransition", {**given, "trigger": "reopen", "reason": REASON}
    )
    assert codes(fired) == [code]
    assert await house.everything() == before


async def test_to_a_partner_of_the_platform_the_plan_does_not_exist(
    fresh_url: Fresh, planning: Database
) -> None:
    partner = "mitra@dinas.belajar.id"
    async with connected(await fresh_url("services.identity"), "services.identity") as registry:
        with registry.active():
            await import_registry()
            row = f"email,ptk_id,npsn,opened,closed\n{partner},,,,\n"
            await import_accounts(row.encode(), "accounts", AS_OF)
            await grant_scope(partner, "status:read", "test", AS_OF)
        async with house_at(registry, planning) as house:
            teacher = await approved(house)
            before = await house.everything()
            assert codes(await reopen(house, teacher, partner)) == ["plan.unknown"]
            assert await house.everything() == before


async def test_an_admin_who_heads_the_school_reopens_as_admin_and_not_on_its_behalf(
    fresh_url: Fresh, planning: Database
) -> None:
    async with connected(await fresh_url("services.identity"), "services.identity") as registry:
        with registry.active():
            await import_registry()
            await grant_scope(email_of(HEAD_OF_SD), "admin", "test", AS_OF)
        async with house_at(registry, planning) as house:
            teacher = await approved(house)
            plan_in(await reopen(house, teacher, HEAD_OF_SD))
            (row,) = await house.sql("SELECT body FROM plan_event ORDER BY version DESC LIMIT 1")
            event = json.loads(row["body"])
            assert (event["on_behalf_of"], list(event["digests"])) == (None, ["reason"])


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "reason.missing"), ("  \n", "reason.missing"), ("a\u202eb", "text.not_printable"),
     ("x" * 2001, "text.too_long")],
)  # fmt: skip
async def test_an_admin_gives_a_reason_that_can_be_read(house: House, reason: str, code: str) -> None:
    teacher = await approved(house)
    before = await house.everything()
    answer = await reopen(house, teacher, reason=reason)
    assert (codes(answer), answer["problems"][0]["path"]) == ([code], ["input", "reason"])
    assert await house.everything() == before


async def test_what_the_owner_or_the_head_can_still_change_is_not_reopened(house: House) -> None:
    draft = await house.person(PNS)
    await complete(draft)
    assert codes(await reopen(house, draft)) == ["transition.not_from_here"]
    await draft.done("submitPlan", 6)
    before = await house.everything()
    assert codes(await reopen(house, draft)) == ["transition.not_from_here"]
    assert await house.everything() == before


async def test_the_same_key_reopens_once(house: House) -> None:
    teacher = await approved(house)
    admin, version = await house.person(ADMIN), (await teacher.plan())["version"]
    given = {"planId": teacher.plan_id, "expectedVersion": version, "reason": REASON}
    keyed = {**given, "idempotencyKey": "buka-kembali-1"}
    first, again = await admin.do("reopenPlan", keyed), await admin.do("reopenPlan", keyed)
    assert (first["replayed"], again) == (False, first | {"replayed": True})
    assert codes(await admin.do("reopenPlan", given)) == ["version.conflict"]
