from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import services.identity
from services.identity.accounts.commands import import_accounts
from services.identity.people import store as people_store
from services.identity.people import tables
from services.identity.registry.bundle import read_bundle
from services.identity.registry.commands import import_school
from services.identity.registry.own_file_commands import import_duties, import_zones
from services.kit.database import Database
from tests.identity_samples import NPSN, OTHER_NPSN, bundle, gtk, kepala, ptk, sekolah
from tests.integration.identity.environment import load_heads, load_headships_of, pool

T0 = datetime(2024, 1, 5, 3, tzinfo=UTC)
T1 = T0 + timedelta(days=1)
DAY = date(2024, 1, 15)
ACCOUNTS = "email,ptk_id,npsn,opened,closed\n"
DUTIES = "ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst\n"
ZONES = Path(services.identity.__file__).parent / "data" / "zones.csv"


async def import_two_schools() -> int:
    """Import a school with a definitif head and one without. Returns the number of the last change."""
    await import_school(read_bundle(bundle(gtk(1), kepala(9))), T0)
    await import_school(read_bundle(bundle(gtk(2), school=sekolah(OTHER_NPSN))), T0)
    return (await people_store.select_changes_after(0, 100, pool()))[-1].seq


async def list_changes_since(seq: int) -> set[tuple[str, str]]:
    return {(change.kind, change.key) for change in await people_store.select_changes_after(seq, 100, pool())}


async def test_plt_heads_a_school_other_than_the_induk(database: Database) -> None:
    last = await import_two_schools()
    report = await import_duties(
        f"{DUTIES}{ptk(1)},33,{OTHER_NPSN},SK/1,2023-07-01,\n".encode(), "plt.csv", T0
    )
    assert len(report.new_items) == 1
    heads = await load_heads([NPSN, OTHER_NPSN, "99999999"], DAY)
    assert {npsn: (head.kind, head.ptk_id) for npsn, head in heads.items()} == {
        NPSN: ("definitif", ptk(9)),
        OTHER_NPSN: ("plt", ptk(1)),
        "99999999": ("kosong", None),
    }
    assert [(one["npsn"], one["kind"]) for one in await load_headships_of(ptk(1), T0)] == [
        (OTHER_NPSN, "plt")
    ]
    assert [(one["npsn"], one["kind"]) for one in await load_headships_of(ptk(9), T0)] == [
        (NPSN, "definitif")
    ]
    assert await list_changes_since(last) == {("school", OTHER_NPSN), ("teacher", str(ptk(1)))}


async def test_repeated_duties_change_nothing_and_an_end_is_a_change(database: Database) -> None:
    await import_two_schools()
    line = f"{DUTIES}{ptk(1)},33,{OTHER_NPSN},SK/1,2023-07-01,"
    await import_duties(line.encode(), "plt.csv", T0)
    last = (await people_store.select_changes_after(0, 100, pool()))[-1].seq
    again = await import_duties(line.encode(), "plt.csv", T1)
    assert (again.new_items, again.changed_items, again.unchanged_count) == ((), (), 1)
    assert await list_changes_since(last) == set()
    report = await import_duties(f"{line}2024-01-10".encode(), "plt.csv", T1)
    assert [item.fields for item in report.changed_items] == [("tst",)]
    assert (await load_heads([OTHER_NPSN], DAY))[OTHER_NPSN].kind == "kosong"
    assert (await load_heads([OTHER_NPSN], date(2024, 1, 9)))[OTHER_NPSN].kind == "plt"
    assert await list_changes_since(last) == {("school", OTHER_NPSN), ("teacher", str(ptk(1)))}


async def test_days_that_javascript_wrote_as_instants_are_days_in_indonesia(database: Database) -> None:
    await import_two_schools()
    days = "2023-06-30T17:00:00.000Z,2024-01-15T17:00:00.000Z"
    await import_duties(f"{DUTIES}{ptk(1)},33,{OTHER_NPSN},SK/1,{days}\n".encode(), "plt.csv", T0)
    account = f"{ACCOUNTS}a@guru.sd.belajar.id,{ptk(1)},,2023-06-30T17:00:00.000Z,2024-01-15T17:00:00.000Z\n"
    await import_accounts(account.encode(), "a.csv", T0)
    (duty,) = await people_store.load_duties([ptk(1)], pool())
    assert (duty.facts.tmt, duty.facts.tst) == (date(2023, 7, 1), date(2024, 1, 16))
    (stored_account,) = await people_store.load_accounts_of(ptk(1), pool())
    assert (stored_account.opened, stored_account.closed) == (date(2023, 7, 1), date(2024, 1, 16))
    assert (await load_heads([OTHER_NPSN], DAY))[OTHER_NPSN].kind == "plt"


async def test_older_duties_do_not_overwrite_newer_ones(database: Database) -> None:
    await import_two_schools()
    line = f"{DUTIES}{ptk(1)},33,{OTHER_NPSN},SK/1,2023-07-01,"
    await import_duties(line.encode(), "plt.csv", T1)
    older = await import_duties(f"{line}2024-01-10".encode(), "plt.csv", T0, T1)
    assert (older.changed_items, [problem.code for problem in older.problems]) == ((), ["row.older"])
    assert (await load_heads([OTHER_NPSN], DAY))[OTHER_NPSN].kind == "plt"


