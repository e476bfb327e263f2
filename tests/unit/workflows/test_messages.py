"""Every code of the workflow core has a text in Indonesian and English."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from workflows.engine.authority import AUTHORITIES
from workflows.engine.machine import REQUIREMENTS
from workflows.engine.predicates import PREDICATES
from workflows.files.reader import read_mapping
from workflows.model.messages import (
    MESSAGES_FILE,
    PHRASES_FILE,
    Language,
    format_message,
    load_messages,
    load_phrases,
)

PACKAGE = MESSAGES_FILE.parents[1]
CODE = re.compile(r'(?:Refusal|_refuse|Finding|fault|_find|_call)\([^"\n]*"([a-z]+\.[a-z_]+)"')


def declared_codes() -> set[str]:
    codes = {code for predicate in PREDICATES.values() for code in (*predicate.codes, predicate.negated_code)}
    return codes | {code for who in AUTHORITIES.values() for code in who.codes} | set(REQUIREMENTS.values())


def source_codes() -> set[str]:
    return {code for path in Path(PACKAGE).rglob("*.py") for code in CODE.findall(path.read_text())}


def test_every_code_in_the_source_has_a_text() -> None:
    assert source_codes() > {
        "window.closed",
        "lint.unreachable",
        "yaml.tag",
        "definition.twice",
        "value.missing",
    }
    examples = {code for code in load_phrases() if code.startswith("example.")}
    assert declared_codes() | source_codes() <= {*load_messages(), *examples}


def test_every_text_has_a_code_in_the_source() -> None:
    source = "".join(path.read_text() for path in Path(PACKAGE).rglob("*.py"))
    composed_codes = {f"value.{kind}_expected" for kind in ("bool", "int", "date")}
    composed_codes |= {f"lint.wrong_{kind}" for kind in ("bool", "int", "date", "head")}
    assert {code for code in load_messages() if f'"{code}"' not in source} == composed_codes


@pytest.mark.parametrize("code", load_messages())
def test_a_message_has_the_same_parameters_in_both_languages(code: str) -> None:
    text = load_messages()[code]
    assert set(text) == {"id", "en"}
    assert text["id"] != text["en"]
    assert all(sentence[-1] in ".?" and " " in sentence for sentence in text.values())
    params = [{name for _, name, _, _ in Formatter().parse(sentence) if name} for sentence in text.values()]
    assert params[0] == params[1]


@pytest.mark.parametrize("code", load_phrases())
def test_a_phrase_has_the_same_parameters_in_both_languages(code: str) -> None:
    both = (load_phrases()[code]["id"], load_phrases()[code]["en"])
    params = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in both]
    assert params[0] == params[1]


def test_every_condition_and_every_role_has_a_phrase() -> None:
    codes = {f"cond.{name}" for name in (*PREDICATES, "not", "any", "all", "value")}
    assert {code for code in load_phrases() if code.startswith("cond.")} == codes
    assert {f"who.{by.role}" for by in AUTHORITIES} == {
        code for code in load_phrases() if code.startswith("who.")
    }


def test_the_text_files_are_strict_yaml() -> None:
    assert read_mapping(MESSAGES_FILE.read_bytes()).value == load_messages()
    assert read_mapping(PHRASES_FILE.read_bytes()).value == load_phrases()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("id", "Perencanaan dibuka pada 1 Mei 2024. "), ("en", "Planning opens on 1 May 2024. ")],
)
def test_days_are_formatted_in_words(language: Language, sentence: str) -> None:
    assert format_message("window.not_open", {"opens": date(2024, 5, 1)}, language).startswith(sentence)


def test_missing_parameters_and_unknown_codes_are_formatted() -> None:
    assert "…" in format_message("window.not_open", {}, "en")
    assert format_message("praktik.missing", {}, "en") == "praktik.missing"
    instant = datetime(2024, 5, 1, 9, 5, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert "1 Mei 2024 pukul 09.05 WIB" in format_message("window.not_open", {"opens": instant}, "id")
    assert "1 May 2024 at 09:05 WIB" in format_message("window.not_open", {"opens": instant}, "en")
