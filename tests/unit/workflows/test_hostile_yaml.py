"""Hostile YAML, such as deep or huge values, is read or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.cli import rencana
from services.planning.versions.proof import read_definition
from tests.unit.workflows.samples import dump_json, shipped_document
from workflows.files.loader import read_shipped
from workflows.model.findings import MAX_FINDINGS
from workflows.model.messages import load_messages

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{n}: &{n} [*{m}, *{m}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = [
    "[" * 20_000,
    "{a: " * 20_000,
    "- " * 30_000,
    "? " * 20_000,
    "? a\n" * 16_000,
    "".join(f"a{number}: 1\n" for number in range(7_000)),
    "[" * 500 + "]" * 500,
    "a: " + "9" * 60_000,
    "a: -" + "0" * 60_000,
    "a: 1e" + "9" * 400,
    "a: 0x" + "f" * 5_000,
    "a: !!python/object/apply:os.system ['true']",
    "a: !!int '9'",
    "a: &x 1\nb: *x\n",
    "<<: {format: 1}\nformat: 1\n",
    "%YAML 9.9\n---\na: 1\n",
    "--- a\n--- b\n",
    "a: \"\\UFFFFFFFF\"\n",
    "\ufeffformat: 1\n",
    LAUGHS,
    "a" * 70_000,
]  # fmt: skip


def check_source(source: bytes) -> None:
    """Read a text as a submitted draft."""
    definition, findings = read_definition(source)
    assert definition is not None or findings
    assert all(finding.code in load_messages() for finding in findings)
    assert len(findings) <= MAX_FINDINGS + 1


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_a_hostile_text_is_refused(text: str) -> None:
    definition, findings = read_definition(text.encode())
    assert definition is None
    assert findings


def list_paths(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(inner_path for key, value in inner for inner_path in list_paths(value, (*path, key)))]


PLACES = list_paths(shipped_document())[1:]
NUMBERS = st.sampled_from([0, -1, 2**31, 2**63, 10**15, 10**40, -(10**40)])
VALUES = st.one_of(
    NUMBERS,
    st.text(max_size=300),
    st.lists(st.just("submitted"), min_size=1, max_size=60),
    st.integers(1, 40).map(lambda depth: json.loads('{"not": ' * depth + '"may_plan"' + "}" * depth)),
    st.integers(1, 40).map(lambda width: {"any": [{"not": "may_plan"}, "tabs_complete"] * width}),
)


@given(st.sampled_from(PLACES), VALUES)
def test_a_definition_with_a_huge_or_deep_value_is_read_or_refused(
    place: tuple[Any, ...], value: object
) -> None:
    data = shipped_document()
    inner: Any = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    check_source(dump_json(data))


@given(st.integers(0, len(read_shipped()) - 1), st.binary(min_size=0, max_size=3), st.integers(0, 40))
def test_a_definition_with_changed_bytes_is_read_or_refused(
    place: int, replacement: bytes, length: int
) -> None:
    whole = read_shipped()
    check_source(whole[:place] + replacement + whole[place + length :])


@given(st.one_of(st.sampled_from(HOSTILE).map(str.encode), st.binary(max_size=200)))
def test_the_lint_command_prints_findings_and_exits_with_two(source: bytes) -> None:
    result = CliRunner().invoke(rencana, ["workflow", "lint", "-"], input=source)
    assert (result.exit_code, result.stdout) == (2, "")
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.count("\n") >= 3  # code, place and texts in two languages
