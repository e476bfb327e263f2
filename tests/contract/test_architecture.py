"""docs/architecture.md shows exactly the import contracts that `make lint` proves."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]["contracts"]


def list_features(service: str) -> list[str]:
    table = PAGE.split(f"{service}, from the top to the ground:")[1].split("\n\n")[1]
    cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def list_layers(container: str) -> list[str]:
    layers = next(contract["layers"] for contract in CONTRACTS if contract.get("containers") == [container])
    return [name for layer in layers for name in re.findall(r"\w+", layer)]


@pytest.mark.parametrize("service", ["Planning", "Identity"])
def test_the_page_lists_the_features_in_the_order_of_the_contract(service: str) -> None:
    assert list_features(service) == list_layers(f"services.{service.lower()}")


def test_the_page_lists_every_contract() -> None:
    section = PAGE.split("`lint-imports` proves in `make lint`:")[1].split("\n\n")[1]
    assert re.findall(r"^- (.+)$", section, re.MULTILINE) == [contract["name"] for contract in CONTRACTS]


def test_every_module_that_the_page_names_exists() -> None:
    names = re.findall(r"`((?:\w+/)+\w+\.(?:py|sql))`", PAGE)
    places = [ROOT, ROOT / "services" / "planning"]
    assert len(names) > 15
    assert [name for name in names if not any((place / name).is_file() for place in places)] == []


def test_the_engine_loads_neither_linter_nor_proof_nor_diff_nor_files() -> None:
    code = "import sys, workflows.engine.decide, workflows.engine.timers; print(*sorted(sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    ours = {name.split(".")[1] for name in modules if name.startswith("workflows.")}
    assert ours == {"engine", "model"}
