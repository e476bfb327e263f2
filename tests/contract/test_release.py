"""`python -m devtools.release` writes versions, changelog and the released SDL, and refuses what breaks clients."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from devtools.release import CONTRACT, PACKAGES, RELEASED, find_faults, keep_contract, write_version
from tests.composed import ROOT

DAY = date(2027, 1, 31)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (*PACKAGES, CONTRACT, "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A field.\n")
    return tmp_path


def release(checkout: Path, version: str) -> None:
    assert find_faults(checkout, version, DAY) == []
    write_version(checkout, version, DAY)
    keep_contract(checkout)


def test_release_is_prepared(checkout: Path) -> None:
    before = {name: (checkout / name).read_text() for name in PACKAGES}
    release(checkout, "7.8.9")
    for name, text in before.items():
        assert (checkout / name).read_text() == text.replace("0.1.0", "7.8.9", 1)
    changelog = (checkout / "CHANGELOG.md").read_text()
    assert (
        changelog == "# Changelog\n\n## [Unreleased]\n\n## [7.8.9] - 2027-01-31\n\n### Added\n\n- A field.\n"
    )
    assert (checkout / RELEASED).read_bytes() == (checkout / CONTRACT).read_bytes()


@pytest.mark.parametrize("version", ["7.8.9", "7.8.8", "v8", "8.0", "08.0.0"])
def test_version_that_is_not_higher_is_refused(checkout: Path, version: str) -> None:
    release(checkout, "7.8.9")
    assert version in find_faults(checkout, version, DAY)[0]


def test_release_without_changes_is_refused(checkout: Path) -> None:
    release(checkout, "7.8.9")
    assert find_faults(checkout, "8.0.0", DAY) == ["CHANGELOG.md has nothing under [Unreleased]"]


def test_schema_that_breaks_clients_is_refused(checkout: Path) -> None:
    keep_contract(checkout)
    contract = checkout / CONTRACT
    contract.write_text(contract.read_text().replace("  ptkId: ID!\n", "  ptkID: ID!\n"))
    faults = find_faults(checkout, "8.0.0", DAY)
    assert faults
    assert all(fault.startswith("breaks clients: ") for fault in faults)
