from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper

from services.identity.people import store as people_store
from services.identity.people import tables
from services.identity.people.queries import answer_teacher, load_headships
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school
from services.identity.registry.json_input import read_json
from services.identity.registry.report import Report
from services.kit.database import Database
from services.kit.problems import RequestRefused
from tests.identity_samples import (
    NPSN,
    OTHER_NPSN,
    PASSWORD,
    as_bytes,
    bundle,
    gtk,
    kepala,
    pengguna,
    ptk,
    sekolah,
)
from tests.integration.identity.environment import pool

T0 = datetime(2024, 1, 5, 3, tzinfo=UTC)
T1 = T0 + timedelta(days=1)


async def _import(value: Any, at: datetime = T0, *, is_push: bool = False) -> Report:
    return await import_school(read_bundle(read_json(as_bytes(value))), at, is_push=is_push)


async def _contents(database: Database) -> dict[str, list[str]]:
    """All rows of the database, without the instant of the last import of a school."""
    connection = await asyncpg.connect(database.dsn)
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows_by_table: dict[str, list[str]] = {}
    for (name,) in names:
        rows = await connection.fetch(f"SELECT to_jsonb(t) - 'read_at' AS row FROM {name} t ORDER BY 1")
        rows_by_table[name] = [row["row"] for row in rows]
    await connection.close()
    return rows_by_table


@contextmanager
def _counting_queries() -> Iterator[list[str]]:
    """The statements that run in the body, in order."""
    queries: list[str] = []
    originals = {
        (kind, name): getattr(kind, name)
        for kind in (AsyncpgDBClient, TransactionWrapper)
        for name in ("execute_query", "execute_insert", "execute_many", "execute_query_dict")
        if name in vars(kind)
    }

    def count_calls(original: Any) -> Any:
        async def call(self: Any, query: str, *rest: Any) -> Any:
            queries.append(query)
            return await original(self, query, *rest)

        return call

    for (kind, name), original in originals.items():
        setattr(kind, name, count_calls(original))
    try:
        yield queries
    finally:
        for (kind, name), original in originals.items():
            setattr(kind, name, original)


async def test_import_stores_school_and_people_with_provenance(database: Database) -> None:
    report = await _import(bundle(gtk(1), kepala(9)))
    assert len(report.new_items) == 3
    school = (await people_store.load_schools([NPSN], pool()))[NPSN]
    assert (school.facts.provinsi, school.provenance["provinsi"].source) == (
        "Prov. Jawa Barat",
        "dapodik:getSekolah",
    )
    teacher = (await people_store.load_teachers([ptk(1)], pool()))[ptk(1)]
    assert teacher.facts.nip == "198502032010012901"
    assert (teacher.provenance["nip"].source, teacher.provenance["nip"].as_of) == ("dapodik:getGtk", T0)
    assert [
        (change.kind, change.key) for change in await people_store.select_changes_after(0, 10, pool())
    ] == [
        ("school", NPSN),
        ("teacher", str(ptk(1))),
        ("teacher", str(ptk(9))),
    ]


async def test_repeated_import_changes_nothing(database: Database) -> None:
    value = bundle(gtk(1), gtk(2), users=[pengguna(1)])
    await _import(value)
    before = await _contents(database)
    report = await _import(value, T1)
    assert await _contents(database) == before
    assert (report.new_items, report.changed_items, report.leavers, report.unchanged_count) == ((), (), (), 3)
    assert await people_store.load_school_read_at(NPSN, pool()) == T1


async def test_only_changed_entities_are_in_the_feed(database: Database) -> None:
    await _import(bundle(gtk(1), gtk(2)))
    await _import(bundle(gtk(1), gtk(2, pangkat_golongan_terakhir="III/d")), T1)
    changes = await people_store.select_changes_after(3, 10, pool())
    assert [(change.kind, change.key) for change in changes] == [("teacher", str(ptk(2)))]
    for number, revision in ((1, 2), (2, 4)):
        last_change = await people_store.find_last_change("teacher", str(ptk(number)), pool())
        assert last_change
        assert last_change.seq == revision


async def test_bad_row_is_refused_and_others_are_stored(database: Database) -> None:
    report = await _import(bundle(gtk(1), gtk(2, nip=198502032010012901), gtk(3)))
    assert [(problem.code, problem.path) for problem in report.problems] == [
        ("identifier.number", ("getGtk", "rows", "1", "nip"))
    ]
    assert set(await people_store.load_teachers([ptk(1), ptk(2), ptk(3)], pool())) == {ptk(1), ptk(3)}


async def test_import_that_fails_at_its_last_statement_stores_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await _contents(database)

    async def fail(*_: object) -> None:
        raise ConnectionError("the line broke")

    monkeypatch.setattr("services.identity.people.store.insert_changes", fail)
    with pytest.raises(ConnectionError):
        await _import(bundle(gtk(1), users=[pengguna(1)]))
    assert await _contents(database) == before


