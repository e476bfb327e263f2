"""The confirmation of a Plt: one per school and period, from its date on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kit.database import Database
from services.planning.api.http import REQUESTS_PER_CALLER
from tests.conftest import Fresh
from tests.identity_samples import ptk
from tests.integration.planning.concurrency import run_concurrently
from tests.integration.planning.environment import (
    Client,
    Environment,
    connect_database,
    environment_at,
    join_payload,
    planning_at,
    problem_codes,
)
from tests.integration.planning.plans import SUB_INDIKATOR, submit_plan
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
# The TK is in WITA, its Plt in WIB: 16 February begins at the TK at 16.00 UTC on the day before.
LAST_MINUTE_BEFORE = datetime(2024, 2, 15, 15, 59, tzinfo=UTC)
FIRST_MINUTE = datetime(2024, 2, 15, 16, 0, tzinfo=UTC)
NOON = datetime(2024, 2, 16, 5, tzinfo=UTC)
CONFIRM = """mutation M($input: ConfirmAsPltInput!) { answer: confirmAsPlt(input: $input) { __typename
  ... on ConfirmAsPltPayload { replayed confirmation { satuanPendidikan { npsn } period { code } confirmedAt } }
  ... on Failure { problems { code message inputPath } }
} }"""
BANNERS = "{ viewer { banners { code message } } }"


@pytest.fixture
async def own_registry(fresh_url: Fresh) -> AsyncIterator[Database]:
    """Identity's database with the small registry, whose TK is in WITA. The test may change it."""
    async with connect_database(await fresh_url("services.identity"), "services.identity") as database:
        with database.active():
            await import_registry(AS_OF)
            await import_one_school(TK, AS_OF, school={"provinsi": "Prov. Bali"})
        yield database


@pytest.fixture
async def environment(registry: Database, empty_planning_database: Database) -> AsyncIterator[Environment]:
    """Both services on 16 February 2024, when confirming is possible everywhere."""
    async with environment_at(registry, empty_planning_database, NOON) as environment:
        yield environment


async def confirm_plt(person: Client, npsn: str, language: str = "id") -> dict[str, Any]:
    return join_payload((await person.execute(CONFIRM, language, input={"npsn": npsn}))["answer"])


async def banners(environment: Environment, user: int) -> list[str]:
    viewer = (await (await environment.sign_in(user)).execute(BANNERS))["viewer"]
    return [banner["code"] for banner in viewer["banners"]]


async def list_confirmations(environment: Environment) -> list[dict[str, Any]]:
    return await environment.sql("SELECT npsn, period, ptk_id, at FROM plt_confirmation")


async def test_confirmation_before_its_date_is_refused(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, LAST_MINUTE_BEFORE) as environment:
        plt = await environment.sign_in(PLT_OF_TK)
        for language, day in (("id", "16 Februari 2024"), ("en", "16 February 2024")):
            answer = await confirm_plt(plt, TK, language)
            (problem,) = answer["problems"]
            assert (problem["code"], problem["inputPath"]) == ("plt.too_early", ["npsn"])
            assert day in problem["message"]
        assert await list_confirmations(environment) == []


async def test_date_of_confirmation_begins_at_midnight_of_the_school(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, FIRST_MINUTE) as environment:
        assert await confirm_plt(await environment.sign_in(PLT_OF_TK), TK) == {
            "__typename": "ConfirmAsPltPayload", "satuanPendidikan": {"npsn": TK}, "period": {"code": "2024-1"},
            "confirmedAt": FIRST_MINUTE.isoformat(), "replayed": False,
        }  # fmt: skip


async def test_second_confirmation_returns_the_first(
    registry: Database, empty_planning_database: Database, environment: Environment
) -> None:
    first = await confirm_plt(await environment.sign_in(PLT_OF_TK), TK)
    async with environment_at(registry, empty_planning_database, datetime(2024, 3, 1, tzinfo=UTC)) as later:
        again = await confirm_plt(await later.sign_in(PLT_OF_TK), TK)
    assert (first["replayed"], again) == (False, first | {"replayed": True})
    assert await list_confirmations(environment) == [
        {"npsn": TK, "period": "2024-1", "ptk_id": ptk(PLT_OF_TK), "at": NOON}
    ]


async def test_twenty_concurrent_confirmations_are_one(environment: Environment) -> None:
    # Twenty processes whose clocks differ.
    plt = await environment.sign_in(PLT_OF_TK)
    async with AsyncExitStack() as processes:
        sessions = [
            await processes.enter_async_context(
                planning_at(
                    environment.database,
                    NOON + timedelta(microseconds=n),
                    str(environment.identity._base_url),
                )
            )
            for n in range(20)
        ]
        calls = [confirm_plt(Client(one, plt.headers), TK) for one in sessions]
        outcomes = await run_concurrently(environment.database, "plt_confirmation", calls)
    answers = [answer for answer in outcomes if not isinstance(answer, BaseException)]
    assert len(answers) == 20
    assert [answer["replayed"] for answer in answers].count(False) == 1
    (row,) = await list_confirmations(environment)
    assert {answer["confirmedAt"] for answer in answers} == {row["at"].isoformat()}


