"""Whoever follows the changes hears of every head who comes or goes: by an import, a push, or the date alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from services.identity.people import store as changes
from services.identity.people.queries import day_at, heads_of, headships_of
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_duties, import_school, import_zones
from services.identity.usecases import turn_of_day
from services.identity.usecases.turn_of_day import turn_days
from services.kit.clock import Clock
from services.kit.database import Database
from tests.identity_samples import bundle, gtk, kepala, ptk, sekolah
from tests.integration.identity.world import WAITING, identity_at, race
from tests.until import until

SD, SMP, PAPUA = "99000001", "99000002", "99000003"
HEAD, PLT, TEACHER, OTHER = 9, 2, 1, 5
T0 = datetime(2024, 1, 10, 3, tzinfo=UTC)
# 15 January begins in WIT (Papua) and, two hours later, in WIB (the SD).
EVE, PAPUA_TURNS, WIB_TURNS = (datetime(2024, 1, 14, hour, tzinfo=UTC) for hour in (14, 15, 17))

Touched = set[tuple[str, str]]
Step = Callable[[datetime], Awaitable[object]]
DUTIES = "ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst"


async def school(npsn: str, *people: object, at: datetime, pushed: bool = False, **changed: object) -> None:
    facts = {"nama": f"SEKOLAH {npsn}", **({"provinsi": "Prov. Papua"} if npsn == PAPUA else {}), **changed}
    read = read_bundle(bundle(*people, school=sekolah(npsn, **facts)))  # type: ignore[arg-type]
    assert not (await import_school(read, at, pushed=pushed)).refused


async def duty(who: int, npsn: str, tmt: str, tst: str = "", jabatan: int = 33, *, at: datetime = T0) -> None:
    line = f"{ptk(who)},{jabatan},{npsn},SK/CONTOH,{tmt},{tst}"
    assert not (await import_duties(f"{DUTIES}\n{line}\n".encode(), "duties", at)).refused


async def zones(at: datetime, papua: str = "WIT") -> None:
    text = f"provinsi,zone\nProv. Papua,{papua}\nProv. Jawa Barat,WIB\n"
    assert not (await import_zones(text.encode(), "zones", at)).refused


async def three_schools() -> None:
    """An SD under a definitif head, an SMP and a school in Papua that nobody heads."""
    await zones(T0)
    await school(SD, gtk(TEACHER), kepala(HEAD), at=T0)
    await school(SMP, gtk(PLT), gtk(OTHER), at=T0)
    await school(PAPUA, gtk(41), at=T0)


async def heads(now: datetime) -> dict[str, tuple[object, ...]]:
    """Who heads each school, and as what, as planning would be told."""
    found = {npsn: (await heads_of([npsn], await day_at(npsn, now)))[npsn] for npsn in (SD, SMP, PAPUA)}
    return {npsn: (head.kind, head.ptk_id, head.nama) for npsn, head in found.items()}


async def told_since(seq: int) -> Touched:
    return {(change.kind, change.key) for change in await changes.select_changes_after(seq, 1000)}


async def last_seq() -> int:
    return max((change.seq for change in await changes.select_changes_after(0, 1000)), default=0)


# ── by what somebody says ──


async def _definitif_leaves(at: datetime) -> None:
    await school(SD, gtk(TEACHER), at=at)


async def _definitif_is_appointed(at: datetime) -> None:
    await school(SMP, gtk(PLT), kepala(OTHER), at=at)


async def _a_school_pushes_its_principal(at: datetime) -> None:
    await school(SMP, gtk(PLT), kepala(OTHER), at=at, pushed=True)


async def _definitif_is_a_teacher_again(at: datetime) -> None:
    await school(SD, gtk(TEACHER), gtk(HEAD), at=at)


async def _definitif_has_another_induk(at: datetime) -> None:
    await school(SMP, gtk(PLT), gtk(OTHER), gtk(HEAD, tanggal_surat_tugas="2024-01-08"), at=at)


async def _head_gets_another_name(at: datetime) -> None:
    await school(SD, gtk(TEACHER), kepala(HEAD, nama="Nama Baru"), at=at)


async def _two_claim_to_head(at: datetime) -> None:
    await school(SD, gtk(TEACHER), kepala(HEAD), kepala(6), at=at)


async def _plt_begins(at: datetime) -> None:
    await duty(PLT, PAPUA, "2024-01-01", at=at)


async def _definitif_by_decree(at: datetime) -> None:
    await school(SMP, gtk(PLT), gtk(OTHER, jenis_ptk_id="20"), at=at)


async def _zone_has_another_day(at: datetime) -> None:
    await zones(at, papua="WIB")


async def _school_stands_elsewhere(at: datetime) -> None:
    await school(PAPUA, gtk(41), at=at, provinsi="Prov. Jawa Barat")


async def _plt_ends(at: datetime) -> None:
    await duty(PLT, PAPUA, "2024-01-01", "2024-01-02", at=at)


async def _plt_is_replaced(at: datetime) -> None:
    await _plt_ends(at)
    await duty(OTHER, PAPUA, "2024-01-02", at=at)


async def _plt_leaves_the_sekolah_induk(at: datetime) -> None:
    await school(SMP, gtk(OTHER), at=at)


async def _definitif_comes_to_the_plt(at: datetime) -> None:
    await school(PAPUA, gtk(41), kepala(42), at=at)


WAYS: list[tuple[Step | None, Step]] = [
    (None, _definitif_leaves),
    (None, _definitif_is_appointed),
    (None, _a_school_pushes_its_principal),
    (None, _definitif_is_a_teacher_again),
    (None, _definitif_has_another_induk),
    (None, _head_gets_another_name),
    (None, _two_claim_to_head),
    (None, _plt_begins),
    (None, _definitif_by_decree),
    (_plt_begins, _plt_ends),
    (_plt_begins, _plt_is_replaced),
    (_plt_begins, _plt_leaves_the_sekolah_induk),
    (_plt_begins, _definitif_comes_to_the_plt),
]


@pytest.mark.parametrize(("before", "way"), WAYS, ids=lambda step: step.__name__.strip("_") if step else "")
async def test_a_school_whose_head_changed_is_among_the_changes(
    database: Database, before: Step | None, way: Step
) -> None:
    await three_schools()
    now = T0 + timedelta(hours=2)
    if before:
        await before(T0 + timedelta(hours=1))
    was, seq = await heads(now), await last_seq()
    await way(now)
    now_is = await heads(now)
    changed = {("school", npsn) for npsn in was if was[npsn] != now_is[npsn]}
    assert changed, "the test is about a head who changes"
    assert changed <= await told_since(seq)


@pytest.mark.parametrize("way", [_zone_has_another_day, _school_stands_elsewhere])
async def test_where_it_is_another_day_another_may_be_head(database: Database, way: Step) -> None:
    await three_schools()
    await duty(PLT, PAPUA, "2024-01-15")
    between = PAPUA_TURNS + timedelta(hours=1)
    was, seq = await heads(between), await last_seq()
    await way(between)
    assert (await heads(between))[PAPUA] != was[PAPUA]
    assert ("school", PAPUA) in await told_since(seq)


async def test_who_leaves_while_becoming_plt_elsewhere_is_noticed_there_too(database: Database) -> None:
    await three_schools()
    holder = await asyncpg.connect(database.dsn)

    async def waiting(number: int) -> None:
        async def wait() -> bool:
            return bool(await holder.fetchval(WAITING) >= number)

        await until(wait)

    try:
        async with holder.transaction():
            await holder.execute("SELECT pg_advisory_xact_lock($1)", changes._lock_number("changes"))
            becoming = asyncio.create_task(duty(PLT, PAPUA, "2024-01-01", at=T0))
            await waiting(1)
            leaving = asyncio.create_task(_plt_leaves_the_sekolah_induk(T0 + timedelta(hours=1)))
            await waiting(2)
    finally:
        await holder.close()
    await asyncio.gather(becoming, leaving)
    assert (await heads(T0 + timedelta(hours=2)))[PAPUA][0] == "kosong"
    told = [change.key for change in await changes.select_changes_after(0, 1000)]
    assert told.count(PAPUA) == 3, "as it came, with the duty, and as its Plt left"


# ── by the date alone ──


@pytest.mark.parametrize(("tmt", "tst"), [("2024-01-15", ""), ("2024-01-01", "2024-01-15")])
async def test_a_duty_begins_and_ends_where_its_school_stands(database: Database, tmt: str, tst: str) -> None:
    await three_schools()
    await duty(PLT, PAPUA, tmt, tst)
    await duty(PLT, SD, "2024-01-16")
    await turn_days(EVE)
    was, seq = await heads(EVE), await last_seq()
    assert await turn_days(PAPUA_TURNS - timedelta(seconds=1)) == 0
    await turn_days(PAPUA_TURNS)
    assert (await heads(PAPUA_TURNS))[PAPUA] != was[PAPUA]
    assert await told_since(seq) == {("school", PAPUA)}
    seq = await last_seq()
    was_head_at = (await headships_of(ptk(PLT), date(2024, 1, 14))).plt_at
    await turn_days(WIB_TURNS)
    # What they head themselves is judged by the day at their sekolah induk, in WIB.
    assert (await headships_of(ptk(PLT), date(2024, 1, 15))).plt_at != was_head_at
    assert await told_since(seq) == {("teacher", str(ptk(PLT)))}


async def test_a_surat_tugas_begins_with_its_day_too(database: Database) -> None:
    await three_schools()
    # Today in Papua, and tomorrow at the SMP: the data may name it, and it does not count there yet.
    await turn_days(PAPUA_TURNS)
    await school(SMP, gtk(PLT), kepala(OTHER, tanggal_surat_tugas="2024-01-15"), at=PAPUA_TURNS)
    assert (await heads(PAPUA_TURNS))[SMP] != (await heads(WIB_TURNS))[SMP]
    seq = await last_seq()
    await turn_days(WIB_TURNS)
    assert await told_since(seq) == {("school", SMP), ("teacher", str(ptk(OTHER)))}


async def test_a_school_whose_zone_nobody_knows_has_the_days_of_wib(database: Database) -> None:
    await three_schools()
    await school(SMP, gtk(PLT), gtk(OTHER), at=T0, provinsi="Prov. Negeri Dongeng")
    await duty(TEACHER, SMP, "2024-01-15")
    await turn_days(PAPUA_TURNS)
    seq = await last_seq()
    await turn_days(WIB_TURNS)
    assert await told_since(seq) == {("school", SMP), ("teacher", str(ptk(TEACHER)))}


async def test_after_days_away_all_of_them_are_turned_and_none_twice(database: Database) -> None:
    await three_schools()
    for who, npsn, day in ((PLT, PAPUA, 12), (OTHER, SD, 14), (TEACHER, SMP, 20)):
        await duty(who, npsn, f"2024-01-{day}")
    await turn_days(T0)
    seq = await last_seq()
    later = datetime(2024, 1, 15, 3, tzinfo=UTC)
    await turn_days(later)
    people = {("teacher", str(ptk(who))) for who in (PLT, OTHER)}
    assert await told_since(seq) == {("school", PAPUA), ("school", SD)} | people
    assert await turn_days(later) == 0


async def test_a_clock_that_is_moved_back_turns_the_days_back(database: Database) -> None:
    await three_schools()
    await duty(PLT, PAPUA, "2024-01-15")
    await turn_days(WIB_TURNS)
    seq = await last_seq()
    await turn_days(EVE)
    assert ("school", PAPUA) in await told_since(seq)


async def test_the_first_turn_of_all_has_nothing_to_compare_with(database: Database) -> None:
    await three_schools()
    await duty(PLT, PAPUA, "2024-01-15")
    assert await turn_days(WIB_TURNS) == 0


async def test_of_many_processes_one_turns_the_day(database: Database) -> None:
    await three_schools()
    await duty(PLT, SMP, "2024-01-15")
    await turn_days(EVE)
    seq = await last_seq()
    counts = await race(database, "turned_days", *(turn_days(WIB_TURNS) for _ in range(5)))
    assert sorted(counts) == [0, 0, 0, 0, 2]
    assert len(await changes.select_changes_after(seq, 1000)) == 2


async def test_a_serving_identity_turns_the_day_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await three_schools()
    await duty(PLT, SMP, "2024-01-15")
    async with identity_at(database, EVE):
        seq = await last_seq()
    async with identity_at(database, WIB_TURNS):
        assert ("school", SMP) in await told_since(seq), "it was away at midnight, and tells before it serves"
    monkeypatch.setattr(turn_of_day, "EVERY_SECONDS", 0.01)
    now = EVE
    monkeypatch.setattr(Clock, "now", lambda _: now)
    async with identity_at(database, EVE):
        seq, now = await last_seq(), WIB_TURNS + turn_of_day.BEHIND

        async def is_told() -> bool:
            return ("school", SMP) in await told_since(seq)

        await until(is_told)