async def test_data_older_than_the_last_import_are_refused(database: Database) -> None:
    await _import(bundle(gtk(1)), T1)
    before = await _contents(database)
    with pytest.raises(RequestRefused) as refusal:
        await import_school(read_bundle(read_json(as_bytes(bundle(gtk(1, nama="Nama Lama"))))), T0, T1)
    assert [problem.code for problem in refusal.value.problems] == ["import.older"]
    assert await _contents(database) == before


async def test_data_from_ahead_of_the_clock_are_replaced_and_reported(database: Database) -> None:
    year_2034 = T0.replace(year=2034)
    await _import(bundle(gtk(1), gtk(2)), year_2034)
    await _import(bundle(gtk(1), school=sekolah(OTHER_NPSN)), year_2034)
    report = await _import(bundle(gtk(1, nama="Nama Baru"), gtk(2)), T0)
    assert [problem.code for problem in report.warnings if problem.code == "import.ahead"] == ["import.ahead"]
    (teacher,) = await tables.Teacher.filter(nama="Nama Baru").using_db(pool())
    assert teacher.ptk_id == ptk(1)
    again = await _import(bundle(gtk(1, nama="Nama Baru"), gtk(2)), T0)
    assert "import.ahead" not in {problem.code for problem in again.warnings}
    contents = await _contents(database)
    assert "2034-" not in "".join([*contents["teacher"], *contents["assignment"]])
    older = await tables.School.get(npsn=NPSN, using_db=pool())
    assert older.read_at == T0


async def test_assignment_ends_with_an_instant_and_may_resume(database: Database) -> None:
    await _import(bundle(gtk(1), gtk(2)))
    report = await _import(bundle(gtk(1)), T1)
    assert [item.key for item in report.leavers] == [str(ptk(2))]
    assert [row.left_at for row in (await people_store.load_assignments([ptk(2)], pool()))[ptk(2)]] == [T1]
    await _import(bundle(gtk(1), gtk(2)), T1 + timedelta(days=1))
    assert [row.left_at for row in (await people_store.load_assignments([ptk(2)], pool()))[ptk(2)]] == [None]


async def test_person_at_two_schools_is_one_teacher(database: Database) -> None:
    await _import(bundle(gtk(1)))
    upper = gtk(1, ptk_id=str(ptk(1)).upper(), ptk_induk="0", nama="NAMA LAIN")
    await _import(bundle(upper, school=sekolah(OTHER_NPSN)), T1)
    assert (await people_store.load_teacher_names([ptk(1)], pool())) == {ptk(1): "Guru Contoh 1"}
    places = (await people_store.load_assignments([ptk(1)], pool()))[ptk(1)]
    assert {(row.facts.npsn, row.facts.induk) for row in places} == {(NPSN, True), (OTHER_NPSN, False)}


async def test_on_equal_dates_the_school_on_record_keeps_a_person_and_a_lost_head_is_told(
    database: Database,
) -> None:
    await _import(bundle(kepala(9), gtk(1)))
    school = sekolah(OTHER_NPSN, sekolah_id="11111111-1111-4111-8111-000000000002")
    report = await _import(bundle(gtk(9), school=school), T1)
    assert [(one.code, one.params["npsn"]) for one in report.warnings] == [("induk.same_date", NPSN)]
    assert (await load_headships([NPSN], pool()))[NPSN][-1].head.ptk_id == ptk(9)
    younger = gtk(9, tanggal_surat_tugas="2023-07-01")
    report = await _import(bundle(younger, school=school), T1 + timedelta(days=1))
    assert [(one.code, one.params["npsn"]) for one in report.warnings] == [
        ("induk.taken_over", NPSN), ("head.lost", NPSN),
    ]  # fmt: skip
    assert (await load_headships([NPSN], pool()))[NPSN][-1].head.kind == "kosong"


async def _last_change() -> int:
    return max(change.seq for change in await people_store.select_changes_after(0, 1000, pool()))


async def _changes_after(seq: int) -> set[tuple[str, str]]:
    changes = await people_store.select_changes_after(seq, 1000, pool())
    return {(change.kind, change.key) for change in changes}


async def test_number_on_two_records_is_reported_and_both_answers_change(database: Database) -> None:
    same = {name: gtk(1)[name] for name in ("nip", "nuptk", "tanggal_lahir")}
    await _import(bundle(gtk(1)))
    before = await _last_change()
    school = sekolah(OTHER_NPSN, sekolah_id="11111111-1111-4111-8111-000000000002")
    report = await _import(bundle(gtk(2) | same, school=school), T1)
    assert [(one.code, one.params["npsn"]) for one in report.warnings] == [
        ("nip.shared", NPSN), ("nuptk.shared", NPSN),
    ]  # fmt: skip
    assert {("teacher", str(ptk(1))), ("teacher", str(ptk(2)))} <= await _changes_after(before)
    for number, other in ((1, 2), (2, 1)):
        answer = await answer_teacher(ptk(number), T1, pool())
        assert answer["other_records"] == [str(ptk(other))]
    before = await _last_change()
    assert not (await _import(bundle(gtk(2), school=school), T1 + timedelta(days=1))).warnings
    assert ("teacher", str(ptk(1))) in await _changes_after(before)
    assert (await answer_teacher(ptk(1), T1, pool()))["other_records"] == []


