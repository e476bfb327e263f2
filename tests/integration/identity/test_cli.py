from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click import Group
from click.testing import CliRunner, Result

from devtools.service_process import OPERATOR_ROLES, restrict_roles
from services.identity.cli.registry import accounts, dapodik, tugas_tambahan, zones
from services.identity.registry.dapodik_files import count_schools, read_schools
from services.identity.settings import PACKAGE
from services.kit.database import Database
from services.kit.problems import RequestRefused
from tests.conftest import Fresh
from tests.identity_samples import NPSN, OTHER_NPSN, PASSWORD, bundle, gtk, pengguna, ptk, sekolah
from tests.integration.identity.environment import dump_tables

GOOD = bundle(gtk(1), users=[pengguna(1)])
OTHER_SCHOOL = bundle(gtk(2), school=sekolah(OTHER_NPSN))


@pytest.mark.parametrize(
    ("name", "text", "npsns"),
    [
        ("one.json", json.dumps(GOOD), [NPSN]),
        ("one.json", json.dumps(GOOD, indent=2), [NPSN]),
        ("array.json", json.dumps([GOOD, OTHER_SCHOOL]), [NPSN, OTHER_NPSN]),
        ("lines.ndjson", f"{json.dumps(GOOD)}\n\n{json.dumps(OTHER_SCHOOL)}\n", [NPSN, OTHER_NPSN]),
        ("broken.jsonl", f"{{\n{json.dumps(OTHER_SCHOOL)}", [None, OTHER_NPSN]),
        ("lines.json", f"{json.dumps(GOOD)}\n{json.dumps(OTHER_SCHOOL)}\n", [NPSN, OTHER_NPSN]),
        ("broken.json", "{", [None]),
        ("half.json", json.dumps([5, OTHER_SCHOOL]), [None, OTHER_NPSN]),
        ("gaps.json", json.dumps({"0": GOOD, "2": OTHER_SCHOOL}), [NPSN, OTHER_NPSN]),
        ("empty.json", "{}", [None]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_file_is_a_bundle_an_array_or_ndjson(
    tmp_path: Path, name: str, text: str, npsns: list[str | None], encoding: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    read_npsns = [
        None if isinstance(bundle, RequestRefused) else bundle.school.npsn for _, bundle in read_schools(path)
    ]
    assert read_npsns == npsns
    assert count_schools(path) == len(npsns)


@pytest.mark.parametrize(
    ("data", "code"), [(b"PK\x03\x04" + bytes(9), "file.workbook"), (b"{\xff}", "file.encoding")]
)
def test_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "data.json").write_bytes(data)
    ((_, refusal),) = read_schools(tmp_path / "data.json")
    assert isinstance(refusal, RequestRefused)
    assert [problem.code for problem in refusal.problems] == [code]


@pytest.fixture
async def identity_url(fresh_url: Fresh, monkeypatch: pytest.MonkeyPatch) -> str:
    url = await fresh_url("services.identity")
    for name, value in restrict_roles({"RENCANA_IDENTITY_DATABASE_URL": url}, **OPERATOR_ROLES).items():
        monkeypatch.setenv(name, value)
    return url


@pytest.mark.usefixtures("identity_url")
async def test_import_commands_report_and_set_the_exit_code(tmp_path: Path) -> None:
    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    def run() -> list[Result]:
        runner = CliRunner()
        good = write("good.json", json.dumps(GOOD))
        bad = write("bad.json", json.dumps([bundle(gtk(1), gtk(3, nip=5)), OTHER_SCHOOL, {}]))
        plt = write(
            "plt.csv",
            f"ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst\n{ptk(1)},33,{OTHER_NPSN},SK,2024-01-01,\n",
        )
        people = write(
            "accounts.csv", f"email,ptk_id,npsn,opened,closed\ndua@guru.sd.belajar.id,{ptk(2)},,,\n"
        )
        return [
            runner.invoke(dapodik, ["import", good]),
            runner.invoke(dapodik, ["import", good, "--as-of", "2020-01-01"]),
            runner.invoke(dapodik, ["import", bad, "--report", "json", "--language", "en"]),
            runner.invoke(tugas_tambahan, ["import", plt]),
            runner.invoke(accounts, ["import", people]),
            runner.invoke(accounts, ["import", good]),
            runner.invoke(zones, ["import"]),
            runner.invoke(dapodik, ["token", NPSN]),
            runner.invoke(dapodik, ["token", NPSN, "--revoke"]),
            runner.invoke(dapodik, ["token", "123"]),
        ]

    results = await asyncio.to_thread(run)
    assert [result.exit_code for result in results] == [0, 2, 2, 0, 0, 2, 0, 0, 0, 2]
    assert not any(PASSWORD in result.output for result in results)
    assert results[0].stdout.startswith(
        f"{NPSN} SD NEGERI CONTOH 01: 3 new, 0 changed, 0 unchanged, 0 left, 0 refused\n"
    )
    assert "schools" in results[0].stderr
    assert "[import.older]" in results[1].stdout
    reports = [json.loads(line) for line in results[2].stdout.splitlines()]
    assert [(one["subject"], [bad["code"] for bad in one["refused"]]) for one in reports] == [
        (NPSN, ["identifier.number"]),
        (OTHER_NPSN, []),
        ("bad.json #3", ["bundle.no_school"]),
    ]
    assert "38 new" in results[6].stdout
    assert results[7].stdout.startswith("rencana_push_")
    assert results[8].stdout == "1 revoked\n"


@pytest.mark.usefixtures("identity_url")
async def test_report_names_people_schools_and_refused_values(tmp_path: Path) -> None:
    accounts_text = (
        "email,ptk_id,npsn,opened,closed\n"
        f"a13.uji@gmail.com,{ptk(1)},{NPSN},2022-01-10,\n"
        f"a8.uji\u200b@guru.sd.belajar.id,{ptk(1)},{NPSN},2022-01-10,\n"
        f"dua@guru.sd.belajar.id,{ptk(1)},99000077,,\n"
        "tiga@guru.sd.belajar.id,123,9,\u202ex,\n"
        f"empat@guru.sd.belajar.id,{ptk(1)},{NPSN},,\n"
    )
    decree = f"ptk_id,jabatan_ptk_id,npsn,nomor_sk,tmt,tst\n{ptk(1)},2,{NPSN},SK/1,2024-01-01,\n"

    def run(command: Group, name: str, text: str, *options: str) -> Result:
        (tmp_path / name).write_text(text)
        return CliRunner().invoke(command, ["import", str(tmp_path / name), "--language", "en", *options])

    school = await asyncio.to_thread(
        run, dapodik, "s.json", json.dumps(bundle(gtk(1), gtk(2, nip=5, nama="Ida\u202e")))
    )
    assert "  + teacher Guru Contoh 1\n" in school.stdout
    assert "! getGtk rows 1 nip (Ida) [identifier.number]" in school.stdout
    result = await asyncio.to_thread(run, dapodik, "s.json", json.dumps(bundle(gtk(3))))
    assert "  - teacher Guru Contoh 1\n" in result.stdout
    await asyncio.to_thread(run, dapodik, "s.json", json.dumps(bundle(gtk(1))))
    people = await asyncio.to_thread(run, accounts, "a.csv", accounts_text)
    assert people.exit_code == 2
    assert people.stdout.startswith("a.csv: 1 new, 0 changed, 0 unchanged, 4 refused\n")  # rows, not fields
    for line in (
        "! line 2 email “a13.uji@gmail.com” [account.domain] This address can never sign in",
        "! line 3 email “a8.uji\\u200b@guru.sd.belajar.id” [account.invisible] The address has the invisible character "
        "U+200B at position 7.",
        "! line 4 npsn “99000077” [account.school_unknown] School 99000077 is unknown.",
        "! line 5 ptk_id “123” [field.not_a_uuid]",
        "! line 5 opened “\\u202ex” [field.not_a_date]",
    ):
        assert line in people.stdout
    duty = await asyncio.to_thread(run, tugas_tambahan, "d.csv", decree)
    assert "+ tugas_tambahan Guru Contoh 1 SD NEGERI CONTOH 01 2 2024-01-01\n" in duty.stdout
    assert (
        "? line 2 jabatan_ptk_id (Guru Contoh 1) “2” [head.definitif_wrong_jenis] Guru Contoh 1 holds the post"
        in (duty.stdout)
    )
    again = await asyncio.to_thread(run, accounts, "a.csv", accounts_text, "--report", "json")
    report = json.loads(again.stdout)
    assert report["refused_rows"] == 4
    assert [one["value"] for one in report["refused"] if one["code"] == "account.domain"] == [
        "a13.uji@gmail.com"
    ]


@pytest.mark.parametrize("as_of", ["2024-01-05T03:00:01Z", "2031-01-01"])
@pytest.mark.parametrize("command", [dapodik, tugas_tambahan, accounts, zones])
async def test_data_from_the_future_are_refused(
    identity_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: Group, as_of: str
) -> None:
    monkeypatch.setenv("RENCANA_NOW", "2024-01-05T03:00:00Z")
    file = tmp_path / "good.json"
    file.write_text(json.dumps(GOOD))

    def import_bundle(as_of: str) -> Result:
        return CliRunner().invoke(command, ["import", str(file), "--as-of", as_of])

    refusal = (await asyncio.to_thread(import_bundle, as_of)).exception
    assert isinstance(refusal, RequestRefused)
    assert [(problem.code, problem.path) for problem in refusal.problems] == [("import.future", ("as_of",))]
    database = Database(identity_url, PACKAGE)
    await database.connect()
    with database.active():
        assert not any((await dump_tables()).values())
    await database.close()


@pytest.mark.usefixtures("identity_url")
async def test_data_of_now_are_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RENCANA_NOW", "2024-01-05T03:00:00Z")
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    arguments = ["import", str(tmp_path / "good.json"), "--as-of", "2024-01-05T03:00:00Z"]
    result = await asyncio.to_thread(CliRunner().invoke, dapodik, arguments)
    assert result.exit_code == 0


@pytest.mark.usefixtures("identity_url")
async def test_data_imported_under_a_clock_that_ran_ahead_are_replaced_and_older_ones_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    header, person = "email,ptk_id,npsn,opened,closed", f"a@guru.sd.belajar.id,{ptk(1)}"
    (tmp_path / "open.csv").write_text(f"{header}\n{person},,,\n")
    (tmp_path / "closed.csv").write_text(f"{header}\n{person},,,2024-01-01\n")

    def run(now: str, command: Group, name: str, *more: str) -> tuple[int, str]:
        monkeypatch.setenv("RENCANA_NOW", now)
        result = CliRunner().invoke(command, ["import", str(tmp_path / name), *more])
        return result.exit_code, result.stdout

    def run_all() -> list[tuple[int, str]]:
        ahead, now = "2034-01-15T02:00:00Z", "2024-01-15T02:00:00Z"
        return [
            run(ahead, dapodik, "good.json"),
            run(ahead, accounts, "open.csv"),
            run(now, dapodik, "good.json"),
            run(now, accounts, "closed.csv"),
            run(now, accounts, "open.csv", "--as-of", "2024-01-14"),
        ]

    _, _, bundle, closed, older = await asyncio.to_thread(run_all)
    assert (bundle[0], closed[0], older[0]) == (0, 0, 2)
    assert "[import.ahead]" in bundle[1]
    assert "[row.ahead]" in closed[1]
    assert "1 changed" in closed[1]
    assert "[row.older]" in older[1]
