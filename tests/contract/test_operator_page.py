"""The operator's page names every setting, and no other."""

from __future__ import annotations

import re

from services.identity.settings import IdentitySettings
from services.kit.environment_variables import secret_fields, variable_name
from services.planning.settings import PlanningSettings
from tests.composed import ROOT

PAGE = (ROOT / "docs/operator.md").read_text("utf-8")
KINDS = (IdentitySettings, PlanningSettings)


def test_page_has_every_setting_and_no_other() -> None:
    settings = {variable_name(name) for kind in KINDS for name in kind.model_fields}
    names = set(re.findall(r"\bRENCANA_[A-Z_]+\b", PAGE))
    assert {name.removesuffix("_FILE") for name in names} - {"RENCANA_X"} == settings


def test_page_marks_every_secret() -> None:
    rows = {name: line for line in PAGE.splitlines() if line.startswith("| `RENCANA_")
            for name in re.findall(r"RENCANA_[A-Z_]+", line)}  # fmt: skip
    for name in {variable_name(name) for kind in KINDS for name in secret_fields(kind)}:
        assert "*secret*" in rows[name], name
