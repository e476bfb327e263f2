"""The queue of a head: its plans, counts and pages."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from services.kit.database import Database
from services.kit.text import sort_key
from services.planning.review import store as review_store
from tests.identity_samples import ptk
from tests.integration.planning.environment import (
    JANUARY,
    PERIOD_CODE,
    Client,
    Environment,
    environment_at,
    planning_at,
)
from tests.integration.planning.faulty_proxy import HANG_UP, open_proxy
from tests.integration.planning.plans import NOTE, decide_as_head, submit_plan
from tests.small_registry import ADMIN, COLLEAGUE, HEAD_OF_SD, HEAD_OF_SMP, NON_ASN, PNS, PPPK, SD, SMP

QUEUE = """query Q($filter: ReviewQueueFilter, $first: Int! = 20, $after: String) {
  reviewQueue(filter: $filter, first: $first, after: $after) {
    counts { phase planCount } arrivingCount earlierPeriodCount pageInfo { hasNextPage endCursor }
    edges { cursor isArriving commentCount node { id version owner { nama } satuanPendidikan { npsn }
      currentSatuanPendidikan { npsn } wasReopened state { name label phase } submittedAt updatedAt } }
} }"""
FILTERS = ("period", "npsn", "phase", "name")


def queue_variables(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the variables for arguments, of which some belong to the filter."""
    return {"filter": {name: arguments.pop(name) for name in FILTERS if name in arguments}, **arguments}


async def queue(person: Client, **arguments: Any) -> dict[str, Any]:
    return dict((await person.execute(QUEUE, **queue_variables(arguments)))["reviewQueue"])


async def refusal(person: Client, language: str = "id", **arguments: object) -> str:
    _, answer = await person.post({"query": QUEUE, "variables": queue_variables(arguments)}, language)
    (error,) = answer["errors"]
    assert answer.get("data") in (None, {"reviewQueue": None})
    return str(error["extensions"]["problem"]["code"])


def names(queue_page: dict[str, Any]) -> list[str]:
    return [edge["node"]["owner"]["nama"] for edge in queue_page["edges"]]


async def test_head_filters_the_queue_by_phase_and_name(environment: Environment) -> None:
    teachers = [await submit_plan(environment, user) for user in (PNS, COLLEAGUE)]
    await decide_as_head(environment, HEAD_OF_SD, teachers[1], "returnPlan", note=NOTE)
    head = await environment.sign_in(HEAD_OF_SD)
    everything = await queue(head)
    assert everything["counts"] == [
        {"phase": "DRAFT", "planCount": 1},
        {"phase": "SUBMITTED", "planCount": 1},
    ]
    assert names(everything) == sorted(names(everything))
    (waiting,) = (await queue(head, phase="SUBMITTED"))["edges"]
    assert (waiting["node"]["id"], waiting["node"]["satuanPendidikan"]["npsn"]) == (teachers[0].plan_id, SD)
    assert waiting["node"]["version"] == (await head.load_plan(teachers[0].plan_id))["version"]
    own_name = waiting["node"]["owner"]["nama"]
    assert names(await queue(head, name=own_name.upper())) == [own_name]
    assert names(await queue(head, name="%")) == []
    assert (await queue(head, phase="APPROVED"))["edges"] == []


async def test_pages_follow_each_other_without_gap_or_repetition(environment: Environment) -> None:
    for user in (PNS, COLLEAGUE, PPPK, NON_ASN):
        await (await environment.sign_in(user)).start_plan()
    head = await environment.sign_in(HEAD_OF_SD)
    whole, names_of_pages, after = names(await queue(head)), [], None
    for _ in range(4):
        page = await queue(head, first=1, after=after)
        names_of_pages += names(page)
        after = page["pageInfo"]["endCursor"]
    assert (names_of_pages, page["pageInfo"]["hasNextPage"]) == (whole, False)
    assert (await queue(head, after=after))["edges"] == []


