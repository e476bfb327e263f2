from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click import Group
from click.testing import CliRunner, Result

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
    ],
)
def test_file_is_a_bundle_an_array_or_ndjson(
    tmp_path: Path, name: str, text: str, npsns: list[str | None]
) -> None:
    path = tmp_path / name
    path.write_text(text)
    read_npsns = [
        None if isinstance(bundle, RequestRefused) else bundle.school.npsn for _, bundle in read_schools(path)
    ]
    assert read_npsns == npsns
    assert count_schools(path) == len(npsns)


@pytest.fixture
async def identity_url(fresh_url: Fresh, monkeypatch: pytest.MonkeyPatch) -> str:
    url = await fresh_url("services.identity")
    monkeypatch.setenv("RENCANA_IDENTITY_DATABASE_URL", url)
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
    assert results[0].stdout.startswith(f"{NPSN}: 3 new, 0 changed, 0 unchanged, 0 left, 0 refused\n")
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