async def test_new_name_puts_every_school_of_the_person_in_the_feed(database: Database) -> None:
    await _import(bundle(gtk(1)))
    await _import(bundle(gtk(1, ptk_induk="0"), school=sekolah(OTHER_NPSN)))
    last = (await people_store.select_changes_after(0, 100, pool()))[-1].seq
    await _import(bundle(gtk(1, nama="Nama Baru")), T1)
    assert {
        (change.kind, change.key) for change in await people_store.select_changes_after(last, 10, pool())
    } == {
        ("teacher", str(ptk(1))),
        ("school", NPSN),
        ("school", OTHER_NPSN),
    }


async def test_passwords_are_neither_stored_nor_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        report = await _import(
            bundle(gtk(1), gtk(2, nip=PASSWORD), users=[pengguna(1), pengguna(2, username=5)])
        )
    assert PASSWORD not in json.dumps(await _contents(database))
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(report)
    assert "9901014302850001" not in json.dumps(await _contents(database))


async def test_file_opens_accounts_from_pengguna_and_push_does_not(database: Database) -> None:
    value = bundle(gtk(1), gtk(2, ptk_induk="0"), users=[pengguna(1), pengguna(2), pengguna(3, ptk_id=None)])
    await _import(value, is_push=True)
    assert await tables.Account.all().count() == 0
    report = await _import(value)
    assert [item.key for item in report.new_items] == ["guru1@guru.sd.belajar.id"]
    stolen = bundle(gtk(1), gtk(4), users=[pengguna(4, username="GURU1@guru.sd.belajar.id")])
    report = await _import(stolen, T1)
    assert "account.not_taken_from_pengguna" in [warning.code for warning in report.warnings]
    assert await tables.Account.all().values_list("email", "ptk_id") == [("guru1@guru.sd.belajar.id", ptk(1))]


async def test_number_of_queries_does_not_grow_with_the_school(database: Database) -> None:
    async def count_queries(count: int, npsn: str) -> int:
        people = [gtk(number) for number in range(count)]
        with _counting_queries() as queries_run:
            await _import(bundle(*people, school=sekolah(npsn), users=[pengguna(n) for n in range(count)]))
        return len(queries_run)

    small_count, large_count = await count_queries(2, NPSN), await count_queries(120, OTHER_NPSN)
    assert small_count == large_count
    assert large_count < 32  # with the heads before and after


async def test_concurrent_imports_of_a_school_are_serialized(database: Database) -> None:
    first, second = bundle(gtk(1), gtk(2)), bundle(gtk(1, nama="Nama Baru"), gtk(3))
    reports = await asyncio.gather(*(_import(value) for value in [first, second] * 4))
    assert sum(len(report.leavers) for report in reports) == sum(
        item.kind == "teacher" for report in reports for item in report.new_items
    ) - len(await _active(NPSN))
    assert await _active(NPSN) in ({ptk(1), ptk(2)}, {ptk(1), ptk(3)})


async def _active(npsn: str) -> set[Any]:
    rows = await people_store.load_assignments_at(npsn, [], pool())
    return {row.facts.ptk_id for row in rows if row.left_at is None}


async def test_concurrent_imports_of_shared_people_do_not_deadlock(database: Database) -> None:
    npsns = [f"9900{number:04d}" for number in range(8)]
    for turn in range(3):
        at = T0 + timedelta(days=turn)
        await asyncio.gather(
            *(
                _import(
                    bundle(*(gtk(n, nama=f"Nama {turn} {npsn}", ptk_induk="0") for n in range(12)),
                           school=sekolah(npsn, nama=f"SD {turn}")), at)
                for npsn in npsns
            )
        )  # fmt: skip
    assert len(await people_store.load_teacher_names([ptk(number) for number in range(12)], pool())) == 12


async def test_reader_of_the_feed_misses_no_change_of_eight_writers(database: Database) -> None:
    writing = asyncio.Event()
    seqs: list[int] = []

    async def write(writer: int) -> None:
        for turn in range(12):
            npsn = f"99{writer:02d}{turn:04d}"
            await _import(bundle(gtk(writer * 100 + turn), school=sekolah(npsn)))

    async def read() -> None:
        place = 0
        while True:
            is_done = writing.is_set()
            page = await people_store.select_changes_after(place, 7, pool())
            seqs.extend(change.seq for change in page)
            place = page[-1].seq if page else place
            if is_done and not page:
                return
            await asyncio.sleep(0)

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(writer) for writer in range(8)))
    writing.set()
    await reader
    assert seqs == list(range(1, 8 * 12 * 2 + 1))