async def test_names_are_in_the_order_of_an_indonesian_list_on_every_page(environment: Environment) -> None:
    users, listed = (PNS, COLLEAGUE, PPPK, NON_ASN), ["andi Wijaya", "Édi", "EKA", "Ma'ruf"]
    for user in users:
        await (await environment.sign_in(user)).start_plan()
    written = await environment.sql("SELECT profile::json #>> '{nama,value}' AS nama, nama_key FROM plan")
    assert [row["nama_key"] for row in written] == [sort_key(row["nama"]) for row in written]
    for user, nama in zip(users, reversed(listed), strict=True):
        await environment.sql(
            "UPDATE plan SET profile = jsonb_set(profile, '{nama,value}', to_jsonb($1::text)), nama_key = $2 "
            "WHERE ptk_id = $3",
            nama, sort_key(nama), ptk(user),
        )  # fmt: skip
    head = await environment.sign_in(HEAD_OF_SD)
    assert names(await queue(head)) == listed
    found, after = [], None
    for _ in listed:
        page = await queue(head, first=1, after=after)
        found += names(page)
        after = page["pageInfo"]["endCursor"]
    assert found == listed


async def test_queue_of_another_school_is_refused(environment: Environment) -> None:
    teacher = await submit_plan(environment, PNS)
    assert (await queue(await environment.sign_in(HEAD_OF_SMP)))["edges"] == []
    assert await refusal(await environment.sign_in(HEAD_OF_SMP), npsn=SD) == "actor.not_head"
    assert await refusal(teacher) == "review.heads_no_school"
    assert await refusal(await environment.sign_in(ADMIN)) == "review.heads_no_school"
    assert await refusal(environment.anonymous()) == "auth.sign_in_required"
    assert (await queue(await environment.sign_in(HEAD_OF_SMP), npsn=SMP))["counts"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 0}, "page.size"),
        ({"first": 101}, "page.size"),
        ({"first": -1}, "page.size"),
        ({"after": "x"}, "cursor.invalid"),
        ({"after": "e30"}, "cursor.invalid"),
        ({"after": "WyJjb21tZW50IiwgIjMiXQ"}, "cursor.invalid"),  # ["comment", "3"]
        ({"after": "WyJcdTAwMDAiLCAieCJd"}, "cursor.invalid"),
        ({"after": "WzEsIDJd"}, "cursor.invalid"),
        ({"npsn": "../../x"}, "request.document"),
        ({"period": "1999-1"}, "period.unknown"),
    ],
)
async def test_invalid_page_of_the_queue_is_refused(
    environment: Environment, arguments: dict[str, Any], code: str
) -> None:
    head = await environment.sign_in(HEAD_OF_SD)
    assert [await refusal(head, language, **arguments) for language in ("id", "en")] == [code, code]


async def test_counts_of_the_queue_do_not_depend_on_the_page(environment: Environment) -> None:
    await submit_plan(environment, PNS)
    await environment.sql(
        "INSERT INTO plan SELECT gen_random_uuid(), period, npsn, school, workflow, catalog, state, version, "
        "last_hash, tab, profile, content, updated_at, submitted_at, revision_due, note, reopened_at "
        "FROM plan, generate_series(1, 60)"
    )
    head = await environment.sign_in(HEAD_OF_SD)
    queue_page = await queue(head, first=50)
    assert (len(queue_page["edges"]), queue_page["counts"]) == (50, [{"phase": "SUBMITTED", "planCount": 61}])


@pytest.mark.parametrize(
    ("nama", "name_filter"),
    [
        ("Ma’ruf", "maruf"), ("Dr. M.Yusuf, S.Pd.", "m yusuf"), ("SITI ÉLISE", "élise"), ("siti élise", "ÉLISE"),
        ("Siti E\u0301lise", "élise"), ("Siti Élise", "E\u0301"),
        ("A. M'rani, S.Pd.", "m'RANI"), ("100% Budi_Santoso\\", "% budi_s"), ("Budi\\", "\\"), ("Budi", "  budi "),
        ("王小明", "小"), ("Budi", ""), ("Budi 👩🏽‍🏫", "👩🏽"),
    ],
)  # fmt: skip
async def test_name_filter_ignores_case_and_unicode_form(
    environment: Environment, nama: str, name_filter: str
) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await environment.sql(
        "UPDATE plan SET profile = jsonb_set(profile, '{nama,value}', to_jsonb($1::text)), nama_key = $2",
        nama,
        sort_key(nama),
    )
    head = await environment.sign_in(HEAD_OF_SD)
    assert names(await queue(head, name=name_filter)) == [nama]