async def test_row_from_ahead_of_the_clock_is_replaced_and_reported(database: Database) -> None:
    await import_two_schools()
    line, account = (
        f"{DUTIES}{ptk(1)},33,{OTHER_NPSN},SK/1,2023-07-01,",
        f"{ACCOUNTS}a@guru.sd.belajar.id,{ptk(1)},,,",
    )
    await import_duties(line.encode(), "plt.csv", T0.replace(year=2034))
    await import_accounts(account.encode(), "a.csv", T0.replace(year=2034))
    await import_zones(ZONES.read_bytes(), "zones.csv", T0.replace(year=2034))
    duties = await import_duties(f"{line}2024-01-10".encode(), "plt.csv", T0)
    accounts = await import_accounts(f"{account}2024-01-01".encode(), "a.csv", T0)
    # The Plt of the school ends on a day to come.
    for report, codes in ((duties, ["row.ahead", "head.lost"]), (accounts, ["row.ahead"])):
        assert [problem.code for problem in report.warnings] == codes
        assert (len(report.changed_items), report.problems) == (1, ())
    zones = await import_zones(ZONES.read_bytes(), "zones.csv", T0)
    assert {problem.code for problem in zones.warnings} == {"row.ahead"}
    assert zones.unchanged_count == len(zones.warnings) > 30
    assert (await load_heads([OTHER_NPSN], DAY))[OTHER_NPSN].kind == "kosong"
    again = [
        await import_duties(f"{line}2024-01-10".encode(), "plt.csv", T0),
        await import_accounts(f"{account}2024-01-01".encode(), "a.csv", T0),
        await import_zones(ZONES.read_bytes(), "zones.csv", T0),
    ]
    assert [report.warnings for report in again] == [(), (), ()]


async def test_duty_of_an_unknown_person_or_school_is_refused(
    database: Database,
) -> None:
    await import_two_schools()
    lines = [(7, OTHER_NPSN), (1, "99999999"), (1, OTHER_NPSN)]
    data = DUTIES + "".join(f"{ptk(number)},33,{npsn},SK/1,2023-07-01,\n" for number, npsn in lines)
    report = await import_duties(data.encode(), "plt.csv", T0)
    assert sorted(problem.code for problem in report.problems) == [
        "duty.person_unknown",
        "duty.school_unknown",
    ]
    assert len(report.new_items) == 1


async def test_accounts_keep_their_history_and_their_person(database: Database) -> None:
    last = await import_two_schools()
    first = f"{ACCOUNTS}Lama@guru.sd.belajar.id,{ptk(1)},{NPSN},2022-01-01,\n"
    await import_accounts(first.encode(), "a.csv", T0)
    later = (
        f"{ACCOUNTS}lama@guru.sd.belajar.id,{ptk(1)},{NPSN},2022-01-01,2023-07-01\n"
        f"baru@guru.smp.belajar.id,{ptk(1)},{OTHER_NPSN},2023-07-01,\n"
        f"petugas@dinas.belajar.id,,,,\n"
        f"siapa@guru.sd.belajar.id,{ptk(7)},,,\n"
    )
    report = await import_accounts(later.encode(), "a.csv", T1)
    assert [item.fields for item in report.changed_items] == [("closed",)]
    assert [item.key for item in report.new_items] == ["baru@guru.smp.belajar.id", "petugas@dinas.belajar.id"]
    assert [problem.code for problem in report.problems] == ["account.person_unknown"]
    theft = f"{ACCOUNTS}baru@guru.smp.belajar.id,{ptk(2)},,,\n"
    report = await import_accounts(theft.encode(), "a.csv", T1)
    assert [problem.code for problem in report.problems] == ["account.address_taken"]
    accounts = await people_store.load_accounts(["baru@guru.smp.belajar.id"], pool())
    assert accounts["baru@guru.smp.belajar.id"].facts.ptk_id == ptk(1)
    assert await list_changes_since(last) == {("teacher", str(ptk(1)))}


async def test_changed_account_keeps_its_id(database: Database) -> None:
    await import_two_schools()
    await import_accounts(f"{ACCOUNTS}a@guru.sd.belajar.id,,,,\n".encode(), "a.csv", T0)
    before = await tables.Account.get(email="a@guru.sd.belajar.id")
    await import_accounts(f"{ACCOUNTS}a@guru.sd.belajar.id,{ptk(1)},,,\n".encode(), "a.csv", T1)
    after = await tables.Account.get(email="a@guru.sd.belajar.id")
    assert (after.id, after.ptk_id) == (before.id, ptk(1))


async def test_new_zone_puts_the_schools_of_its_province_in_the_feed(database: Database) -> None:
    last = await import_two_schools()
    await import_school(read_bundle(bundle(school=sekolah("99000003", provinsi="Prov. Bali"))), T0)
    last += 1
    report = await import_zones(ZONES.read_bytes(), "zones.csv", T0)
    assert len(report.new_items) == 38
    assert await list_changes_since(last) == {
        ("school", NPSN),
        ("school", OTHER_NPSN),
        ("school", "99000003"),
    }
    again = await import_zones(ZONES.read_bytes(), "zones.csv", T1)
    assert (again.new_items, again.changed_items, again.unchanged_count) == ((), (), 38)
    last += 3
    await import_zones(b"provinsi,zone\nBali,WIB\n", "zones.csv", T1)
    assert await list_changes_since(last) == {("school", "99000003")}
    assert (await people_store.load_zones(["bali"], pool()))["bali"].facts.zone == "Asia/Jakarta"
