"""The confirmation of a Plt: one fact per school and period, by the Plt of that school, from its date on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.database import Database
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.composing import SUB_INDIKATOR, submitted
from tests.integration.planning.crowd import at_once
from tests.integration.planning.house import House, Person, codes, connected, house_at, planning_at
from tests.small_registry import (
    ADMIN,
    HEAD_OF_SD,
    HEAD_OF_SMP,
    OF_SMP,
    OF_TK,
    PLT_OF_TK,
    PNS,
    SD,
    SMA,
    SMP,
    TK,
    appoint_plt,
    import_one_school,
    import_registry,
)

AS_OF = datetime(2024, 1, 5, 3, tzinfo=UTC)
# The TK stands in WITA, and its Plt comes from WIB: 16 February begins at the TK at 16.00 UTC the day before.
LAST_MINUTE_BEFORE = datetime(2024, 2, 15, 15, 59, tzinfo=UTC)
FIRST_MINUTE = datetime(2024, 2, 15, 16, 0, tzinfo=UTC)
NOON = datetime(2024, 2, 16, 5, tzinfo=UTC)
CONFIRM = """mutation M($input: ConfirmAsPltInput!) { answer: confirmAsPlt(input: $input) { __typename
  ... on PltConfirmation { npsn period confirmedAt replayed }
  ... on Refused { problems { code message path } }
} }"""
BANNERS = "{ viewer { banners { code message } } }"


@pytest.fixture
async def changing(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, whose TK stands in WITA; the test may change it."""
    async with connected(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry(AS_OF)
            await import_one_school(TK, AS_OF, school={"provinsi": "Prov. Bali"})
        yield database


@pytest.fixture
async def house(registry: Database, planning: Database) -> AsyncIterator[House]:
    """Both services on 16 February 2024, when confirming is possible everywhere."""
    async with house_at(registry, planning, NOON) as house:
        yield house


async def confirms(person: Person, npsn: str, language: str = "id") -> dict[str, Any]:
    answer: dict[str, Any] = (await person.ask(CONFIRM, language, input={"npsn": npsn}))["answer"]
    return answer


async def banners(house: House, who: int) -> list[str]:
    viewer = (await (await house.person(who)).ask(BANNERS))["viewer"]
    return [banner["code"] for banner in viewer["banners"]]


async def stored(house: House) -> list[dict[str, Any]]:
    return await house.sql("SELECT npsn, period, ptk_id, at FROM plt_confirmation")


async def test_before_its_date_nobody_confirms_and_the_date_is_told_in_both_languages(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning, LAST_MINUTE_BEFORE) as house:
        plt = await house.person(PLT_OF_TK)
        for language, day in (("id", "16 Februari 2024"), ("en", "16 February 2024")):
            answer = await confirms(plt, TK, language)
            (problem,) = answer["problems"]
            assert (problem["code"], problem["path"]) == ("plt.too_early", ["input", "npsn"])
            assert day in problem["message"]
        assert await stored(house) == []


async def test_the_date_begins_with_the_first_minute_where_the_school_stands(
    changing: Database, planning: Database
) -> None:
    async with house_at(changing, planning, FIRST_MINUTE) as house:
        assert await confirms(await house.person(PLT_OF_TK), TK) == {
            "__typename": "PltConfirmation", "npsn": TK, "period": "2024-1",
            "confirmedAt": FIRST_MINUTE.isoformat(), "replayed": False,
        }  # fmt: skip


async def test_confirming_again_finds_what_was_confirmed(
    registry: Database, planning: Database, house: House
) -> None:
    first = await confirms(await house.person(PLT_OF_TK), TK)
    async with house_at(registry, planning, datetime(2024, 3, 1, tzinfo=UTC)) as later:
        again = await confirms(await later.person(PLT_OF_TK), TK)
    assert (first["replayed"], again) == (False, first | {"replayed": True})
    assert await stored(house) == [{"npsn": TK, "period": "2024-1", "ptk_id": ptk(PLT_OF_TK), "at": NOON}]


async def test_twenty_confirmations_at_once_are_one(house: House) -> None:
    # Twenty processes, as clocks differ: each would tell another instant.
    plt = await house.person(PLT_OF_TK)
    async with AsyncExitStack() as processes:
        sessions = [
            await processes.enter_async_context(
                planning_at(house.database, NOON + timedelta(microseconds=n), str(house.identity._base_url))
            )
            for n in range(20)
        ]
        calls = [confirms(Person(one, plt.headers), TK) for one in sessions]
        outcomes = await at_once(house.database, "plt_confirmation", calls)
    answers = [answer for answer in outcomes if not isinstance(answer, BaseException)]
    assert len(answers) == 20
    assert [answer["replayed"] for answer in answers].count(False) == 1
    (row,) = await stored(house)
    assert {answer["confirmedAt"] for answer in answers} == {row["at"].isoformat()}


@pytest.mark.parametrize(
    ("who", "npsn"),
    [
        (OF_TK, TK), (HEAD_OF_SMP, TK), (PNS, TK), (ADMIN, TK),
        (PLT_OF_TK, SMP), (PLT_OF_TK, SD), (PLT_OF_TK, SMA), (HEAD_OF_SD, SD), (ADMIN, SD),
        (PLT_OF_TK, "99999999"), (ADMIN, "99999999"),
    ],
)  # fmt: skip
async def test_nobody_confirms_but_the_plt_of_that_school(house: House, who: int | str, npsn: str) -> None:
    answer = await confirms(await house.person(who), npsn)
    assert codes(answer) == ["plt.not_plt_here"]
    assert answer["problems"][0]["path"] == ["input", "npsn"]
    assert await stored(house) == []


@pytest.mark.parametrize(
    "npsn",
    [
        "", "9900000", f"{TK}0", f" {TK}", f"{TK}\n", f"{TK}?", f"{TK}#x", f"{TK}/", f"./{TK}", f"x/../{TK}",
        f"../schools/{TK}", f"..%2fschools%2f{TK}", "../../v1", "../../..", "٩٩٠٠٠٠٠٢", "９９０００００２",
    ],
)  # fmt: skip
async def test_an_npsn_is_eight_characters_and_never_a_way_to_elsewhere(house: House, npsn: str) -> None:
    answer = await confirms(await house.person(PLT_OF_TK), npsn)
    assert codes(answer) == ["npsn.malformed"]
    assert await stored(house) == []


async def test_whoever_has_not_signed_in_confirms_nothing(house: House) -> None:
    status, answer = await house.nobody().send({"query": CONFIRM, "variables": {"input": {"npsn": TK}}})
    (error,) = answer["errors"]
    assert (status, answer["data"], error["extensions"]["code"]) == (200, None, "UNAUTHENTICATED")
    assert await stored(house) == []


async def test_a_confirmation_covers_what_is_submitted_after_it(house: House) -> None:
    await confirms(await house.person(PLT_OF_TK), TK)
    teacher = await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
    assert (await teacher.plan())["state"]["phase"] == "AUTO_APPROVED"
    assert await banners(house, OF_TK) == ["banner.may_begin"]
    assert (await teacher.done("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_a_plt_is_reminded_from_february_until_the_school_is_confirmed(
    changing: Database, planning: Database
) -> None:
    # February begins where the TK stands, at 16.00 UTC; where its Plt comes from, an hour later.
    for hour, minute, told in ((15, 59, []), (16, 0, ["banner.confirm_as_plt"])):
        async with house_at(changing, planning, datetime(2024, 1, 31, hour, minute, tzinfo=UTC)) as house:
            assert await banners(house, PLT_OF_TK) == told
            assert await banners(house, OF_SMP) == []
    async with house_at(changing, planning, NOON) as house:
        viewer = (await (await house.person(PLT_OF_TK)).ask(BANNERS))["viewer"]
        (banner,) = viewer["banners"]
        assert banner["code"] == "banner.confirm_as_plt"
        assert "TK CONTOH 02" in banner["message"]
        await confirms(await house.person(PLT_OF_TK), TK)
        assert await banners(house, PLT_OF_TK) == []


async def test_a_confirmation_stands_when_another_becomes_plt(changing: Database, planning: Database) -> None:
    async with house_at(changing, planning, NOON) as house:
        teacher = await submitted(house, OF_TK, indikator=SUB_INDIKATOR)
        former, next_one = await house.person(PLT_OF_TK), await house.person(OF_SMP)
        first = await confirms(former, TK)
        with changing.active():
            await appoint_plt(PLT_OF_TK, TK, at=NOON, until="2024-02-16")
            await appoint_plt(OF_SMP, TK, at=NOON)
        assert await banners(house, OF_SMP) == []
        assert await confirms(next_one, TK) == first | {"replayed": True}
        assert codes(await confirms(former, TK)) == ["plt.not_plt_here"]
        assert [row["ptk_id"] for row in await stored(house)] == [ptk(PLT_OF_TK)]
        assert (await teacher.done("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_where_the_clock_stands_still_one_confirmation_is_the_first(
    registry: Database, planning: Database
) -> None:
    async with house_at(registry, planning, NOON) as house:
        plt = await house.person(PLT_OF_TK)
        answers = await at_once(house.database, "plt_confirmation", [confirms(plt, TK) for _ in range(20)])
        assert [answer["replayed"] for answer in answers if isinstance(answer, dict)].count(False) == 1
