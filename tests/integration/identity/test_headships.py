"""Changed headships put a school in the change feed; a headship that begins by date does not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from services.identity.people import store as people_store
from services.identity.people.heads import Head, Headship
from services.identity.people.queries import find_local_day, load_headships
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school
from services.identity.registry.own_file_commands import import_duties, import_zones
from services.kit.database import Database
from tests.identity_samples import bundle, gtk, kepala, ptk, sekolah
from tests.integration.identity.environment import WAITING, load_heads, load_headships_of, pool
from tests.until import until

SD, SMP, PAPUA = "99000001", "99000002", "99000003"
HEAD, PLT, TEACHER, COLLEAGUE = 9, 2, 1, 5
T0 = datetime(2024, 1, 10, 3, tzinfo=UTC)
PAPUA_TURNS = datetime(2024, 1, 14, 15, tzinfo=UTC)  # 15 January begins in WIT

EntityKeys = set[tuple[str, str]]
Step = Callable[[datetime], Awaitable[object]]
DUTIES = "ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst"


async def school(npsn: str, *people: object, at: datetime, is_push: bool = False, **changed: object) -> None:
    facts = {"nama": f"SEKOLAH {npsn}", **({"provinsi": "Prov. Papua"} if npsn == PAPUA else {}), **changed}
    bundle_read = read_bundle(bundle(*people, school=sekolah(npsn, **facts)))  # type: ignore[arg-type]
    assert not (await import_school(bundle_read, at, is_push=is_push)).problems


async def duty(
    number: int, npsn: str, tmt: str, tst: str = "", jabatan: int = 33, *, at: datetime = T0
) -> None:
    line = f"{ptk(number)},{jabatan},{npsn},SK/CONTOH,{tmt},{tst}"
    assert not (await import_duties(f"{DUTIES}\n{line}\n".encode(), "duties", at)).problems


async def zones(at: datetime, papua: str = "WIT") -> None:
    text = f"provinsi,zone\nProv. Papua,{papua}\nProv. Jawa Barat,WIB\n"
    assert not (await import_zones(text.encode(), "zones", at)).problems


async def three_schools() -> None:
    """Import an SD with a definitif head, and an SMP and a school in Papua without a head."""
    await zones(T0)
    await school(SD, gtk(TEACHER), kepala(HEAD), at=T0)
    await school(SMP, gtk(PLT), gtk(COLLEAGUE), at=T0)
    await school(PAPUA, gtk(41), at=T0)


async def headships() -> dict[str, tuple[Headship, ...]]:
    """Return the headships of each school."""
    return await load_headships([SD, SMP, PAPUA], pool())


async def head_in_papua(now: datetime) -> Head:
    return (await load_heads([PAPUA], await find_local_day(PAPUA, now, pool())))[PAPUA]


async def list_changes_since(seq: int) -> EntityKeys:
    return {
        (change.kind, change.key) for change in await people_store.select_changes_after(seq, 1000, pool())
    }


async def find_last_seq() -> int:
    return max((change.seq for change in await people_store.select_changes_after(0, 1000, pool())), default=0)


async def _definitif_leaves(at: datetime) -> None:
    await school(SD, gtk(TEACHER), at=at)


async def _definitif_is_appointed(at: datetime) -> None:
    await school(SMP, gtk(PLT), kepala(COLLEAGUE), at=at)


async def _a_school_pushes_its_principal(at: datetime) -> None:
    await school(SMP, gtk(PLT), kepala(COLLEAGUE), at=at, is_push=True)


async def _definitif_is_a_teacher_again(at: datetime) -> None:
    await school(SD, gtk(TEACHER), gtk(HEAD), at=at)


async def _definitif_has_another_induk(at: datetime) -> None:
    await school(SMP, gtk(PLT), gtk(COLLEAGUE), gtk(HEAD, tanggal_surat_tugas="2024-01-08"), at=at)


async def _head_gets_another_name(at: datetime) -> None:
    await school(SD, gtk(TEACHER), kepala(HEAD, nama="Nama Baru"), at=at)


async def _two_claim_to_head(at: datetime) -> None:
    await school(SD, gtk(TEACHER), kepala(HEAD), kepala(6), at=at)


async def _plt_begins(at: datetime) -> None:
    await duty(PLT, PAPUA, "2024-01-01", at=at)


async def _plt_is_appointed_for_later(at: datetime) -> None:
    await duty(PLT, PAPUA, "2024-02-01", at=at)


async def _definitif_by_decree(at: datetime) -> None:
    await school(SMP, gtk(PLT), gtk(COLLEAGUE, jenis_ptk_id="20"), at=at)


async def _zone_has_another_day(at: datetime) -> None:
    await zones(at, papua="WIB")


async def _school_stands_elsewhere(at: datetime) -> None:
    await school(PAPUA, gtk(41), at=at, provinsi="Prov. Jawa Barat")


async def _plt_ends(at: datetime) -> None:
    await duty(PLT, PAPUA, "2024-01-01", "2024-01-02", at=at)


async def _plt_is_replaced(at: datetime) -> None:
    await _plt_ends(at)
    await duty(COLLEAGUE, PAPUA, "2024-01-02", at=at)


async def _plt_leaves_the_sekolah_induk(at: datetime) -> None:
    await school(SMP, gtk(COLLEAGUE), at=at)


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
    (None, _plt_is_appointed_for_later),
    (_plt_is_appointed_for_later, _plt_leaves_the_sekolah_induk),
    (_plt_is_appointed_for_later, _definitif_comes_to_the_plt),
    (_plt_begins, _plt_ends),
    (_plt_begins, _plt_is_replaced),
    (_plt_begins, _plt_leaves_the_sekolah_induk),
    (_plt_begins, _definitif_comes_to_the_plt),
]


@pytest.mark.parametrize(("before", "way"), WAYS, ids=lambda step: step.__name__.strip("_") if step else "")
async def test_school_with_changed_headships_is_in_the_feed(
    database: Database, before: Step | None, way: Step
) -> None:
    await three_schools()
    now = T0 + timedelta(hours=2)
    if before:
        await before(T0 + timedelta(hours=1))
    was, seq = await headships(), await find_last_seq()
    await way(now)
    now_is = await headships()
    schools_with_changes = {("school", npsn) for npsn in was if was[npsn] != now_is[npsn]}
    assert schools_with_changes, "the test is about a head who changes"
    assert schools_with_changes <= await list_changes_since(seq)


@pytest.mark.parametrize("way", [_zone_has_another_day, _school_stands_elsewhere])
async def test_head_depends_on_the_local_day(database: Database, way: Step) -> None:
    await three_schools()
    await duty(PLT, PAPUA, "2024-01-15")
    between = PAPUA_TURNS + timedelta(hours=1)
    was, seq = await head_in_papua(between), await find_last_seq()
    await way(between)
    assert await head_in_papua(between) != was
    assert ("school", PAPUA) in await list_changes_since(seq)


async def test_concurrent_leaving_and_duty_put_both_schools_in_the_feed(database: Database) -> None:
    await three_schools()
    holder = await asyncpg.connect(database.dsn)

    async def waiting(number: int) -> None:
        async def wait() -> bool:
            return bool(await holder.fetchval(WAITING) >= number)

        await until(wait)

    try:
        async with holder.transaction():
            await holder.execute("SELECT pg_advisory_xact_lock($1)", people_store._hash_lock_key("changes"))
            becoming = asyncio.create_task(duty(PLT, PAPUA, "2024-01-01", at=T0))
            await waiting(1)
            leaving = asyncio.create_task(_plt_leaves_the_sekolah_induk(T0 + timedelta(hours=1)))
            await waiting(2)
    finally:
        await holder.close()
    await asyncio.gather(becoming, leaving)
    assert (await head_in_papua(T0 + timedelta(hours=2))).kind == "kosong"
    changed_keys = [change.key for change in await people_store.select_changes_after(0, 1000, pool())]
    assert changed_keys.count(PAPUA) == 3, "as it came, with the duty, and as its Plt left"


async def test_headship_of_a_person_uses_the_local_days_of_the_school(database: Database) -> None:
    await three_schools()
    await duty(PLT, PAPUA, "2024-01-15", "2024-02-01")
    (headship,) = await load_headships_of(ptk(PLT), T0)
    assert headship == {
        "npsn": PAPUA, "zone": "Asia/Jayapura", "kind": "plt", "valid_from": "2024-01-15", "valid_until": "2024-02-01"
    }  # fmt: skip
    ends = datetime(2024, 1, 31, 15, tzinfo=UTC)
    assert await load_headships_of(ptk(PLT), ends) == [headship], (
        "whose clock is behind may still ask about the day before"
    )
    assert await load_headships_of(ptk(PLT), ends + timedelta(days=1)) == []


async def test_school_without_a_known_zone_uses_wib(database: Database) -> None:
    await three_schools()
    await school(SMP, gtk(PLT), gtk(COLLEAGUE), at=T0, provinsi="Prov. Negeri Dongeng")
    await duty(TEACHER, SMP, "2024-01-15")
    (headship,) = await load_headships_of(ptk(TEACHER), T0)
    assert (headship["npsn"], headship["zone"]) == (SMP, "Asia/Jakarta")
