"""The strict YAML reader: values as they are written, or findings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflows.files.loader import load_definition
from workflows.files.reader import MAX_BYTES, read_document, read_mapping
from workflows.model.findings import DefinitionError, Finding

SCALARS = [
    ("on", "on"),
    ("yes", "yes"),
    ("No", "No"),
    ("True", "True"),
    ("true", True),
    ("false", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("12:30", "12:30"),
    ("2024-01-31", "2024-01-31"),
    ("0755", "0755"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    ("1e3", "1e3"),
    (".5", ".5"),
    (".inf", ".inf"),
    ("-7", -7),
    ("999999999999999", 999999999999999),
    ("1990010120150410", "1990010120150410"),
    ("1.5", 1.5),
    ("-0.25", -0.25),
    ("'1.10'", "1.10"),
    ('"true"', "true"),
    ("<<", "<<"),
    ("٣", "٣"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_a_plain_scalar_is_read_as_its_type(text: str, value: object) -> None:
    read_value = read_mapping(f"key: {text}\n").value["key"]
    assert (type(read_value), read_value) == (type(value), value)


def test_keys_that_yaml_1_1_reads_as_booleans_stay_text() -> None:
    assert read_mapping("on: 1\nyes: 2\n").value == {"on": 1, "yes": 2}


def test_block_texts_lists_and_quotes_are_read() -> None:
    text = 'a: |\n  one\n  two\nb: [x, {y: 1}]\nc: "Data \\"sesuai\\""\n'
    assert read_mapping(text).value == {"a": "one\ntwo\n", "b": ["x", {"y": 1}], "c": 'Data "sesuai"'}


INVALID_TEXTS: list[tuple[str | bytes, str, int | None]] = [
    ("a: 1\na: 2\n", "yaml.duplicate_key", 2),
    ("a:\n  b: 1\n  b: 2\n", "yaml.duplicate_key", 3),
    ("a: &x 1\n", "yaml.anchor", 1),
    ("a: 1\nb: *x\n", "yaml.anchor", 2),
    ("a: !!python/object:os.system x\n", "yaml.tag", 1),
    ("a: !!str 1\n", "yaml.tag", 1),
    ("a: ! x\n", "yaml.tag", 1),
    ("a: 1\n---\nb: 2\n", "yaml.documents", 2),
    ("%YAML 1.1\n---\na: 1\n", "yaml.directive", 1),
    ("%TAG ! tag:x,2000:\n---\na: 1\n", "yaml.directive", 1),
    ("1: a\n", "yaml.key_not_text", 1),
    ("true: a\n", "yaml.key_not_text", 1),
    ("? [a, b]\n: c\n", "yaml.key_not_text", 1),
    ("a: 1.10\n", "yaml.number_unclear", 1),
    ("a: 00.5\n", "yaml.number_unclear", 1),
    ("a: 9999999999999999999.0\n", "yaml.number_unclear", 1),
    ('a: "\\0"\n', "yaml.character", 1),
    ('a: "\\ud800"\n', "yaml.syntax", 1),
    ("a: \x07\n", "yaml.syntax", None),
    ('a: "\\UFFFFFFFF"\n', "yaml.syntax", 1),
    ("a: [1\n", "yaml.syntax", 2),
    ("a: 'x\n", "yaml.syntax", 2),
    ("\ta: 1\n", "yaml.syntax", 1),
    ("", "yaml.empty", 1),
    ("# nothing\n", "yaml.empty", 1),
    ("[a]\n", "yaml.mapping_expected", 1),
    ("just words\n", "yaml.mapping_expected", 1),
    (b"a: 1\nb: \xff\n", "yaml.encoding", 2),
    ("a: \ud800\n", "yaml.encoding", 1),
    ("a: " + "[" * 40 + "]" * 40, "yaml.too_deep", 1),
    ("[" * (MAX_BYTES - 1), "yaml.too_deep", 1),
    ("{a: " * 10_000, "yaml.too_deep", 1),
    ("%YAML " + "9" * 5000 + "." + "1\n---\na: 1\n", "yaml.syntax", 1),
    ("#" * (MAX_BYTES + 1), "yaml.too_large", None),
]


@pytest.mark.parametrize(
    ("text", "code", "line"), INVALID_TEXTS, ids=[f"{n}-{trap[1]}" for n, trap in enumerate(INVALID_TEXTS)]
)
def test_an_invalid_text_is_refused_with_its_code_and_line(
    text: str | bytes, code: str, line: int | None
) -> None:
    with pytest.raises(DefinitionError) as error:
        read_mapping(text)
    assert [(finding.code, finding.line) for finding in error.value.findings] == [(code, line)]


def test_several_mistakes_are_found_at_once() -> None:
    with pytest.raises(DefinitionError) as error:
        read_document("a: 1\na: 2\nb: !!str x\n")
    assert [finding.code for finding in error.value.findings] == ["yaml.duplicate_key", "yaml.tag"]


def test_a_caller_may_raise_the_size_limit() -> None:
    text = "a: " + "x" * MAX_BYTES
    assert len(read_mapping(text, limit=2 * MAX_BYTES).value["a"]) == MAX_BYTES


TOKENS = (
    *("a", ": ", "- ", "\n", "  ", "? ", "[", "]", "{", "}", ",", "&x ", "*x", "!", "!!str ", "|", ">", "%"),
    *("---\n", "...\n", '"', "'", "\\", "\\u", "#", "@", "`", "1", ".", "0", "-", "true", "null", "\t", "\r"),
    *("é", "\ufeff"),
)
YAMLISH = st.lists(st.sampled_from(TOKENS), max_size=60).map("".join)


@settings(max_examples=4 * settings().max_examples)
@given(st.binary(max_size=200) | st.text(max_size=200) | YAMLISH)
@example(b"\xff\xfea\x00")
@example("a: !<%ff> b")
@example('"\\xZZ"')
@example("\x00")
def test_any_bytes_are_read_or_refused(source: bytes | str) -> None:
    for reader in (read_document, read_mapping, load_definition):
        findings = read_findings(reader, source)
        assert all(finding.message("id") and finding.message("en") for finding in findings)


def read_findings(reader: Callable[[bytes | str], object], source: bytes | str) -> tuple[Finding, ...]:
    """The findings of a DefinitionError, or none if the text is read."""
    try:
        reader(source)
    except DefinitionError as error:
        return error.findings
    return ()