@pytest.mark.parametrize(
    ("user", "npsn"),
    [
        (OF_TK, TK), (HEAD_OF_SMP, TK), (PNS, TK), (ADMIN, TK),
        (PLT_OF_TK, SMP), (PLT_OF_TK, SD), (PLT_OF_TK, SMA), (HEAD_OF_SD, SD), (ADMIN, SD),
        (PLT_OF_TK, "99999999"), (ADMIN, "99999999"),
    ],
)  # fmt: skip
async def test_only_the_plt_of_the_school_confirms(
    environment: Environment, user: int | str, npsn: str
) -> None:
    answer = await confirm_plt(await environment.sign_in(user), npsn)
    assert problem_codes(answer) == ["plt.not_plt_here"]
    assert answer["problems"][0]["inputPath"] == ["npsn"]
    assert await list_confirmations(environment) == []


@pytest.mark.parametrize(
    "npsn",
    [
        "", "9900000", f"{TK}0", f" {TK}", f"{TK}\n", f"{TK}?", f"{TK}#x", f"{TK}/", f"./{TK}", f"x/../{TK}",
        f"../schools/{TK}", f"..%2fschools%2f{TK}", "../../v1", "../../..", "٩٩٠٠٠٠٠٢", "９９０００００２",
    ],
)  # fmt: skip
async def test_malformed_npsn_is_refused(environment: Environment, npsn: str) -> None:
    plt = await environment.sign_in(PLT_OF_TK)
    status, answer = await plt.post({"query": CONFIRM, "variables": {"input": {"npsn": npsn}}})
    (error,) = answer["errors"]
    assert (status, error["extensions"]["code"]) == (400, "GRAPHQL_INVALID")
    assert "NPSN: expected 8 characters, such as 20100001" in error["message"]
    assert await list_confirmations(environment) == []


async def test_confirmation_requires_sign_in(environment: Environment) -> None:
    status, answer = await environment.anonymous().post(
        {"query": CONFIRM, "variables": {"input": {"npsn": TK}}}
    )
    (error,) = answer["errors"]
    assert (status, error["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert await list_confirmations(environment) == []


async def test_confirmation_covers_later_submissions(environment: Environment) -> None:
    await confirm_plt(await environment.sign_in(PLT_OF_TK), TK)
    teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
    assert (await teacher.load_plan())["state"]["phase"] == "AUTO_APPROVED"
    assert await banners(environment, OF_TK) == ["banner.may_begin"]
    assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_banner_reminds_the_plt_until_the_confirmation(
    own_registry: Database, empty_planning_database: Database
) -> None:
    # February begins at the TK at 16.00 UTC, and an hour later at the school of its Plt.
    for hour, minute, banner_codes in ((15, 59, []), (16, 0, ["banner.confirm_as_plt"])):
        async with environment_at(
            own_registry, empty_planning_database, datetime(2024, 1, 31, hour, minute, tzinfo=UTC)
        ) as environment:
            assert await banners(environment, PLT_OF_TK) == banner_codes
            assert await banners(environment, OF_SMP) == []
    async with environment_at(own_registry, empty_planning_database, NOON) as environment:
        viewer = (await (await environment.sign_in(PLT_OF_TK)).execute(BANNERS))["viewer"]
        (banner,) = viewer["banners"]
        assert banner["code"] == "banner.confirm_as_plt"
        assert "TK CONTOH 02" in banner["message"]
        await confirm_plt(await environment.sign_in(PLT_OF_TK), TK)
        assert await banners(environment, PLT_OF_TK) == []


async def test_confirmation_stays_valid_under_another_plt(
    own_registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(own_registry, empty_planning_database, NOON) as environment:
        teacher = await submit_plan(environment, OF_TK, indikator=SUB_INDIKATOR)
        former, next_one = await environment.sign_in(PLT_OF_TK), await environment.sign_in(OF_SMP)
        first = await confirm_plt(former, TK)
        with own_registry.active():
            await appoint_plt(PLT_OF_TK, TK, at=NOON, until="2024-02-16")
            await appoint_plt(OF_SMP, TK, at=NOON)
        assert await banners(environment, OF_SMP) == []
        assert await confirm_plt(next_one, TK) == first | {"replayed": True}
        assert problem_codes(await confirm_plt(former, TK)) == ["plt.not_plt_here"]
        assert [row["ptk_id"] for row in await list_confirmations(environment)] == [ptk(PLT_OF_TK)]
        assert (await teacher.mutate_plan("beginImplementation"))["state"]["phase"] == "IN_IMPLEMENTATION"


async def test_one_of_two_confirmations_at_the_same_instant_is_first(
    registry: Database, empty_planning_database: Database
) -> None:
    async with environment_at(registry, empty_planning_database, NOON) as environment:
        plt = await environment.sign_in(PLT_OF_TK)
        answers = await run_concurrently(
            environment.database,
            "plt_confirmation",
            [confirm_plt(plt, TK) for _ in range(20)],
            at_once=REQUESTS_PER_CALLER,
        )
        assert [answer["replayed"] for answer in answers if isinstance(answer, dict)].count(False) == 1