@pytest.mark.parametrize("name_filter", ["_", "%", "B.di", "Bu%i", "[a-z]", "\\"])
async def test_name_filter_is_no_pattern(environment: Environment, name_filter: str) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await environment.sql(
        "UPDATE plan SET profile = jsonb_set(profile, '{nama,value}', '\"Budi\"'), nama_key = 'budi'"
    )
    assert names(await queue(await environment.sign_in(HEAD_OF_SD), name=name_filter)) == []


async def test_queue_counts_comments_of_each_plan(environment: Environment) -> None:
    for user in (PNS, COLLEAGUE):
        await (await environment.sign_in(user)).start_plan()
    await environment.sql(
        "INSERT INTO plan_comment (ptk_id, period, number, at, author_ptk_id, account) "
        "SELECT ptk_id, period, n, now(), ptk_id, '' FROM plan, generate_series(1, 3) n WHERE ptk_id = $1",
        ptk(PNS),
    )
    queue_page = await queue(await environment.sign_in(HEAD_OF_SD))
    assert [edge["commentCount"] for edge in queue_page["edges"]] == [3, 0]


async def test_queue_uses_an_index_among_many_schools(environment: Environment) -> None:
    await (await environment.sign_in(PNS)).start_plan()
    await environment.sql(
        "INSERT INTO plan SELECT gen_random_uuid(), period, lpad((n / 50)::text, 8, '0'), school, workflow, catalog, "
        "state, version, last_hash, tab, profile, content, updated_at, submitted_at, revision_due, note, reopened_at "
        "FROM plan, generate_series(1, 20000) n"
    )
    await environment.sql(
        "INSERT INTO moved_teacher SELECT ptk_id, period, lpad((random() * 400)::int::text, 8, '0'), now() FROM plan "
        "WHERE npsn < '00000200'"
    )
    await environment.sql("ANALYZE plan, moved_teacher")
    mine = (PERIOD_CODE, [SD, "00000007"], ptk(HEAD_OF_SD))
    page = (["w"], ["draft"], "", "", "", "", 21)
    for statement, values in (
        ("count_queue", (PERIOD_CODE, date(2024, 1, 1), *mine[1:], True)),
        ("select_queue", (*mine, True, *page)),
        ("count_reopened", mine),
    ):
        plan = "\n".join(
            row["QUERY PLAN"]
            for row in await environment.sql(f"EXPLAIN {review_store._SQL[statement].text}", *values)
        )
        assert "Index Scan" in plan
        assert not re.search("Seq Scan on (plan|moved_teacher)", plan)


async def test_queue_tells_the_age_of_cached_facts(
    registry: Database, empty_planning_database: Database
) -> None:
    age_query = "{ reviewQueue { factsAsOf counts { planCount } } }"
    async with environment_at(registry, empty_planning_database) as environment:
        await submit_plan(environment, PNS)
        head = await environment.sign_in(HEAD_OF_SD)
        url = environment.identity._base_url
        assert url is not None
        async with (
            open_proxy(str(url.host), int(url.port or 0)) as proxy,
            planning_at(empty_planning_database, environment.now, proxy.url) as session,
        ):
            person = Client(session, head.headers, head.ptk_id)
            now = (await person.execute(age_query))["reviewQueue"]
            proxy.set_mode(HANG_UP)
            away = (await person.execute(age_query))["reviewQueue"]
    assert now["factsAsOf"] is None
    assert away == {"factsAsOf": JANUARY.isoformat(), "counts": [{"planCount": 1}]}
