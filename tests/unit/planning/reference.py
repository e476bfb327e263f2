"""The shipped files for tests, and changed copies of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import services.planning
from services.kit.problems import Messages, Problem
from services.planning.period import catalog_file, period_file
from services.planning.period.catalog import Catalog
from services.planning.period.model import ParameterDeclarations, Period, read_contract_values
from services.planning.settings import MESSAGE_FILES
from workflows.files.loader import load_shipped
from workflows.files.reader import read_mapping
from workflows.model.contract import ContractValues
from workflows.model.messages import format_value

PLANNING = Path(services.planning.__file__).parent
CATALOG = PLANNING / "data" / "catalog-2024-1.yaml"
PERIOD = PLANNING / "data" / "period-2024-1.yaml"

DECLARATIONS = ParameterDeclarations(load_shipped().params, load_shipped().contract.window.closes)


@cache
def catalog() -> Catalog:
    return catalog_file.load(CATALOG.read_bytes())


@cache
def period() -> Period:
    return load_period(PERIOD.read_bytes())


def contract_values(number: int) -> ContractValues:
    """Return the values of a revision of the shipped period under their meaning."""
    return read_contract_values(load_shipped(), period().revisions[number - 1])


def load_period(raw: bytes) -> Period:
    """Build the period of a file with the declarations of the shipped workflow."""
    return period_file.build_period(period_file.read(raw), DECLARATIONS)


def code_and_path(problem: Problem) -> tuple[str, str]:
    """Return code and path of a problem. Checks that both languages have a text with all its values."""
    texts = messages().text(problem, "id"), messages().text(problem, "en")
    assert len({problem.code, *texts}) == 3, problem.code
    assert "…" not in "".join(texts), problem.code
    return problem.code, ".".join(problem.path)


@cache
def messages() -> Messages:
    return Messages.load(*MESSAGE_FILES, format_value=format_value)


def dump_changed(path: Path, spoil: Callable[[Any], object]) -> bytes:
    """Return the file after `spoil` has changed its data. JSON is valid YAML."""
    data = read_mapping(path.read_bytes()).value
    spoil(data)
    return json.dumps(data, ensure_ascii=False).encode()
