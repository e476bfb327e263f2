"""Answers of identity are stored behind the requests: rarely, in one statement, and never over a newer answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from services.kit.clock import Clock
from services.kit.database import Database
from services.planning.people.identity.answers import (
    BATCH_SIZE,
    REWRITE_AFTER,
    AnswerStore,
    IdentityUnavailable,
)
from services.planning.people.identity.client import IdentityClient
from services.planning.people.store import StoredAnswer
from tests.conftest import Fresh
from tests.credentials import PLANNING
from tests.integration.planning.environment import connect_database, sql
from tests.integration.planning.faulty_proxy import (
    HANG_UP,
    FaultyProxy,
    http_response,
    open_proxy,
    with_token_endpoint,
)
from tests.queries import counting_queries
from tests.small_registry import SD
from tests.unit.planning.test_identity_parsers import school

NOW = datetime(2024, 2, 20, tzinfo=UTC)
LIFE = timedelta(hours=72)


def build_answer(
    path: str = "/v1/schools/99000001", body: str | None = "{}", after: timedelta = timedelta()
) -> StoredAnswer:
    return StoredAnswer(path, '"tag"', body, NOW + after)


@pytest.fixture
async def database(fresh_url: Fresh) -> AsyncIterator[Database]:
    async with connect_database(await fresh_url("services.planning"), "services.planning") as database:
        with database.active():
            yield database


@pytest.fixture
def answer_store(database: Database) -> AnswerStore:
    return AnswerStore(Clock(NOW), LIFE, database)


async def rows(database: Database) -> list[tuple[str, str, datetime]]:
    stored_rows = await sql(database, "SELECT path, body, as_of FROM identity_answer ORDER BY path")
    return [(row["path"], row["body"], row["as_of"]) for row in stored_rows]


@asynccontextmanager
async def open_client(
    proxy: FaultyProxy, database: Database
) -> AsyncIterator[tuple[IdentityClient, AnswerStore]]:
    answer_store = AnswerStore(Clock(NOW), LIFE, database)
    client = IdentityClient(proxy.url, PLANNING, Clock(NOW), store=answer_store)
    await client.start()
    try:
        yield client, answer_store
    finally:
        await client.close()


@contextmanager
def sending(statements: int) -> Iterator[None]:
    with counting_queries() as queries:
        yield
    assert len(queries) == statements


async def test_many_answers_are_stored_by_one_statement(
    database: Database, answer_store: AnswerStore
) -> None:
    for number in range(300):
        answer_store.store_later(build_answer(f"/v1/teachers/{number:03}"))
    with database.active():
        with sending(1):
            await answer_store.flush()
        with sending(0):
            await answer_store.flush()
    assert len(await rows(database)) == 300


async def test_unchanged_answer_is_stored_again_after_an_interval(
    database: Database, answer_store: AnswerStore
) -> None:
    with database.active():
        for after, body, statements in (
            (timedelta(0), "{}", 1),
            (REWRITE_AFTER / 2, "{}", 0),
            (REWRITE_AFTER / 2, '{"a":1}', 1),
            (REWRITE_AFTER * 2, '{"a":1}', 1),
            (REWRITE_AFTER * 2, None, 1),
        ):
            answer_store.store_later(build_answer(body=body, after=after))
            with sending(statements):
                await answer_store.flush()
            expected_rows = [(build_answer().path, body, NOW + after)] if body and statements else []
            assert statements == 0 or await rows(database) == expected_rows


async def test_older_answer_does_not_overwrite_that_of_another_process(
    database: Database, answer_store: AnswerStore
) -> None:
    another = AnswerStore(Clock(NOW), LIFE, database)
    with database.active():
        another.store_later(build_answer(body='"later"', after=timedelta(minutes=1)))
        await another.flush()
        for body in ('"earlier"', None):
            answer_store.store_later(build_answer(body=body))
            await answer_store.flush()
    assert await rows(database) == [(build_answer().path, '"later"', NOW + timedelta(minutes=1))]


async def test_expired_answers_are_deleted(database: Database, answer_store: AnswerStore) -> None:
    with database.active():
        answer_store.store_later(build_answer("/v1/teachers/old", after=-LIFE - timedelta(seconds=1)))
        answer_store.store_later(build_answer("/v1/teachers/young", after=-LIFE))
        await answer_store.flush()
        answer_store.store_later(build_answer("/v1/teachers/new"))
        await answer_store.flush()
    assert [path for path, _, _ in await rows(database)] == ["/v1/teachers/new", "/v1/teachers/young"]


async def test_answers_are_queued_while_the_database_is_unavailable(
    database: Database, answer_store: AnswerStore, caplog: pytest.LogCaptureFixture
) -> None:
    answer_store.store_later(build_answer())
    holder = await asyncpg.connect(database.dsn)
    await holder.execute("ALTER TABLE identity_answer RENAME TO elsewhere")
    with database.active():
        await answer_store.flush()
        assert "could not be stored" in caplog.text
        assert await answer_store.load(build_answer().path) == build_answer()
        await holder.execute("ALTER TABLE elsewhere RENAME TO identity_answer")
        await answer_store.flush()
    await holder.close()
    assert len(await rows(database)) == 1


async def test_latest_answer_of_any_process_is_used_while_identity_is_unavailable(
    database: Database,
) -> None:
    """Another process received that the head left, and then that the school is unknown."""
    path = f"/v1/schools/{SD}"
    with database.active():
        async with open_proxy("", 0) as proxy, open_client(proxy, database) as (identity, answer_store):
            old_body = http_response(json.dumps(school(change_number=1)).encode())
            proxy.set_mode(with_token_endpoint(lambda _: old_body))
            assert await identity.school(SD)
            await answer_store.flush()
            proxy.set_mode(HANG_UP)
            elsewhere = AnswerStore(Clock(NOW), LIFE, database)
            elsewhere.store_later(
                build_answer(path, json.dumps(school(change_number=2)), timedelta(minutes=1))
            )
            await elsewhere.flush()
            answer = await identity.school(SD)
            assert answer
            assert (answer.facts.change_number, answer.as_of) == (2, NOW + timedelta(minutes=1))
            elsewhere.store_later(build_answer(path, None, timedelta(minutes=2)))
            await elsewhere.flush()
            with pytest.raises(IdentityUnavailable):
                await identity.school(SD)


async def test_answer_from_ahead_of_the_clock_is_not_used_and_is_replaced(
    database: Database, answer_store: AnswerStore
) -> None:
    path, body = f"/v1/schools/{SD}", json.dumps(school(change_number=1))
    with database.active():
        for after, is_used in ((timedelta(minutes=6), False), (timedelta(minutes=5), True)):
            answer_store.store_later(build_answer(path, body, timedelta(days=3650)))
            await answer_store.flush()
            elsewhere = AnswerStore(Clock(NOW), LIFE, database)
            elsewhere.store_later(build_answer(path, body, after))
            await elsewhere.flush()
            assert await rows(database) == [(path, body, NOW + after)]
            async with open_proxy("", 0) as proxy, open_client(proxy, database) as (identity, _):
                proxy.set_mode(HANG_UP)
                with nullcontext() if is_used else pytest.raises(IdentityUnavailable):
                    assert await identity.school(SD)


async def test_whole_queue_is_stored_whatever_its_length(
    database: Database, answer_store: AnswerStore
) -> None:
    for number in range(2 * BATCH_SIZE + 1):
        answer_store.store_later(build_answer(f"/v1/teachers/{number:04}"))
    with database.active(), sending(3):
        await answer_store.flush()
    assert len(await rows(database)) == 2 * BATCH_SIZE + 1


async def test_unknown_person_in_the_queue_hides_a_stored_answer(
    database: Database, answer_store: AnswerStore
) -> None:
    with database.active():
        answer_store.store_later(build_answer())
        await answer_store.flush()
        answer_store.store_later(build_answer(body=None, after=timedelta(seconds=1)))
        assert await answer_store.load(build_answer().path) is None
