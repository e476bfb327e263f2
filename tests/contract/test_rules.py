"""docs/rules.md keeps its word: the guide says so, and the test is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text()
GUIDE = (ROOT / "docs" / "domain" / "panduan.txt").read_text()
ROWS = re.findall(r"^\| „(.+)“ \| (.+) \|$", PAGE, re.MULTILINE)
PROOF = re.compile(r"`([\w/]+\.py)::(\w+)`")


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_page_has_a_row_for_each_rule() -> None:
    table = [
        line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| the guide")
    ]
    assert len(ROWS) == len(table) > 50


@pytest.mark.parametrize(("sentence", "proof"), ROWS)
def test_row_quotes_the_guide_and_names_existing_tests(sentence: str, proof: str) -> None:
    for part in sentence.split("…"):
        assert part.strip() in GUIDE
    proofs = PROOF.findall(proof)
    assert proofs
    assert PROOF.sub("", proof).replace("<br>", "") == "", "a row without a test"
    for path, name in proofs:
        assert name.startswith("test_")
        assert name in names_in(path)


def test_page_quotes_every_line_of_the_guide() -> None:
    quotes = [part.strip() for sentence, _ in ROWS for part in sentence.split("…")]
    quotes += re.findall(r"^- „(.+)“$", PAGE, re.MULTILINE)
    for line in GUIDE.splitlines():
        assert line.strip() in {"", "="} or any(part in line for part in quotes), line
